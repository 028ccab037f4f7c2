// `keys.json`: the public keys that the exporting server says it signs with. For reading and for comparing with what one trusts
// already; a verifier takes nothing from it, because who forges a pack writes this file too.
import { z } from 'zod';
import { keyIdOf } from '../crypto.ts';
import type { Digest } from '../digest.ts';
import { digestOfKeys, KeySet } from '../keys/set.ts';
import { parseVkey } from '../log/note.ts';
import { parseBytes } from '../parse.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';

export const KEYS_FILE = 'keys.json';

export const PackKeys = z.strictObject({
  schema: z.literal('pack-keys/v0'),
  notice: z.literal('Not to be trusted because it is here. Compare with keys that you got another way.'),
  signing: z.array(
    z.strictObject({
      keyid: z.string().regex(/^[0-9a-f]{64}$/),
      class: z.enum(['dev', 'prod']),
      spki: z.string().startsWith('-----BEGIN PUBLIC KEY-----'),
    }),
  ),
  logs: z.array(z.strictObject({ vkey: z.string(), class: z.enum(['dev', 'prod']) })),
  /** The newest sealed list: every key there ever was, with its window and state. Absent where the store has none yet. */
  list: KeySet.optional(),
});
export type PackKeys = z.infer<typeof PackKeys>;

export const NOTICE: PackKeys['notice'] = 'Not to be trusted because it is here. Compare with keys that you got another way.';

export const keysText = (keys: PackKeys): string => `${JSON.stringify(keys, null, 2)}\n`;

export type ShownKeys = { readonly check: Check; readonly notProven: readonly string[] };

/**
 * Each key is the one that its own id names, and says of itself what the trust says of it. One that the reader does not know is
 * named and no more: after a rotation a server shows its new key beside events of the old one. `sealed`: the lists that the records
 * of the pack seal; what is shown as the list is one of them.
 */
export function checkKeysFile(bytes: Uint8Array, trust: Trust, sealed: ReadonlySet<Digest>): ShownKeys {
  const wrong = (detail: string): ShownKeys => ({ check: no(KEYS_FILE, 'PACK_INVALID', detail), notProven: [] });
  const parsed = parseBytes(PackKeys, bytes);
  if (!parsed.ok || new TextDecoder().decode(bytes) !== keysText(parsed.value))
    return wrong(`${KEYS_FILE} is not written as it is written`);
  const { signing, logs, list } = parsed.value;
  if (list !== undefined && !sealed.has(digestOfKeys(list)))
    return wrong('the list it shows is not one that a record here seals');
  const shown = [
    ...signing.map((key) => ({
      id: key.keyid,
      reads: isKey(key),
      own: key.class,
      known: classOf(trust.keys, 'keyid', key.keyid),
    })),
    ...logs.map(({ vkey, class: own }) => ({
      id: vkey,
      reads: parseVkey(vkey).ok,
      own,
      known: classOf(trust.logs ?? [], 'vkey', vkey),
    })),
  ];
  const odd = shown.find(({ reads, own, known }) => !reads || (known !== undefined && known !== own));
  if (odd !== undefined) return wrong(`${odd.id} is another key than its name says, or of another class than in your trust`);
  const strangers = shown.filter(({ known }) => known === undefined);
  return {
    check: yes(
      KEYS_FILE,
      `${shown.length} keys shown, ${shown.length - strangers.length} of them in your trust${list ? `; list ${list.version} of ${list.keys.length} keys, as sealed` : ''}`,
    ),
    notProven: strangers.map(({ id }) => `${KEYS_FILE}: whose key ${id.slice(0, 40)} is; your trust does not know it`),
  };
}

const classOf = <K extends 'keyid' | 'vkey'>(
  keys: readonly ({ readonly class: string } & Record<K, string>)[],
  by: K,
  id: string,
) => keys.find((key) => key[by] === id)?.class;

function isKey({ keyid, spki }: PackKeys['signing'][number]): boolean {
  try {
    return keyIdOf(spki) === keyid;
  } catch {
    // No key at all: it comes from what is being verified, so it is a no.
    return false;
  }
}
