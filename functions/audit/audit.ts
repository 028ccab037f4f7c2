// Vault, index and log held against each other (evidence.md §4, the reconciler). What follows from an envelope is computed again
// from it and never taken from a row; what a row names is hashed again.
import { sameJson } from '../domain/canonical.ts';
import { digestOf, type EventHash, EventHash as EventHashText } from '../domain/digest.ts';
import { openEnvelope } from '../domain/event/envelope.ts';
import { isAct, type Predicate, parseStatement } from '../domain/event/statement.ts';
import { DecisionRow, EventRow, Head, KEYS_SEALED, keys, type RecordRow, ScreenRow, VoteRow } from '../domain/rows.ts';
import { blobKey, saidKey, voteObjectKey } from '../domain/vault-keys.ts';
import type { Index, Row, RowKey, Signer, Vault } from '../ports.ts';
import { factsOfRecord, factsOfSealed } from '../seal/facts.ts';
import { isOurs } from '../sealed.ts';

/** `orphanEnvelope`: signed by us for something that is decided, without its rows. `foreignEnvelope`: nothing here asked for it. */
type FaultKind =
  | 'orphanEnvelope'
  | 'unlogged'
  | 'foreignEnvelope'
  | 'rowWithoutObject'
  | 'rowDiffers'
  | 'hashMismatch'
  | 'leafWithoutEvent'
  | 'leafDiffers'
  | 'unindexed'
  | 'ledgerBroken'
  | 'revokedActive'
  | 'registryDiffers';

export type AuditFault = { readonly kind: FaultKind; readonly name: string; readonly detail: string };

/** What a crash leaves between two steps; the sweep finishes it. Anything else is damage or an attack, and people must look. */
const HEALS: ReadonlySet<FaultKind> = new Set(['orphanEnvelope', 'unlogged', 'unindexed']);

export const healsItself = ({ kind }: AuditFault): boolean => HEALS.has(kind);

export const rowName = ({ pk, sk }: RowKey): string => `${pk} / ${sk}`;

export type AuditWorld = { readonly vault: Pick<Vault, 'get' | 'list'>; readonly index: Index; readonly signer: Signer };

/** Every envelope against its rows, then every row against what it names. */
export async function auditSealed(
  world: AuditWorld,
  rows: Iterable<Row>,
  progress: (done: number) => void = () => undefined,
): Promise<{ faults: AuditFault[]; sealed: number }> {
  const faults: AuditFault[] = [];
  let done = 0;
  for (const folder of ['events/', 'records/'])
    for await (const key of world.vault.list(folder)) {
      faults.push(...(await faultsOfEnvelope(world, key)));
      progress(++done);
    }
  for (const row of rows) faults.push(...(await faultsOfRow(world, row)));
  return { faults, sealed: done };
}

async function faultsOfEnvelope(world: AuditWorld, key: string): Promise<AuditFault[]> {
  const bytes = (await world.vault.get(key)) ?? new Uint8Array();
  const opened = openEnvelope(bytes);
  const named = EventHashText.safeParse(`sha256:${key.split('/')[1]?.slice(0, 64)}`);
  if (!opened.ok || !named.success || opened.value.hash !== named.data)
    return [{ kind: 'hashMismatch', name: key, detail: 'its bytes are not what its name says' }];
  const { hash, payload } = opened.value;
  if (!isOurs(world.signer, bytes))
    return [
      {
        kind: 'foreignEnvelope',
        name: key,
        detail: 'its signature is of no key of this store, or of a stolen one, after the theft',
      },
    ];
  const statement = parseStatement(payload);
  if (!statement.ok) return [{ kind: 'hashMismatch', name: key, detail: 'it does not parse' }];
  const { predicate } = statement.value;
  const row = await world.index.get(keys.event(hash));
  if (row === undefined) return [await withoutRow(world, key, predicate)];
  return [...(await wrongRows(world, key, predicate, row)), ...(await unlogged(world, hash))];
}

async function withoutRow({ index }: AuditWorld, name: string, predicate: Predicate): Promise<AuditFault> {
  const asked =
    predicate.kind === 'promotion'
      ? (await index.get(keys.fact(predicate.requestId, 'decision'))) !== undefined &&
        (await index.get(keys.fact(predicate.requestId, 'seal'))) === undefined
      : await somethingIsBeingSealed(index, predicate);
  return asked
    ? { kind: 'orphanEnvelope', name, detail: 'signed, and its rows are not written yet' }
    : { kind: 'foreignEnvelope', name, detail: 'signed by the key of this store, and no row asked for it' };
}

/** Frozen and not sealed, of its kind: which of several it will be is for the sweep to say. */
async function somethingIsBeingSealed(index: Index, predicate: Predicate): Promise<boolean> {
  const { kind } = predicate;
  if (kind === 'start') return (await index.get(keys.activation)) === undefined;
  if (kind === 'policyActivation') {
    const active = await index.get(keys.activation);
    if (active === undefined) return true;
    return (await index.get(keys.successor((active.body as { event: EventHash }).event))) !== undefined;
  }
  if (kind === 'keyChange') {
    const [proposed, sealed] = [await index.list(keys.keysPk, 'proposed#'), await index.list(keys.keysPk, KEYS_SEALED)];
    return proposed.length > sealed.length;
  }
  return (await index.list(isAct(predicate) ? 'ACTING' : keys.unsealedPk)).length > 0;
}

/** What the envelope says, said again as rows: by the functions that wrote them. */
async function wrongRows({ index }: AuditWorld, key: string, predicate: Predicate, row: Row): Promise<AuditFault[]> {
  const promotion = predicate.kind === 'promotion' ? predicate : undefined;
  const body = { request: promotion?.requestId ?? null, key, kind: predicate.kind, outcome: promotion?.outcome ?? null };
  const wrong: AuditFault[] = sameJson(row.body, body)
    ? []
    : [{ kind: 'rowDiffers', name: rowName(row.key), detail: `the event in ${key} says otherwise` }];
  const hash = EventHashText.parse(row.key.pk.slice('EVENT#'.length));
  const sealed = promotion && { key: keys.fact(promotion.requestId, 'seal'), body: { eventHash: hash, key } };
  const follows = promotion ? factsOfSealed(promotion, hash) : factsOfRecord(predicate, hash);
  const facts = follows.flatMap((one) => (one.kind === 'fact' ? [one] : []));
  for (const fact of sealed ? [sealed, ...facts] : facts) {
    const found = await index.get(fact.key);
    if (found !== undefined && sameJson(found.body, fact.body)) continue;
    const how = found === undefined ? 'is missing' : 'says something else';
    wrong.push({ kind: 'rowDiffers', name: rowName(fact.key), detail: `follows from ${key} and ${how}` });
  }
  return wrong;
}

async function unlogged({ index }: AuditWorld, hash: EventHash): Promise<AuditFault[]> {
  if ((await index.get(keys.leaf(hash))) !== undefined) return [];
  return [{ kind: 'unlogged', name: hash, detail: 'sealed, and not in the log yet' }];
}

/** The objects that a row names, by digest or by key. */
function namedBy({ key: { pk, sk }, body }: Row): { key: string; digest?: string }[] {
  const blob = (digest: RecordRow['record']) => ({ key: blobKey(digest), digest });
  const said = body as Record<string, RecordRow['record']>;
  const words = (...names: string[]) =>
    names.flatMap((name) => (said[name] === undefined ? [] : [{ key: saidKey(said[name]), digest: said[name] }]));
  const of = (...names: string[]) => names.flatMap((name) => (said[name] === undefined ? [] : [blob(said[name])]));
  if (sk === 'event') return [{ key: EventRow.parse(body).key }];
  if (sk.startsWith('vote#')) {
    const { voteKey, vote } = VoteRow.parse(body);
    return [{ key: voteObjectKey(voteKey), digest: vote }];
  }
  if (sk === 'screen') return of(...Object.keys(ScreenRow.shape).filter((name) => name !== 'storedAt' && name !== 'expiresAt'));
  if (pk.startsWith('REQ#')) return of('payload', 'diff', 'routing');
  if (pk.startsWith('ACT#')) return [...words('proposal', 'consent'), ...of('screen')];
  if (pk.startsWith('RECORD#')) return words('record');
  if (pk === keys.keysPk) return words('record', 'consent');
  if (pk === keys.activation.pk) return words('proposal', 'confirmation');
  return pk === 'LOG' ? of('entries') : [];
}

async function faultsOfRow({ vault, index }: AuditWorld, row: Row): Promise<AuditFault[]> {
  const name = rowName(row.key);
  const faults: AuditFault[] = [];
  for (const { key, digest } of namedBy(row)) {
    const bytes = await vault.get(key);
    if (bytes === undefined) faults.push({ kind: 'rowWithoutObject', name, detail: `names ${key}, which the vault lacks` });
    else if (digest !== undefined && digestOf(bytes) !== digest)
      faults.push({ kind: 'hashMismatch', name: key, detail: `other bytes than ${name} names` });
  }
  if (row.key.sk === 'decision' && row.key.pk.startsWith('REQ#'))
    for (const voteKey of DecisionRow.parse(row.body).votes)
      if ((await index.get({ pk: row.key.pk, sk: `vote#${voteKey}` })) === undefined)
        faults.push({ kind: 'rowDiffers', name, detail: `counts the vote ${voteKey}, which has no row` });
  if (row.key.pk.startsWith('HEAD#') && row.key.sk === 'head') faults.push(...(await faultsOfHead(index, row)));
  return faults;
}

/** A head names an approval that is indexed. That it is the newest is what its revision decided. */
async function faultsOfHead(index: Index, row: Row): Promise<AuditFault[]> {
  const { incumbent } = Head.parse(row.body);
  if (incumbent === null) return [];
  const event = await index.get(keys.event(incumbent));
  const approved = event !== undefined && EventRow.parse(event.body).outcome === 'approved';
  return approved ? [] : [{ kind: 'rowDiffers', name: rowName(row.key), detail: `${incumbent} is no indexed approval` }];
}
