// Putting a policy into force: a release is taken in, one person proposes it, another confirms, and the change is sealed.
// Both acts are frozen before anything is signed; whoever confirmed first is a fact, and the rest is a pure function of it.

import { readEvent } from './baseline.ts';
import {
  CONFIRM,
  Confirmation,
  PROPOSE,
  Proposal,
  problemsOfOwner,
  problemsOfPair,
  proposalIdOf,
  type Terms,
} from './domain/activation.ts';
import { handleOf, sameActor } from './domain/actor.ts';
import { type Digest, digestOf, type EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import type { PolicyActivation } from './domain/event/statement.ts';
import { RELEASE_SIGNATURE } from './domain/release.ts';
import { fail, ok, type Problem, problem, type Result } from './domain/result.ts';
import { ActivationRow, activatedPrefix, keys, ProposalRow, SuccessorRow } from './domain/rows.ts';
import { laterOf } from './domain/text.ts';
import type { Trust } from './domain/trust.ts';
import { blobKey, packKey } from './domain/vault-keys.ts';
import { policyInForce } from './in-force.ts';
import type { Identified, Index, Vault, World } from './ports.ts';
import type { Pack } from './route/pack.ts';
import { openRelease, RELEASE_FILES } from './route/release.ts';
import { storeEnvelope } from './seal/seal.ts';
import { eventWrites, readSaid, storeSaid } from './store.ts';

/** Keys whose releases may be put into force: configuration of the server, never part of a release. */
export type Desk = World & { readonly releases?: Trust };

type Reader = { readonly vault: Pick<Vault, 'get'>; readonly releases?: Trust };

/** A release as it lies in the vault, checked byte for byte against its signature. */
export async function readRelease({ vault, releases }: Reader, digest: Digest): Promise<Result<Pack>> {
  const files = new Map<string, Uint8Array>();
  for (const name of RELEASE_FILES) {
    const bytes = await vault.get(packKey(digest, name));
    if (bytes !== undefined) files.set(name, bytes);
  }
  if (!files.has(RELEASE_SIGNATURE)) return fail(problem('POLICY_NOT_UPLOADED', '/pack', `no release ${digest} is here`));
  return named(openRelease(files, releases), digest);
}

function named(opened: Result<Pack>, digest: Digest): Result<Pack> {
  if (!opened.ok || opened.value.digest === digest) return opened;
  return fail(problem('POLICY_BYTES_CHANGED', '/manifest.json', `this is the release ${opened.value.digest}`));
}

/**
 * Takes a release whose files were uploaded as blobs. Nothing is written under the pack's name before all of it is checked:
 * names are taken once, and a wrong file there could never be replaced. The signature is last: with it the release is here.
 */
export async function takeRelease(world: Desk, digest: Digest, files: ReadonlyMap<string, Digest>): Promise<Result<Digest>> {
  const bytes = new Map<string, Uint8Array>();
  for (const name of RELEASE_FILES) {
    const blob = files.get(name);
    const found = blob === undefined ? undefined : await world.vault.get(blobKey(blob));
    if (found !== undefined) bytes.set(name, found);
    else if (blob !== undefined) return fail(problem('BYTES_MISSING', `/files/${name}`, `${blob} was not uploaded`));
  }
  const opened = named(openRelease(bytes, world.releases), digest);
  if (!opened.ok) return opened;
  for (const [name, content] of bytes) await world.vault.putOnce(packKey(digest, name), content);
  const stored = await readRelease(world, digest);
  return stored.ok ? ok(digest) : stored;
}

export type Active = { readonly row: ActivationRow; readonly revision: number };

export async function activeOf(index: Index): Promise<Active | undefined> {
  const row = await index.get(keys.activation);
  return row === undefined ? undefined : { row: ActivationRow.parse(row.body), revision: row.revision };
}

const NOT_INITIALISED = fail(problem('NOT_INITIALISED', '', 'no policy is active'));

/** One person's proposal. The same again answers the first; another one may stand beside it until one is confirmed. */
export async function propose(world: Desk, terms: Terms, person: Identified): Promise<Result<Digest>> {
  const { actor, auth } = person.principal;
  const wrong = problemsOfOwner(person.principal);
  if (wrong.length > 0) return fail(...wrong);
  const active = await policyInForce(world);
  if (!active.ok) return active;
  const previous = active.value.event;
  const id = proposalIdOf(terms, previous, actor);
  if (await world.index.get(keys.proposal(id))) return ok(id);
  if (terms.pack === active.value.pack)
    return fail(problem('POLICY_ALREADY_ACTIVE', '/pack', `active since ${active.value.at}`));
  const unready = await problemsOfTerms(world, terms);
  if (unready.length > 0) return fail(...unready);

  await world.vault.putOnce(blobKey(auth.jwk), person.jwk);
  const schema = 'policy-proposal/v0';
  const proposal: Proposal = { ...terms, schema, previous, meaning: PROPOSE, actor, auth, at: world.clock.now() };
  const body = { id, proposal: await storeSaid(world.vault, proposal), previous, pack: terms.pack };
  // A conflict is the same proposal sent twice at once: the first stands.
  await world.index.commit([{ kind: 'fact', key: keys.proposal(id), body }]);
  return ok(id);
}

/** The release as it is now, and the report that people say they read. */
async function problemsOfTerms(world: Desk, { pack, whatIf }: Terms): Promise<Problem[]> {
  const release = await readRelease(world, pack);
  const report = whatIf === null || (await world.vault.size(blobKey(whatIf))) !== undefined;
  const missing = report ? [] : [problem('BYTES_MISSING', '/whatIf', `the report ${whatIf} was not uploaded`)];
  return [...(release.ok ? [] : release.problems), ...missing];
}

export type Waiting = { readonly id: Digest; readonly proposal: Proposal };

/** Proposals from the policy in force; older ones compare with something that no longer routes. */
export async function waitingProposals(world: World, active: Active): Promise<Waiting[]> {
  const rows = (await world.index.list(keys.activation.pk, 'proposal#')).map((row) => ProposalRow.parse(row.body));
  const current = rows.filter(({ previous }) => previous === active.row.event);
  return Promise.all(
    current.map(async ({ id, proposal }) => ({ id, proposal: await readSaid(world.vault, proposal, Proposal) })),
  );
}

/** The second person. Everything is checked again; then who confirmed is a fact that only one can write, and it is sealed. */
export async function confirm(world: Desk, id: Digest, person: Identified): Promise<Result<EventHash>> {
  const found = await world.index.get(keys.proposal(id));
  if (found === undefined) return fail(problem('NOT_FOUND', '', 'no such proposal'));
  const row = ProposalRow.parse(found.body);
  const proposal = await readSaid(world.vault, row.proposal, Proposal);
  const wrong = problemsOfPair(proposal, person.principal, proposal.authors);
  if (wrong.length > 0) return fail(...wrong);
  const before = await successorOf(world.index, row.previous);
  if (before !== undefined) return answerAgain(world, before, id, person);
  const unready = await problemsOfTerms(world, proposal);
  if (unready.length > 0) return fail(...unready);

  const { actor, auth } = person.principal;
  await world.vault.putOnce(blobKey(auth.jwk), person.jwk);
  // A clock that was put back must not let the second act stand before the first.
  const at = laterOf(world.clock.now(), proposal.at);
  const schema = 'policy-confirmation/v0';
  const confirmation: Confirmation = { schema, proposal: row.proposal, meaning: CONFIRM, actor, auth, at };
  const digest = await storeSaid(world.vault, confirmation);
  const body: SuccessorRow = { id, proposal: row.proposal, confirmation: digest, confirmer: actor, at };
  await world.index.commit([{ kind: 'fact', key: keys.successor(row.previous), body }]);
  const first = await successorOf(world.index, row.previous);
  return first === undefined ? NOT_INITIALISED : answerAgain(world, first, id, person);
}

async function successorOf(index: Index, event: EventHash): Promise<SuccessorRow | undefined> {
  const row = await index.get(keys.successor(event));
  return row === undefined ? undefined : SuccessorRow.parse(row.body);
}

/** What stands already: this person's own act is finished and answered; anybody else learns who was first. */
async function answerAgain(
  world: World,
  stands: SuccessorRow,
  id: Digest,
  { principal }: Identified,
): Promise<Result<EventHash>> {
  if (stands.id !== id) return fail(problem('POLICY_MOVED', '', `another release was confirmed at ${stands.at}`));
  if (!sameActor(stands.confirmer, principal.actor)) {
    const who = handleOf(stands.confirmer);
    return fail(problem('OTHER_ANSWER_STORED', '', `confirmed by ${who} at ${stands.at} already`));
  }
  await finishActivation(world);
  const proposal = await readSaid(world.vault, stands.proposal, Proposal);
  const activated = await world.index.list(keys.activation.pk, activatedPrefix(proposal.pack));
  const sealed = activated.map((row) => ActivationRow.parse(row.body)).find(({ at }) => at === stands.at);
  if (sealed === undefined) throw new InfrastructureError('the confirmed activation is not sealed yet', { retryable: true });
  return ok(sealed.event);
}

/** Seals what two people agreed on, if it is not sealed yet. Called by the second of them and by every sweep. */
export async function finishActivation(world: Desk): Promise<void> {
  const active = await activeOf(world.index);
  const successor = active === undefined ? undefined : await successorOf(world.index, active.row.event);
  if (active === undefined || successor === undefined) return;
  if (world.sealer !== undefined) return world.sealer.seal();
  const predicate = await predicateOf(world, active.row, successor);
  const { eventHash: event, key } = await storeEnvelope(world, predicate);
  const body: ActivationRow = { pack: predicate.pack, event, at: predicate.at };
  const outcome = await world.index.commit([
    ...eventWrites(event, { request: null, key, kind: predicate.kind, outcome: null }),
    { kind: 'fact', key: keys.activated(predicate.pack, event), body },
    { kind: 'register', key: keys.activation, body, expected: active.revision },
  ]);
  // A conflict means that another turn sealed it; the statement is a pure function of frozen rows, so it is the same event.
  if (outcome.kind === 'conflict' && (await world.index.get(keys.event(event))) === undefined)
    throw new InfrastructureError('the activation met another writer', { retryable: true });
}

/** Who seals need not be who confirmed: what was asked then is asked once more, as far as it can be. */
async function flawOf(world: Desk, row: SuccessorRow, said: Proposal, confirmation: Confirmation): Promise<string | undefined> {
  const [wrong] = problemsOfPair(said, confirmation, said.authors);
  if (wrong !== undefined) return wrong.detail;
  if (confirmation.proposal !== row.proposal) return 'another proposal was confirmed';
  const release = world.releases === undefined ? undefined : await readRelease(world, said.pack);
  return release?.ok === false ? release.problems[0]?.detail : undefined;
}

async function predicateOf(world: Desk, active: ActivationRow, successor: SuccessorRow): Promise<PolicyActivation> {
  const proposal = await readSaid(world.vault, successor.proposal, Proposal);
  const confirmation = await readSaid(world.vault, successor.confirmation, Confirmation);
  const flaw = await flawOf(world, successor, proposal, confirmation);
  if (flaw !== undefined)
    throw new InfrastructureError(`the policy ${proposal.pack} is not put into force: ${flaw}`, { retryable: false });
  const before = await readEvent(world, active.event);
  if (before?.predicate.kind !== 'policyActivation')
    throw new InfrastructureError(`${active.event} is no activation`, { retryable: false });
  const { pack, version, commit, authors, whatIf, previous, actor, auth, at } = proposal;
  const signature = 'not signed by the approver';
  const proposed = { act: 'proposed', meaning: PROPOSE, record: successor.proposal, actor, auth, at, signature } as const;
  const second = { actor: confirmation.actor, auth: confirmation.auth, at: confirmation.at, signature } as const;
  const confirmed = { act: 'confirmed', meaning: CONFIRM, record: successor.confirmation, ...second } as const;
  return {
    kind: 'policyActivation',
    pack,
    files: await filesOf(world.vault, pack),
    start: before.predicate.start,
    at: confirmation.at,
    change: { version, commit, authors, whatIf, previous, approvals: [proposed, confirmed] },
  };
}

/** What was checked before the confirmation, by digest; objects of the vault never change. */
async function filesOf(vault: Pick<Vault, 'get'>, pack: Digest): Promise<Record<string, Digest>> {
  const digests = RELEASE_FILES.map(async (name) => {
    const bytes = await vault.get(packKey(pack, name));
    if (bytes === undefined) throw new InfrastructureError(`the vault has lost ${name} of pack ${pack}`, { retryable: false });
    return [name, digestOf(bytes)] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}
