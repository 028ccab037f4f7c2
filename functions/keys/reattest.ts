// Honest events of a stolen key that nothing outside proves to be older than the theft. Each is looked up in what the store froze
// at the time and said once more under the key of today (domain/keys/reattestation.ts). What is not found stays refused.
import type { z } from 'zod';
import { consequencesOf } from '../consequences.ts';
import { canonicalDigest } from '../domain/canonical.ts';
import { type EventHash, eventHashOf } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { openEnvelope } from '../domain/event/envelope.ts';
import { parseStatement, sealedAt, statementBytes, statementOf } from '../domain/event/statement.ts';
import type { Reattestation } from '../domain/keys/reattestation.ts';
import { digestOfKeys } from '../domain/keys/set.ts';
import type { RequestId } from '../domain/request.ts';
import { EventRow, keys } from '../domain/rows.ts';
import type { Instant } from '../domain/text.ts';
import { envelopeKey, reattestedKey } from '../domain/vault-keys.ts';
import { journalWrites } from '../journal.ts';
import type { DriveWorld } from '../packs.ts';
import type { Signer } from '../ports.ts';
import { sealRecord } from '../seal/record.ts';
import { isOurs } from '../sealed.ts';
import { promotionFrom } from '../steps/seal.ts';
import { readDossier } from '../store.ts';
import { sealedKeys } from './keys.ts';

export type Reattested = { readonly again: readonly EventHash[]; readonly refused: readonly { key: string; why: string }[] };

type Row = z.infer<typeof EventRow>;
type Doubtful = { readonly key: string; readonly hash: EventHash; readonly by: string; readonly at: Instant };

/** Safe to run again at any point: what was said is answered, and put in its place if that is missing. */
export async function reattest(world: DriveWorld, reason: string): Promise<Reattested> {
  const newest = (await sealedKeys(world)).at(-1);
  const again: EventHash[] = [];
  const refused: { key: string; why: string }[] = [];
  // The oldest first: what an event was compared with must be ours before the comparison can be made again.
  const doubted = await doubtful(world);
  const journal = await eventsIn(world, new Set(doubted.map(({ hash }) => hash)));
  for (const { key, hash, by } of doubted) {
    const foundIn = await foundAgain({ ...world, signer: believing(world.signer, by, again) }, hash, key, journal);
    if (newest === undefined || foundIn === undefined) {
      refused.push({ key, why: 'nothing that was frozen here gives it: treat it as forged' });
      continue;
    }
    const wanted: Reattestation = {
      kind: 'reattestation',
      event: hash,
      keys: digestOfKeys(newest.record.keys),
      compromised: by,
      foundIn,
      reason,
      at: world.clock.now(),
    };
    const { event } = await sealRecord(world, canonicalDigest(['reattestation/v1', hash]), wanted, consequencesOf);
    const record = await world.vault.get(envelopeKey(event, null));
    if (record !== undefined) await world.vault.putOnce(reattestedKey(hash), record);
    again.push(hash);
  }
  return { again, refused };
}

/** Signed by a stolen key, and nothing shows yet that it is older than the theft; in the order of their own times. */
async function doubtful({ vault, signer }: DriveWorld): Promise<Doubtful[]> {
  const stolen = new Set((signer.former ?? []).flatMap(({ keyid, since }) => (since ? [keyid] : [])));
  const found: Doubtful[] = [];
  for (const folder of ['events/', 'records/'])
    for await (const key of vault.list(folder)) {
      const bytes = (await vault.get(key)) ?? new Uint8Array();
      const opened = openEnvelope(bytes);
      const by = opened.ok ? opened.value.envelope.signatures.find(({ keyid }) => stolen.has(keyid)) : undefined;
      if (!opened.ok || by === undefined || isOurs(signer, bytes)) continue;
      const statement = parseStatement(opened.value.payload);
      const at = statement.ok ? sealedAt(statement.value.predicate) : UNREADABLE;
      found.push({ key, hash: opened.value.hash, by: by.keyid, at });
    }
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Last: it is refused, and nothing rests on it. */
const UNREADABLE = '9999-12-31T23:59:59.999Z' as Instant;

const believing = (signer: Signer, stolen: string, again: readonly EventHash[]): Signer => ({
  ...signer,
  former: (signer.former ?? []).map((key) =>
    key.keyid === stolen ? { ...key, honest: new Set([...(key.honest ?? []), ...again]) } : key,
  ),
});

/** Rows of events as the journal has them. The index only follows it: there a row could have been put in. */
async function eventsIn({ vault }: DriveWorld, wanted: ReadonlySet<EventHash>): Promise<Map<EventHash, Row>> {
  const found = new Map<EventHash, Row>();
  if (wanted.size === 0) return found;
  const byKey = new Map([...wanted].map((hash) => [keys.event(hash).pk, hash]));
  for await (const write of journalWrites(vault)) {
    const hash = byKey.get(write.key.pk);
    if (hash !== undefined && write.kind === 'fact' && write.key.sk === keys.event(hash).sk)
      found.set(hash, EventRow.parse(write.body));
  }
  return found;
}

/** A promotion is made anew from its rows. Of other records the row of the event is what the journal kept. */
async function foundAgain(
  world: DriveWorld,
  hash: EventHash,
  key: string,
  journal: ReadonlyMap<EventHash, Row>,
): Promise<Reattestation['foundIn'] | undefined> {
  const row = journal.get(hash);
  if (row?.key !== key) return undefined;
  if (row.kind !== 'promotion') return 'journal';
  const dossier = row.request === null ? undefined : await readDossier(world.index, row.request as RequestId);
  if (dossier?.decision === undefined) return undefined;
  const made = await promotionFrom(world, dossier).catch(unlessFollows);
  return made !== undefined && eventHashOf(statementBytes(statementOf(made))) === hash ? 'rows' : undefined;
}

/** Compared with something forged, say: one such event is refused by name and holds up no other. A fault that may pass is one. */
function unlessFollows(error: unknown): undefined {
  if (error instanceof InfrastructureError && !error.retryable) return undefined;
  throw error;
}
