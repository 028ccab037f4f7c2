// What people do together beside promotions (R58, R65): one proposes, people of the line approve over a frozen page. The same
// protocol as everywhere: vault before index, each act a fact, and the rest a pure function of facts (acts-seal.ts).

import { namedIn, renderActScreen } from '../approve/screen/act.ts';
import { readPromotion } from '../baseline.ts';
import {
  type ActConsent,
  type ActProposal,
  type ActTerms,
  actIdOf,
  MEANINGS,
  missingFor,
  problemsOfConsent,
} from '../domain/act.ts';
import { askedOf, problemsOfProposer } from '../domain/act-asked.ts';
import { type Actor, handleOf, type Principal, sameActor } from '../domain/actor.ts';
import { canonicalDigest } from '../domain/canonical.ts';
import { type Digest, type EventHash, hexOf } from '../domain/digest.ts';
import { isAbsent } from '../domain/event/statement.ts';
import { listsRequester, NOT_REGISTERED } from '../domain/line.ts';
import type { MissingSeats } from '../domain/quorum.ts';
import { fail, invariant, ok, type Problem, problem, type Result } from '../domain/result.ts';
import { type ActRow, keys, ServedRow } from '../domain/rows.ts';
import { problemsOfSignIn } from '../domain/step-up.ts';
import { laterOf } from '../domain/text.ts';
import { blobKey } from '../domain/vault-keys.ts';
import { policyInForce } from '../in-force.ts';
import type { DriveWorld } from '../packs.ts';
import type { Identified } from '../ports.ts';
import { lineOf } from '../route/pack.ts';
import { daysAfter } from '../steps/expire.ts';
import { readBlob, readHead, storeBytes, storeSaid } from '../store.ts';
import { type ActFile, countAct, readAct } from './seal.ts';
import { glassNamed, problemsOfTarget } from './target.ts';

/** One person's or pipeline's proposal. The same again, while it waits, answers the first. */
export async function proposeAct(world: DriveWorld, terms: ActTerms, proposer: Identified): Promise<Result<Digest>> {
  // Not the register alone: set back to an older policy, it could ask fewer people.
  const active = await policyInForce(world);
  if (!active.ok) return active;
  const pack = await world.packs.load(active.value.pack);
  const line = lineOf(pack, terms.line);
  if (line === null) return fail(problem('NOT_FOUND', '/line', NOT_REGISTERED));
  const { actor, auth } = proposer.principal;
  const wrong = [
    ...problemsOfProposer(pack.layered, line, terms.what, { actor, auth }),
    ...(actor.kind === 'service' && auth.roles.includes('pipeline') && !listsRequester(line, actor)
      ? [problem('REQUESTER_NOT_LISTED', '/line', `${actor.sub} is not among the requesters of this line`)]
      : []),
    ...(line.environments.some(({ name }) => name === terms.environment)
      ? []
      : [problem('NOT_FOUND', '/environment', NOT_REGISTERED)]),
  ];
  if (wrong.length > 0) return fail(...wrong);
  const asked = askedOf(pack.layered, line, terms.what, { actor, auth });
  if (asked.groups.length === 0) return fail(problem('HOLD', '/line', 'nobody is registered who could approve it'));
  const unfit = await problemsOfTarget(world, terms, (await readHead(world.index, terms.line, terms.environment)).head);
  if (unfit.length > 0) return fail(...unfit);

  const id = await freeId(world, terms, actor);
  if (typeof id === 'object') return ok(id.waits);
  const at = laterOf(world.clock.now(), active.value.at);
  const expiresAt = daysAfter(at, terms.what === 'breakGlass' ? 1 : pack.expiresAfterDays);
  const by = { meaning: MEANINGS[terms.what].proposed, actor, auth, at, expiresAt } as const;
  await freeze(world, id, { ...terms, schema: 'act-proposal/v0', pack: pack.digest, ...asked, ...by }, proposer);
  return ok(id);
}

/** The id of a new proposal, or the one that waits. What ran out may be proposed again, as another. */
async function freeId(world: DriveWorld, terms: ActTerms, actor: Actor): Promise<Digest | { waits: Digest }> {
  for (let attempt = 0; ; attempt++) {
    const id = actIdOf(terms, actor, attempt);
    const found = await readAct(world, id);
    if (found === undefined) return id;
    if (found.decision !== undefined || world.clock.now() < found.row.expiresAt) return { waits: id };
  }
}

async function freeze(world: DriveWorld, id: Digest, proposal: ActProposal, proposer: Identified): Promise<void> {
  await world.vault.putOnce(blobKey(proposal.auth.jwk), proposer.jwk);
  const record = await storeSaid(world.vault, proposal);
  const glass = proposal.what === 'revocation' ? await glassNamed(world, proposal.event) : undefined;
  const named = glass === undefined ? namedIn(proposal) : [];
  const versions = await Promise.all(
    named.map(async ({ event, as }) => {
      const { promotion } = await readPromotion(world.vault, event);
      invariant(!isAbsent(promotion.model), 'an approved promotion has its model');
      return { event, as, model: promotion.model, approvedAt: promotion.times.decidedAt };
    }),
  );
  const screen = await storeBytes(world.vault, renderActScreen({ proposal, record, versions, ...(glass ? { glass } : {}) }));
  const { line, environment, expiresAt } = proposal;
  const body: ActRow = { id, proposal: record, screen, line, environment, expiresAt };
  // A conflict is the same proposal sent twice at once: the first stands.
  await world.index.commit([
    { kind: 'fact', key: keys.act(id, 'proposal'), body },
    { kind: 'register', key: keys.acting(id), body: { id }, expected: 'absent' },
  ]);
}

const personKeyOf = ({ actor: { iss, sub } }: Principal): string => hexOf(canonicalDigest([iss, sub]));

const NO_SUCH = fail(problem('NOT_FOUND', '', 'no such proposal'));

/** The stored bytes; that they were served is on record before they leave. */
export async function serveAct(world: DriveWorld, id: Digest, reader: Identified): Promise<Result<Uint8Array>> {
  const found = await readAct(world, id);
  if (found === undefined) return NO_SUCH;
  const { actor } = reader.principal;
  if (actor.kind !== 'person') return fail(problem('PERSON_ONLY', '', 'a screen is shown to people'));
  const bytes = await readBlob(world.vault, found.row.screen);
  const body = { actor, screen: found.row.screen, servedAt: laterOf(world.clock.now(), found.proposal.at) };
  await world.index.commit([{ kind: 'fact', key: keys.actServed(id, personKeyOf(reader.principal)), body }]);
  return ok(bytes);
}

export type Consented = { readonly event: EventHash | null; readonly missing: readonly MissingSeats[] };

/** One person's approval; the last one that was missing decides. The same again answers what stands. */
export async function consentToAct(
  world: DriveWorld,
  id: Digest,
  screen: string | undefined,
  person: Identified,
): Promise<Result<Consented>> {
  const found = await readAct(world, id);
  if (found === undefined) return NO_SUCH;
  const mine = found.consents.some(({ actor }) => sameActor(actor, person.principal.actor));
  if (!mine) {
    const wrong = await problemsOfNow(world, found, screen, person.principal);
    if (wrong.length > 0) return fail(...wrong);
    await record(world, found, person);
  }
  const event = await countAct(world, id);
  if (event === 'moved')
    return fail(problem('STALE_COMPARISON', '', 'what is active, or is about to be, is no longer what was proposed'));
  const after = (await readAct(world, id)) ?? found;
  return ok({ event, missing: event === null ? missingFor(after.proposal, after.consents) : [] });
}

async function problemsOfNow(
  world: DriveWorld,
  { row, proposal, decision }: ActFile,
  screen: string | undefined,
  principal: Principal,
): Promise<Problem[]> {
  const problems = problemsOfConsent(proposal, principal);
  if (decision) problems.push(problem('TOO_LATE', '', `approved by others at ${decision.at}`));
  else if (world.clock.now() >= row.expiresAt)
    problems.push(problem('TOO_LATE', '', `the time to decide ended at ${row.expiresAt}`));
  const served = await world.index.get(keys.actServed(row.id, personKeyOf(principal)));
  if (served === undefined) problems.push(problem('SCREEN_NOT_SERVED', '/screen', 'open the page first'));
  if (screen !== row.screen) problems.push(problem('SCREEN_MISMATCH', '/screen', `on record is ${row.screen}`));
  const at = laterOf(world.clock.now(), proposal.at);
  if (problems.length === 0) problems.push(...problemsOfSignIn(proposal.stepUpMinutes, principal.auth, at));
  return problems;
}

async function record(world: DriveWorld, { row, proposal }: ActFile, { principal, jwk }: Identified): Promise<void> {
  const { actor, auth } = principal;
  const personKey = personKeyOf(principal);
  const served = ServedRow.parse((await world.index.get(keys.actServed(row.id, personKey)))?.body);
  const at = laterOf(world.clock.now(), served.servedAt);
  const consent: ActConsent = {
    schema: 'act-consent/v0',
    proposal: row.proposal,
    screen: row.screen,
    meaning: MEANINGS[proposal.what].approved,
    actor,
    auth,
    servedAt: served.servedAt,
    at,
  };
  await world.vault.putOnce(blobKey(auth.jwk), jwk);
  const body = { actor, consent: await storeSaid(world.vault, consent), at };
  // A conflict is this person's own, sent twice at once: the first stands.
  await world.index.commit([{ kind: 'fact', key: keys.actConsent(row.id, personKey), body }]);
}

/** What is asked for, beside its place. */
function wishOf(proposal: ActProposal) {
  const { what, reason } = proposal;
  const about = namedIn(proposal).map(({ event, as }) => ({ as, event }));
  const bytes = what === 'breakGlass' ? { root: proposal.root, manifest: proposal.manifest, hours: proposal.hours } : {};
  return { what, reason, about, ...bytes };
}

/** As the pages and the command tell it: ids, digests and handles; no names. */
export function actJson({ row, proposal, consents, decision, seal }: ActFile) {
  return {
    id: row.id,
    line: row.line,
    environment: row.environment,
    ...wishOf(proposal),
    screen: row.screen,
    proposedBy: handleOf(proposal.actor),
    expiresAt: row.expiresAt,
    approvedBy: consents.map(({ actor, at }) => ({ handle: handleOf(actor), at })),
    missing: decision ? [] : missingFor(proposal, consents).map(({ role, from, missing }) => ({ role, from, missing })),
    eventHash: seal?.eventHash ?? null,
  };
}
