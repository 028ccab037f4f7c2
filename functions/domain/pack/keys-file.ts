// `keys.json`: the public keys that the exporting server says it signs with. For reading and for comparing with what one trusts
// already; a verifier takes nothing from it, because who forges a pack writes this file too.
import { z } from 'zod';
import { keyIdOf } from '../crypto.ts';
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
});
export type PackKeys = z.infer<typeof PackKeys>;

export const NOTICE: PackKeys['notice'] = 'Not to be trusted because it is here. Compare with keys that you got another way.';

export const keysText = (keys: PackKeys): string => `${JSON.stringify(keys, null, 2)}\n`;

/** Each key is the one that its own id names, and one that the reader trusts, class and all. */
export function checkKeysFile(bytes: Uint8Array, trust: Trust): Check {
  const parsed = parseBytes(PackKeys, bytes);
  if (!parsed.ok || new TextDecoder().decode(bytes) !== keysText(parsed.value))
    return no(KEYS_FILE, 'PACK_INVALID', `${KEYS_FILE} is not written as it is written`);
  const { signing, logs } = parsed.value;
  const known = trust.logs ?? [];
  const stranger =
    signing.find((key) => !isKey(key) || !trust.keys.some((own) => own.keyid === key.keyid && own.class === key.class))
      ?.keyid ??
    logs.find((log) => !parseVkey(log.vkey).ok || (known.length > 0 && !known.some((own) => own.vkey === log.vkey)))?.vkey;
  return stranger === undefined
    ? yes(KEYS_FILE, `${signing.length + logs.length} keys, those of your trust`)
    : no(KEYS_FILE, 'KEY_UNTRUSTED', `${KEYS_FILE} shows a key that you do not trust: ${stranger}`);
}

function isKey({ keyid, spki }: PackKeys['signing'][number]): boolean {
  try {
    return keyIdOf(spki) === keyid;
  } catch {
    // No key at all: it comes from what is being verified, so it is a no.
    return false;
  }
}
