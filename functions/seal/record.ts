// Seals a record at once: an act of one moment that waits for nobody. What is sealed is frozen first, so that a crash at any
// point leaves either nothing or something the next sweep finishes with the same hash.
import type { Digest, EventHash } from '../domain/digest.ts';
import { eachForItself } from '../domain/each.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { Predicate } from '../domain/event/statement.ts';
import { invariant } from '../domain/result.ts';
import { keys, RecordRow, SealRow } from '../domain/rows.ts';
import { blobKey } from '../domain/vault-keys.ts';
import type { Identified, Vault, World, Write } from '../ports.ts';
import { eventWrites, readSaid, storeSaid } from '../store.ts';
import { storeEnvelope } from './seal.ts';

/**
 * What becomes true with a record, written in the transaction that seals it. Read anew at each try: another writer may have
 * moved the registers meanwhile. A pure function of the record and the rows.
 */
export type Consequences = (world: World, predicate: Predicate, event: EventHash) => Promise<readonly Write[]>;

/** `predicate` is what stands under the id, which after a second try is the first one's. */
export type SealedRecord = { readonly event: EventHash; readonly predicate: Predicate; readonly repeated: boolean };

/**
 * What is said in one moment by one side, and sealed as it was said. Everything else is made by who seals from what several people said,
 * and compared with it: taken from a row as it stands, whoever may write rows could have any approval signed.
 */
const OF_ONE_MOMENT: ReadonlySet<Predicate['kind']> = new Set([
  ...(['driftFinding', 'suspension', 'canary', 'freeze', 'thaw', 'intentTransition', 'reattestation'] as const),
]);

/** A record may meet writers of the same head; each of them is done after one transaction. */
const MAX_TRIES = 16;

/** The key that verified somebody's sign-in: in the vault before any row names what they did. */
export const storeSignIn = (vault: Vault, { principal, jwk }: Identified) => vault.putOnce(blobKey(principal.auth.jwk), jwk);

/**
 * Freezes what is wanted under its id and seals it. The id names the act, without time and token: the same act again answers
 * the first, and of two acts that take one id the first stands.
 */
export async function sealRecord(world: World, id: Digest, wanted: Predicate, then: Consequences): Promise<SealedRecord> {
  const before = await rowOf(world, id);
  if (before === undefined) {
    const body: RecordRow = { id, record: await storeSaid(world.vault, wanted) };
    // A conflict is the same act sent twice at once.
    await world.index.commit([
      { kind: 'fact', key: keys.record(id, 'record'), body },
      { kind: 'register', key: keys.unsealed(id), body: {}, expected: 'absent' },
    ]);
  }
  const row = before ?? (await rowOf(world, id));
  invariant(row !== undefined, 'a record that was frozen has its row');
  return { ...(await finish(world, row, then)), repeated: before !== undefined };
}

/** What stands under an id and is sealed by now, or undefined: for who must answer again before looking at anything else. */
export async function recordAt(world: World, id: Digest, then: Consequences): Promise<SealedRecord | undefined> {
  const row = await rowOf(world, id);
  return row === undefined ? undefined : { ...(await finish(world, row, then)), repeated: true };
}

/** Every record that was frozen and not sealed: called by the sweep. */
export async function finishRecords(world: World, then: Consequences): Promise<void> {
  await eachForItself(await world.index.list(keys.unsealedPk), async ({ key }) => {
    const row = await rowOf(world, key.sk as Digest);
    if (row !== undefined) await finish(world, row, then);
  });
}

async function rowOf(world: World, id: Digest): Promise<RecordRow | undefined> {
  const row = await world.index.get(keys.record(id, 'record'));
  return row === undefined ? undefined : RecordRow.parse(row.body);
}

async function finish(world: World, { id, record }: RecordRow, then: Consequences) {
  if (world.sealer !== undefined && (await world.index.get(keys.record(id, 'seal'))) === undefined) {
    // It may have failed at something else than this.
    const [asked] = await Promise.allSettled([world.sealer.seal()]);
    if ((await world.index.get(keys.record(id, 'seal'))) === undefined) {
      const cause = asked?.status === 'rejected' ? { cause: asked.reason } : {};
      throw new InfrastructureError(`the record ${id} is frozen and not sealed yet`, { retryable: true, ...cause });
    }
  }
  const predicate = await readSaid(world.vault, record, Predicate);
  if (!OF_ONE_MOMENT.has(predicate.kind))
    throw new InfrastructureError(`a row has a ${predicate.kind} sealed as it stands: it is not sealed`, { retryable: false });
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const sealed = await world.index.get(keys.record(id, 'seal'));
    if (sealed !== undefined) return { event: SealRow.parse(sealed.body).eventHash, predicate };
    const { eventHash, key } = await storeEnvelope(world, predicate);
    const body = { request: null, key, kind: predicate.kind, outcome: null };
    const open = await world.index.get(keys.unsealed(id));
    const writes: Write[] = [
      { kind: 'fact', key: keys.record(id, 'seal'), body: { eventHash, key } satisfies SealRow },
      ...eventWrites(eventHash, body),
      ...(await then(world, predicate, eventHash)),
    ];
    if (open !== undefined) writes.push({ kind: 'clear', key: open.key, expected: open.revision });
    const outcome = await world.index.commit(writes);
    if (outcome.kind === 'committed') return { event: eventHash, predicate };
  }
  throw new InfrastructureError(`sealing the record ${id} met other writers`, { retryable: true });
}
