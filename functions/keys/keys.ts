// The store's own list of keys (keys.json): read from its sealed records, changed by a next one. What is frozen is finished by
// whoever opens the store next, before anything else is signed: so there is an old key or a new one, never neither.
import type { z } from 'zod';
import type { Digest, EventHash } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { openEnvelope } from '../domain/event/envelope.ts';
import { Predicate, sealedAt } from '../domain/event/statement.ts';
import { isSignedBy } from '../domain/event/verify-keys.ts';
import { type Key, KeyChange } from '../domain/keys/set.ts';
import { parseCheckpoint } from '../domain/log/checkpoint.ts';
import { Leaf, leafBytes } from '../domain/log/leaf.ts';
import { leafHash, rootOf } from '../domain/log/merkle.ts';
import { bundleKey, parseBundle, TILE_WIDTH } from '../domain/log/tile.ts';
import { cosignedBySome } from '../domain/log/witnessed.ts';
import { parseBytes } from '../domain/parse.ts';
import {
  ActDecisionRow,
  ActivationRow,
  KEYS_SEALED,
  KeysProposedRow,
  KeysSealedRow,
  keys,
  RecordRow,
  SuccessorRow,
} from '../domain/rows.ts';
import type { Instant } from '../domain/text.ts';
import type { Trust } from '../domain/trust.ts';
import { checkpointKey, envelopeKey } from '../domain/vault-keys.ts';
import { digestOfHash } from '../log/log.ts';
import type { FormerKey, Index, Signer, Vault, World, Write } from '../ports.ts';
import { storeEnvelope } from '../seal/seal.ts';
import { type OpenedEvent, openStored } from '../sealed.ts';
import { eventWrites, readDossier, readSaid, storeSaid } from '../store.ts';

type Reader = { readonly vault: Pick<Vault, 'get' | 'list'>; readonly index: Index };
type Writer = Pick<World, 'vault' | 'index' | 'signer'>;

export type SealedKeys = { readonly event: EventHash; readonly record: KeyChange; readonly envelope: Uint8Array };

/** Every list that was sealed, the first one first. */
export async function sealedKeys({ vault, index }: Reader): Promise<SealedKeys[]> {
  const found: SealedKeys[] = [];
  for (const row of await index.list(keys.keysPk, KEYS_SEALED)) {
    const { event } = KeysSealedRow.parse(row.body);
    const opened = asKeys(event, openStored(event, await vault.get(envelopeKey(event, null))));
    // A row that is gone or exchanged would bring back keys that went, or their windows.
    if (opened.record.keys.version !== found.length + 1)
      throw new InfrastructureError(`list ${found.length + 1} of the keys is not where it was: rebuild the index`, {
        retryable: false,
      });
    found.push({ event, ...opened });
  }
  return found;
}

function asKeys(event: EventHash, { envelope, predicate }: OpenedEvent) {
  if (predicate.kind === 'keyChange') return { record: predicate, envelope };
  throw new InfrastructureError(`a row names ${event} for a list of keys, which it is not`, { retryable: false });
}

export type PendingKeys = { readonly record: KeyChange; readonly signers: readonly string[] };

/** Frozen and not sealed: what a crash leaves. */
export async function pendingKeys({ vault, index }: Reader): Promise<PendingKeys | undefined> {
  const [last] = (await index.list(keys.keysPk, 'proposed#')).slice(-1);
  if (last === undefined) return undefined;
  const { record, signers } = KeysProposedRow.parse(last.body);
  const frozen = await readSaid(vault, record, KeyChange);
  return (await index.get(keys.keysSealed(frozen.keys.version))) === undefined ? { record: frozen, signers } : undefined;
}

/**
 * From here on the change happens, whatever crashes. Of two at once the first stands. Kept where no upload can put anything: else
 * whoever can write one row would have us sign a list with their key in it.
 */
export async function freezeKeys({ vault, index }: Writer, record: KeyChange, signers: readonly string[]): Promise<void> {
  const body: z.infer<typeof KeysProposedRow> = { record: await storeSaid(vault, record), signers: [...signers] };
  await index.commit([{ kind: 'fact', key: keys.keysProposed(record.keys.version), body }]);
}

/** Finishes what is pending with these keys at hand; nothing to do when nothing is. */
export async function finishKeys(world: Writer, atHand: readonly Signer[]): Promise<void> {
  const pending = await pendingKeys(world);
  if (pending === undefined) return;
  const signers = pending.signers.map((keyid) => {
    const signer = atHand.find((one) => one.keyid === keyid);
    if (signer !== undefined) return signer;
    throw new InfrastructureError(`a change of keys is not finished, and key ${keyid} for it is gone`, { retryable: false });
  });
  const { eventHash, key } = await storeEnvelope(world, pending.record, signers);
  const writes: Write[] = [
    { kind: 'fact', key: keys.keysSealed(pending.record.keys.version), body: { event: eventHash } },
    ...eventWrites(eventHash, { request: null, key, kind: 'keyChange', outcome: null }),
  ];
  // A conflict means that another process finished it: the hash is the same.
  await world.index.commit(writes);
}

/**
 * The keys before this one, believed because this one signed the list that names them. Of a stolen key only what witnesses had
 * seen before the theft is ours, and what was re-attested since.
 */
export async function formerKeys(store: Reader, signer: Signer): Promise<FormerKey[]> {
  const sealed = await sealedKeys(store);
  const newest = sealed.at(-1);
  if (newest === undefined) return [];
  const opened = openEnvelope(newest.envelope);
  if (!opened.ok || !isSignedBy(opened.value, signer))
    throw new InfrastructureError(`list ${newest.record.keys.version} of keys is not signed by ${signer.keyid}`, {
      retryable: false,
    });
  const former = newest.record.keys.keys.filter(({ keyid, algorithm }) => algorithm === 'p256' && keyid !== signer.keyid);
  const whole = [signer, ...former.filter(({ status }) => status !== 'compromised')];
  const again = former.some(({ status }) => status === 'compromised') ? await reattestedBy(store.vault, whole) : new Map();
  return Promise.all(
    former.map(async ({ keyid, spki, compromisedSince: since }) =>
      since === undefined
        ? { keyid, spki }
        : {
            keyid,
            spki,
            since,
            honest: new Set([...(await witnessedEvents(store.vault, sealed, keyid)), ...(again.get(keyid) ?? [])]),
          },
    ),
  );
}

async function witnessedEvents(vault: Reader['vault'], sealed: readonly SealedKeys[], keyid: string): Promise<EventHash[]> {
  const change = sealed.map(({ record }) => record.change).find((one) => one.what === 'compromise' && one.out === keyid);
  if (change?.what !== 'compromise' || change.witnessed === null) return [];
  const { size, root } = change.witnessed;
  const leaves: Leaf[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const bytes = await vault.get(bundleKey({ index, width }));
    const entries = bytes === undefined ? undefined : parseBundle(bytes, width);
    if (!entries?.ok) throw new InfrastructureError(`a file of the log before the theft is lost`, { retryable: false });
    leaves.push(...entries.value.map(leafIn));
  }
  if (digestOfHash(rootOf(leaves.map((leaf) => leafHash(leafBytes(leaf))))) !== root)
    throw new InfrastructureError(`the log of ${size} is not the one that witnesses had seen`, { retryable: false });
  return leaves.map(({ eventHash }) => eventHash);
}

function leafIn(entry: Uint8Array): Leaf {
  const leaf = parseBytes(Leaf, entry);
  if (leaf.ok) return leaf.value;
  throw new InfrastructureError('an entry of the log does not read', { retryable: false });
}

async function reattestedBy(vault: Reader['vault'], whole: readonly Pick<Key, 'keyid' | 'spki'>[]) {
  const found = new Map<string, EventHash[]>();
  for await (const key of vault.list('reattested/')) {
    const opened = openEnvelope((await vault.get(key)) ?? new Uint8Array());
    if (!opened.ok || !whole.some((one) => isSignedBy(opened.value, one))) continue;
    const { predicate } = openStored(opened.value.hash, await vault.get(key));
    if (predicate.kind !== 'reattestation') continue;
    found.set(predicate.compromised, [...(found.get(predicate.compromised) ?? []), predicate.event]);
  }
  return found;
}

/** The largest tree that a witness had cosigned before: its signature is checked, since whoever has the key may write files. */
export async function witnessedBefore(
  vault: Reader['vault'],
  since: Instant,
  witnesses: Trust['witnesses'],
): Promise<Extract<KeyChange['change'], { what: 'compromise' }>['witnessed']> {
  const folder = 'log/cosignatures/';
  const lines = new Map<number, string>();
  for await (const key of vault.list(folder)) {
    const size = Number(key.slice(folder.length).split('/')[0]);
    lines.set(size, (lines.get(size) ?? '') + new TextDecoder().decode(await vault.get(key)));
  }
  for (const [size, cosignatures] of [...lines].sort(([a], [b]) => b - a)) {
    const checkpoint = parseCheckpoint(`${new TextDecoder().decode(await vault.get(checkpointKey(size)))}${cosignatures}`);
    const seen = checkpoint.ok ? cosignedBySome(checkpoint.value, { witnesses }) : undefined;
    if (checkpoint.ok && seen !== undefined && seen < since) return { size, root: digestOfHash(checkpoint.value.root) };
  }
  return null;
}

/**
 * The earliest time in anything that is decided and not sealed: the window of the key that will seal it begins no later, else
 * every verifier would say that it was sealed before its key was in use.
 */
export async function oldestUnsealed({ vault, index }: Reader, now: Instant): Promise<Instant> {
  const times: Instant[] = [now];
  for (const { key } of await index.list('OPEN')) {
    const dossier = await readDossier(index, key.sk as Parameters<typeof readDossier>[1]);
    if (dossier?.decision) times.push(dossier.decision.decidedAt);
  }
  for (const { key } of await index.list(keys.unsealedPk)) {
    const row = await index.get(keys.record(key.sk as RecordRow['id'], 'record'));
    if (row !== undefined) times.push(sealedAt(await readSaid(vault, RecordRow.parse(row.body).record, Predicate)));
  }
  for (const { body } of await index.list('ACTING')) {
    const row = await index.get(keys.act((body as { id: Digest }).id, 'decision'));
    if (row !== undefined) times.push(ActDecisionRow.parse(row.body).at);
  }
  const active = await index.get(keys.activation);
  const next = active && (await index.get(keys.successor(ActivationRow.parse(active.body).event)));
  if (next) times.push(SuccessorRow.parse(next.body).at);
  return times.sort()[0] ?? now;
}
