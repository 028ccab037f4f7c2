// Honest events of a stolen key that nothing outside proves to be older than the theft. Each is looked up in what the store froze
// at the time and said once more under the key of today (domain/keys/reattestation.ts). What is not found stays refused.
import { consequencesOf } from './consequences.ts';
import { canonicalDigest } from './domain/canonical.ts';
import { type EventHash, eventHashOf } from './domain/digest.ts';
import { openEnvelope } from './domain/event/envelope.ts';
import { statementBytes, statementOf } from './domain/event/statement.ts';
import type { Reattestation } from './domain/keys/reattestation.ts';
import { digestOfKeys } from './domain/keys/set.ts';
import type { RequestId } from './domain/request.ts';
import { EventRow, keys } from './domain/rows.ts';
import { envelopeKey, reattestedKey } from './domain/vault-keys.ts';
import { sealedKeys } from './keys.ts';
import type { DriveWorld } from './packs.ts';
import { sealRecord } from './seal/record.ts';
import { isOurs } from './sealed.ts';
import { promotionFrom } from './steps/seal.ts';
import { readDossier } from './store.ts';

export type Reattested = { readonly again: readonly EventHash[]; readonly refused: readonly { key: string; why: string }[] };

/** Safe to run again at any point: what was said is answered, and put in its place if that is missing. */
export async function reattest(world: DriveWorld, reason: string): Promise<Reattested> {
  const newest = (await sealedKeys(world)).at(-1);
  const stolen = new Set((world.signer.former ?? []).flatMap(({ keyid, since }) => (since ? [keyid] : [])));
  const again: EventHash[] = [];
  const refused: { key: string; why: string }[] = [];
  for (const folder of ['events/', 'records/'])
    for await (const key of world.vault.list(folder)) {
      const bytes = (await world.vault.get(key)) ?? new Uint8Array();
      const opened = openEnvelope(bytes);
      const by = opened.ok ? opened.value.envelope.signatures.find(({ keyid }) => stolen.has(keyid)) : undefined;
      if (!opened.ok || by === undefined || isOurs(world.signer, bytes) || newest === undefined) continue;
      const { hash } = opened.value;
      const foundIn = await foundAgain(world, hash, key);
      if (foundIn === undefined) {
        refused.push({ key, why: 'nothing that was frozen here gives it: treat it as forged' });
        continue;
      }
      const wanted: Reattestation = {
        kind: 'reattestation',
        event: hash,
        keys: digestOfKeys(newest.record.keys),
        compromised: by.keyid,
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

/** A promotion is made anew from its rows. Of other records the row of the event is what the journal kept. */
async function foundAgain(world: DriveWorld, hash: EventHash, key: string): Promise<Reattestation['foundIn'] | undefined> {
  const found = await world.index.get(keys.event(hash));
  const row = found === undefined ? undefined : EventRow.parse(found.body);
  if (row?.key !== key) return undefined;
  if (row.kind !== 'promotion') return 'journal';
  const dossier = row.request === null ? undefined : await readDossier(world.index, row.request as RequestId);
  if (dossier?.decision === undefined) return undefined;
  const made = eventHashOf(statementBytes(statementOf(await promotionFrom(world, dossier))));
  return made === hash ? 'rows' : undefined;
}
