// Ending a version without a successor (R65): one proposes, people of the line and its tier approve over a frozen page. The
// same protocol as everywhere: vault before index, each act a fact, and the rest a pure function of facts (archive-seal.ts).
import { renderArchiveScreen } from './approve/screen/archive.ts';
import { type ArchiveFile, countArchive, readArchive } from './archive-seal.ts';
import { readPromotion } from './baseline.ts';
import { handleOf, type Principal, sameActor } from './domain/actor.ts';
import {
  ARCHIVE,
  type ArchiveConsent,
  type ArchiveProposal,
  type ArchiveTerms,
  archiveIdOf,
  CONSENT,
  problemsOfConsent,
} from './domain/archive.ts';
import { canonicalDigest } from './domain/canonical.ts';
import { type Digest, type EventHash, hexOf } from './domain/digest.ts';
import { isAbsent } from './domain/event/statement.ts';
import { archivePathOf, committeesOf, dutiesOf } from './domain/layers.ts';
import { groupsFor, listsRequester, type ModelLine, ownsLine, sitsFor } from './domain/line.ts';
import { missingSeats } from './domain/quorum.ts';
import { fail, invariant, ok, type Problem, problem, type Result } from './domain/result.ts';
import { type ArchiveRow, keys, ServedRow } from './domain/rows.ts';
import { problemsOfSignIn } from './domain/step-up.ts';
import { laterOf } from './domain/text.ts';
import { blobKey } from './domain/vault-keys.ts';
import { policyInForce } from './in-force.ts';
import type { DriveWorld } from './packs.ts';
import type { Identified } from './ports.ts';
import { lineOf, type Pack } from './route/pack.ts';
import { daysAfter } from './steps/expire.ts';
import { readBlob, readHead, storeBytes, storeJson } from './store.ts';

/** One person's or pipeline's proposal for the version active now. The same again, while it waits, answers the first. */
export async function proposeArchive(world: DriveWorld, terms: ArchiveTerms, proposer: Identified): Promise<Result<Digest>> {
  // Not the register alone: set back to an older policy, it could ask fewer people.
  const active = await policyInForce(world);
  if (!active.ok) return active;
  const pack = await world.packs.load(active.value.pack);
  const line = lineOf(pack, terms.line);
  if (line === null) return fail(problem('NOT_FOUND', '/line', 'model risk did not register this line'));
  const path = archivePathOf(pack.layered, line);
  const groups = groupsFor(committeesOf(pack.layered, line.line), path);
  const wrong = problemsOfProposer(line, pack, proposer.principal);
  if (wrong.length > 0) return fail(...wrong);
  if (!line.committees.some((one) => one.path === path))
    return fail(problem('HOLD', '/line', `nobody is registered for the ${path} path of this line`));
  const { head } = await readHead(world.index, terms.line, terms.environment);
  if (head.incumbent === null) return fail(problem('NOT_WAITING', '/environment', 'no version is active there'));
  if (head.incumbent !== terms.from) return fail(problem('STALE_COMPARISON', '/from', `active is ${head.incumbent}`));

  const id = await freeId(world, terms, proposer.principal);
  if (typeof id === 'object') return ok(id.waits);
  const { actor, auth } = proposer.principal;
  const at = laterOf(world.clock.now(), active.value.at);
  const expiresAt = daysAfter(at, pack.expiresAfterDays);
  const schema = 'archive-proposal/v0';
  const { tier } = line;
  const by = { meaning: ARCHIVE, actor, auth, at, expiresAt } as const;
  const { stepUpMinutes } = dutiesOf(pack.layered, line.line, path);
  const asked = { groups, ...(stepUpMinutes === undefined ? {} : { stepUpMinutes }) };
  await freeze(world, id, { ...terms, schema, pack: pack.digest, tier, ...asked, ...by }, proposer);
  return ok(id);
}

/** Whoever answers for the line, decides for it, or deploys it. Proposing alone ends nothing. */
function problemsOfProposer(line: ModelLine, pack: Pack, { actor, auth }: Principal): Problem[] {
  const service = actor.kind === 'service' && auth.roles.includes('pipeline');
  if (service && !listsRequester(line, actor))
    return [problem('REQUESTER_NOT_LISTED', '/line', `${actor.sub} is not among the requesters of this line`)];
  const may =
    actor.kind === 'service'
      ? service
      : ownsLine(line, { actor, auth }) || sitsFor(committeesOf(pack.layered, line.line), auth);
  return may ? [] : [problem('NOT_YOURS', '', 'proposed by its owner of record, its committees or its pipeline')];
}

/** The id of a new proposal, or the one that waits. What ran out may be proposed again, as another. */
async function freeId(world: DriveWorld, terms: ArchiveTerms, { actor }: Principal): Promise<Digest | { waits: Digest }> {
  for (let attempt = 0; ; attempt++) {
    const id = archiveIdOf(terms, actor, attempt);
    const found = await readArchive(world, id);
    if (found === undefined) return id;
    if (found.decision !== undefined || world.clock.now() < found.row.expiresAt) return { waits: id };
  }
}

async function freeze(world: DriveWorld, id: Digest, proposal: ArchiveProposal, proposer: Identified): Promise<void> {
  const { promotion } = await readPromotion(world.vault, proposal.from);
  invariant(!isAbsent(promotion.model), 'an approved promotion has its model');
  await world.vault.putOnce(blobKey(proposal.auth.jwk), proposer.jwk);
  const record = await storeJson(world.vault, proposal);
  const { model, times } = promotion;
  const screen = await storeBytes(world.vault, renderArchiveScreen({ proposal, record, model, approvedAt: times.decidedAt }));
  const { line, environment, from, expiresAt } = proposal;
  const body: ArchiveRow = { id, proposal: record, screen, line, environment, from, expiresAt };
  // A conflict is the same proposal sent twice at once: the first stands.
  await world.index.commit([
    { kind: 'fact', key: keys.archive(id, 'proposal'), body },
    { kind: 'register', key: keys.archiving(id), body: { id }, expected: 'absent' },
  ]);
}

const personKeyOf = ({ actor: { iss, sub } }: Principal): string => hexOf(canonicalDigest([iss, sub]));

const NO_SUCH = fail(problem('NOT_FOUND', '', 'no such proposal'));

/** The stored bytes; that they were served is on record before they leave. */
export async function serveArchive(world: DriveWorld, id: Digest, reader: Identified): Promise<Result<Uint8Array>> {
  const found = await readArchive(world, id);
  if (found === undefined) return NO_SUCH;
  const { actor } = reader.principal;
  if (actor.kind !== 'person') return fail(problem('PERSON_ONLY', '', 'a screen is shown to people'));
  const bytes = await readBlob(world.vault, found.row.screen);
  const body = { actor, screen: found.row.screen, servedAt: laterOf(world.clock.now(), found.proposal.at) };
  await world.index.commit([{ kind: 'fact', key: keys.archiveServed(id, personKeyOf(reader.principal)), body }]);
  return ok(bytes);
}

export type Consented = { readonly event: EventHash | null; readonly missing: readonly { role: string; missing: number }[] };

/** One person's approval; the last one that was missing ends the version. The same again answers what stands. */
export async function consentToArchive(
  world: DriveWorld,
  id: Digest,
  screen: string | undefined,
  person: Identified,
): Promise<Result<Consented>> {
  const found = await readArchive(world, id);
  if (found === undefined) return NO_SUCH;
  const mine = found.consents.some(({ actor }) => sameActor(actor, person.principal.actor));
  if (!mine) {
    const wrong = await problemsOfNow(world, found, screen, person.principal);
    if (wrong.length > 0) return fail(...wrong);
    await record(world, found, person);
  }
  const event = await countArchive(world, id);
  if (event === 'moved') return fail(problem('STALE_COMPARISON', '', 'another version became active, or is about to'));
  const after = (await readArchive(world, id)) ?? found;
  return ok({ event, missing: event === null ? missingSeats(after.proposal.groups, after.consents) : [] });
}

async function problemsOfNow(
  world: DriveWorld,
  { row, proposal, decision }: ArchiveFile,
  screen: string | undefined,
  principal: Principal,
): Promise<Problem[]> {
  const problems = problemsOfConsent(proposal, principal);
  if (decision) problems.push(problem('TOO_LATE', '', `approved by others at ${decision.at}`));
  else if (world.clock.now() >= row.expiresAt)
    problems.push(problem('TOO_LATE', '', `the time to decide ended at ${row.expiresAt}`));
  const served = await world.index.get(keys.archiveServed(row.id, personKeyOf(principal)));
  if (served === undefined) problems.push(problem('SCREEN_NOT_SERVED', '/screen', 'open the page first'));
  if (screen !== row.screen) problems.push(problem('SCREEN_MISMATCH', '/screen', `on record is ${row.screen}`));
  const at = laterOf(world.clock.now(), proposal.at);
  if (problems.length === 0) problems.push(...problemsOfSignIn(proposal.stepUpMinutes, principal.auth, at));
  return problems;
}

async function record(world: DriveWorld, { row }: ArchiveFile, { principal, jwk }: Identified): Promise<void> {
  const { actor, auth } = principal;
  const personKey = personKeyOf(principal);
  const served = ServedRow.parse((await world.index.get(keys.archiveServed(row.id, personKey)))?.body);
  const at = laterOf(world.clock.now(), served.servedAt);
  const consent: ArchiveConsent = {
    schema: 'archive-consent/v0',
    proposal: row.proposal,
    screen: row.screen,
    meaning: CONSENT,
    actor,
    auth,
    servedAt: served.servedAt,
    at,
  };
  await world.vault.putOnce(blobKey(auth.jwk), jwk);
  const body = { actor, consent: await storeJson(world.vault, consent), at };
  // A conflict is this person's own, sent twice at once: the first stands.
  await world.index.commit([{ kind: 'fact', key: keys.archiveConsent(row.id, personKey), body }]);
}

/** As the pages and the command tell it: ids, digests and handles; no names. */
export function archiveJson({ row, proposal, consents, decision, seal }: ArchiveFile) {
  return {
    id: row.id,
    line: row.line,
    environment: row.environment,
    from: row.from,
    reason: proposal.reason,
    screen: row.screen,
    proposedBy: handleOf(proposal.actor),
    expiresAt: row.expiresAt,
    approvedBy: consents.map(({ actor, at }) => ({ handle: handleOf(actor), at })),
    missing: decision
      ? []
      : missingSeats(proposal.groups, consents).map(({ role, from, missing }) => ({ role, from, missing })),
    eventHash: seal?.eventHash ?? null,
  };
}
