// From the consents to the sealed end of a version, and the recovery of both: called by the last who approves and by each sweep.
import { ArchiveConsent, ArchiveProposal, flawOf } from './domain/archive.ts';
import { sameJson } from './domain/canonical.ts';
import type { Digest, EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import type { Transition } from './domain/event/statement.ts';
import { archivePathOf, committeesOf, dutiesOf } from './domain/layers.ts';
import { groupsFor } from './domain/line.ts';
import { invariant } from './domain/result.ts';
import { ArchiveConsentRow, ArchiveDecisionRow, ArchiveRow, archivePk, EMPTY_HEAD, keys, SealRow } from './domain/rows.ts';
import { laterOf } from './domain/text.ts';
import { wasInForce } from './in-force.ts';
import type { DriveWorld } from './packs.ts';
import { lineOf } from './route/pack.ts';
import { storeEnvelope } from './seal/seal.ts';
import { eventWrites, readHead, readJsonBlob } from './store.ts';

type Consent = ArchiveConsent & { readonly digest: Digest };

/** All there is of one proposal; what people said is read from the vault. */
export type ArchiveFile = {
  readonly row: ArchiveRow;
  readonly proposal: ArchiveProposal;
  readonly consents: readonly Consent[];
  readonly decision?: ArchiveDecisionRow;
  readonly seal?: SealRow;
};

export async function readArchive(world: DriveWorld, id: Digest): Promise<ArchiveFile | undefined> {
  const rows = await world.index.list(archivePk(id));
  const named = (sk: string) => rows.find(({ key }) => key.sk === sk)?.body;
  const own = named('proposal');
  if (own === undefined) return undefined;
  const row = ArchiveRow.parse(own);
  const given = rows.filter(({ key }) => key.sk.startsWith('consent#')).map(({ body }) => ArchiveConsentRow.parse(body));
  const consents = await Promise.all(
    given.map(async ({ consent }) => ({ ...(await readJsonBlob(world.vault, consent, ArchiveConsent)), digest: consent })),
  );
  const [decision, seal] = [named('decision'), named('seal')];
  return {
    row,
    proposal: await readJsonBlob(world.vault, row.proposal, ArchiveProposal),
    consents: consents.sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    ...(decision === undefined ? {} : { decision: ArchiveDecisionRow.parse(decision) }),
    ...(seal === undefined ? {} : { seal: SealRow.parse(seal) }),
  };
}

/**
 * Counts, and ends the version when the quorum is there. That it is, and the reservation of the head, are one transaction: a
 * promotion decided meanwhile has reserved the head itself or moved it, and then this ends nothing (`moved`).
 */
export async function countArchive(world: DriveWorld, id: Digest): Promise<EventHash | 'moved' | null> {
  for (;;) {
    const file = await readArchive(world, id);
    invariant(file !== undefined, `there is a proposal ${id}`);
    if (file.decision !== undefined) return finishArchive(world, file);
    const { row, proposal, consents } = file;
    if (flawOf(proposal, row.screen, consents) !== undefined) return null;
    const { head, revision } = await readHead(world.index, row.line, row.environment);
    if (head.incumbent !== row.from || head.reservedBy !== null) return 'moved';
    const at = consents.reduce((latest, one) => laterOf(latest, one.at), world.clock.now());
    const body: ArchiveDecisionRow = { consents: consents.map(({ digest }) => digest), at };
    // A conflict is another turn's decision, or a head that just moved: read again.
    await world.index.commit([
      { kind: 'fact', key: keys.archive(id, 'decision'), body },
      {
        kind: 'register',
        key: keys.head(row.line, row.environment),
        body: { ...head, reservedBy: id },
        expected: revision,
      },
    ]);
  }
}

/** Envelope first, then one transaction: the event, the end of the version, an empty head. Safe to run again at any point. */
async function finishArchive(world: DriveWorld, file: ArchiveFile): Promise<EventHash> {
  if (file.seal !== undefined) return file.seal.eventHash;
  const { row } = file;
  const predicate = await predicateOf(world, file);
  const sealed = await storeEnvelope(world, predicate);
  const { head, revision } = await readHead(world.index, row.line, row.environment);
  const waiting = await world.index.get(keys.archiving(row.id));
  const event = { request: null, key: sealed.key, kind: predicate.kind, outcome: null };
  if (head.reservedBy === row.id) {
    const outcome = await world.index.commit([
      { kind: 'fact', key: keys.archive(row.id, 'seal'), body: sealed },
      ...eventWrites(sealed.eventHash, event),
      { kind: 'fact', key: keys.archived(row.from), body: { event: sealed.eventHash, at: predicate.at } },
      { kind: 'register', key: keys.head(row.line, row.environment), body: EMPTY_HEAD, expected: revision },
      ...(waiting ? [{ kind: 'clear' as const, key: waiting.key, expected: waiting.revision }] : []),
    ]);
    if (outcome.kind === 'committed') return sealed.eventHash;
  }
  // Another turn sealed it; the statement is a pure function of frozen rows, so it is the same event.
  const stored = await world.index.get(keys.archive(row.id, 'seal'));
  if (stored !== undefined && SealRow.parse(stored.body).eventHash === sealed.eventHash) return sealed.eventHash;
  throw new InfrastructureError(`archiving ${row.from} met another writer`, { retryable: true });
}

/** Rows could have been edited: who had to be asked and who approved is computed once more from the vault. */
async function predicateOf(world: DriveWorld, { row, proposal, consents, decision }: ArchiveFile): Promise<Transition> {
  invariant(decision !== undefined, 'decided before sealed');
  const counted = consents.filter(({ digest }) => decision.consents.includes(digest));
  // Pointed at a signed pack of another time, the rows could let fewer people end a version.
  const inForce = await wasInForce(world, proposal.pack, proposal.at);
  const pack = await world.packs.load(proposal.pack);
  const line = lineOf(pack, proposal.line);
  const path = line && archivePathOf(pack.layered, line);
  const asked = line && path && groupsFor(committeesOf(pack.layered, line.line), path);
  const minutes = line && path && dutiesOf(pack.layered, line.line, path).stepUpMinutes;
  const flaw =
    counted.length !== decision.consents.length || counted.some((one) => one.proposal !== row.proposal)
      ? 'other consents than were counted'
      : inForce && sameJson(asked, proposal.groups) && minutes === proposal.stepUpMinutes
        ? flawOf(proposal, row.screen, counted)
        : 'others were asked than line and tier demand under the policy of that day';
  if (flaw !== undefined || proposal.from !== row.from)
    throw new InfrastructureError(`archiving ${row.from}: ${flaw ?? 'another version'}; it is not sealed`, {
      retryable: false,
    });
  const { line: name, environment, from, reason, tier, groups, meaning, actor, auth, at, expiresAt } = proposal;
  return {
    kind: 'transition',
    scope: { line: name, environment },
    from,
    to: null,
    reason,
    tier,
    pack: proposal.pack,
    groups,
    ...(proposal.stepUpMinutes === undefined ? {} : { stepUpMinutes: proposal.stepUpMinutes }),
    proposed: { record: row.proposal, meaning, actor, auth, at },
    screen: row.screen,
    approvals: counted.map((one) => ({
      record: one.digest,
      meaning: one.meaning,
      actor: one.actor,
      auth: one.auth,
      servedAt: one.servedAt,
      at: one.at,
      signature: 'not signed by the approver',
    })),
    expiresAt,
    at: decision.at,
  };
}

/** Proposals not at their end, oldest rows first by id. */
export async function openArchives(world: DriveWorld): Promise<ArchiveFile[]> {
  const rows = await world.index.list('ARCHIVING');
  const files = await Promise.all(rows.map(({ body }) => readArchive(world, (body as { id: Digest }).id)));
  return files.filter((file) => file !== undefined);
}

/** Finishes what a crash left, and lets go of what ran out or speaks of a version that is no longer active. */
export async function sweepArchives(world: DriveWorld): Promise<void> {
  for (const { row, decision } of await openArchives(world)) {
    const counted = await countArchive(world, row.id);
    if (counted !== null && counted !== 'moved') continue;
    const { head } = await readHead(world.index, row.line, row.environment);
    const over = decision === undefined && (head.incumbent !== row.from || world.clock.now() >= row.expiresAt);
    const waiting = over ? await world.index.get(keys.archiving(row.id)) : undefined;
    if (waiting) await world.index.commit([{ kind: 'clear', key: waiting.key, expected: waiting.revision }]);
  }
}
