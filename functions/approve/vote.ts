import { canonicalBytes, canonicalDigest } from '../domain/canonical.ts';
import { digestOf } from '../domain/digest.ts';
import { type Dossier, factsOf } from '../domain/dossier.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { stateOf } from '../domain/flow.ts';
import { parseBytes } from '../domain/parse.ts';
import { personalDataIn } from '../domain/personal-data.ts';
import { fail, ok, type Problem, problem, type Result } from '../domain/result.ts';
import type { Routing } from '../domain/routing.ts';
import { keys, type ScreenRow, type VoteRow } from '../domain/rows.ts';
import { problemsOfSignIn } from '../domain/step-up.ts';
import type { Instant } from '../domain/text.ts';
import { blobKey, voteObjectKey } from '../domain/vault-keys.ts';
import { type Ballot, meaningOf, Vote, voteKeyOf } from '../domain/vote.ts';
import type { Identified, World } from '../ports.ts';
import { nowFor, readDossier } from '../store.ts';
import { problemsOfAuthority } from './authority.ts';

export type Cast = { readonly vote: Vote; readonly repeated: boolean };

const CHOICES_THAT_APPROVE = new Set(['approve']);

/**
 * Takes one vote. The key is the request and the person (R13): the same ballot again answers the first vote, another ballot
 * is a conflict that carries it, never last-write-wins. The vote is in the vault before its row; the row decides races.
 */
export async function castVote(
  world: World,
  dossier: Dossier,
  routing: Routing,
  ballot: Ballot,
  voter: Identified,
): Promise<Result<Cast>> {
  const { actor, auth } = voter.principal;
  const { id } = dossier.request;
  const voteKey = voteKeyOf(id, actor);
  const stored = await storedVote(world, voteKey);
  if (stored !== undefined && dossier.votes.some((row) => row.voteKey === voteKey)) {
    world.workflow.wake(id);
    return answerAgain(stored, ballot);
  }

  const served = dossier.served.find((row) => row.actor.iss === actor.iss && row.actor.sub === actor.sub);
  const now = nowFor(world.clock, dossier);
  const problems = [
    ...problemsOfAuthority(actor, auth, dossier, routing),
    ...problemsOfState(dossier, now),
    ...problemsOfBallot(ballot, routing, dossier.screen, served?.screen),
  ];
  // Last and alone: who may not decide anyway is not sent to sign in again for nothing.
  if (problems.length === 0) problems.push(...problemsOfSignIn(routing.stepUpMinutes, auth, now));
  if (problems.length > 0 || served === undefined) return { ok: false, problems };
  // Bytes without a row: a crash between the two. What the person said first stands.
  const vote =
    stored ??
    buildVote(id, ballot, voter, { meaning: meaningOf(ballot.choice, routing.path), servedAt: served.servedAt, castAt: now });
  if (stored !== undefined && !sameBallot(stored, ballot)) return conflictWith(stored);

  const bytes = canonicalBytes(vote);
  await world.vault.putOnce(blobKey(auth.jwk), voter.jwk);
  const put = await world.vault.putOnce(voteObjectKey(voteKey), bytes);
  const first = put.kind === 'already' ? parseVote(put.bytes) : vote;
  if (!sameBallot(first, ballot)) return conflictWith(first);
  const firstBytes = put.kind === 'already' ? put.bytes : bytes;
  const taken = await take(world, id, { voteKey, vote: digestOf(firstBytes), castAt: first.castAt });
  world.workflow.wake(id);
  if (taken === 'late')
    return fail(problem('TOO_LATE', '', 'this request ended while you decided; your answer was not counted'));
  return ok({ vote: first, repeated: taken === 'repeated' || put.kind === 'already' });
}

/**
 * The row, unless the request was decided meanwhile. The open row moves with every vote and with the decision, so of a vote
 * and a decision that does not count it only one is written; a conflict with another vote is simply tried again.
 */
async function take(world: World, id: Vote['request'], row: VoteRow): Promise<'taken' | 'repeated' | 'late'> {
  for (;;) {
    const open = await world.index.get(keys.open(id));
    const now = await readDossier(world.index, id);
    if (now?.votes.some(({ voteKey }) => voteKey === row.voteKey)) return 'repeated';
    if (open === undefined || now?.decision !== undefined) return 'late';
    const outcome = await world.index.commit([
      { kind: 'fact', key: keys.vote(id, row.voteKey), body: row },
      { kind: 'register', key: open.key, body: open.body, expected: open.revision },
    ]);
    if (outcome.kind === 'committed') return 'taken';
  }
}

function buildVote(
  request: Vote['request'],
  ballot: Ballot,
  voter: Identified,
  said: Pick<Vote, 'meaning' | 'servedAt' | 'castAt'>,
): Vote {
  const { actor, auth } = voter.principal;
  return {
    ...ballot,
    schema: 'vote/v1',
    request,
    ...said,
    actor,
    auth,
    assertion: null,
  };
}

function problemsOfState(dossier: Dossier, now: Instant): Problem[] {
  const { decision, screen } = dossier;
  if (decision) return [problem('TOO_LATE', '', `this request ended as ${decision.outcome} at ${decision.decidedAt}`)];
  const state = stateOf(factsOf(dossier));
  if (state === 'needsRationale') return [problem('RATIONALE_MISSING', '', 'nobody has written why yet')];
  if (state !== 'voting') return [problem('NOT_WAITING', '', `it is ${state}`)];
  if (screen?.expiresAt && now >= screen.expiresAt)
    return [problem('TOO_LATE', '', `the time to decide ended at ${screen.expiresAt}`)];
  return [];
}

function problemsOfBallot(
  ballot: Ballot,
  routing: Routing,
  screen: ScreenRow | undefined,
  served: string | undefined,
): Problem[] {
  const problems: Problem[] = personalDataIn(ballot);
  if (served === undefined) problems.push(problem('SCREEN_NOT_SERVED', '/screen', 'open the request first'));
  if (screen !== undefined && ballot.screen !== screen.screen) {
    problems.push(problem('SCREEN_MISMATCH', '/screen', `on record is ${screen.screen}`));
  }
  if (!CHOICES_THAT_APPROVE.has(ballot.choice)) return problems;
  const checked = new Set(ballot.criteria.filter((criterion) => criterion.checked).map((criterion) => criterion.code));
  for (const code of new Set(routing.findings.map((finding) => finding.code))) {
    if (!checked.has(code)) problems.push(problem('CRITERIA_INCOMPLETE', '/criteria', `${code} fired and is not ticked`));
  }
  for (const hold of routing.holds) problems.push(problem('HOLD', '', `${hold.artefact} is missing (${hold.code})`));
  return problems;
}

/** What a person says is compared without nonce: a reloaded page is not another decision. */
const sameBallot = (vote: Vote, ballot: Ballot): boolean => saidIn(vote) === saidIn(ballot);

const saidIn = (said: Ballot | Vote): string =>
  canonicalDigest([said.screen, said.choice, said.criteria, said.rationale ?? null, said.conditions]);

const answerAgain = (vote: Vote, ballot: Ballot): Result<Cast> =>
  sameBallot(vote, ballot) ? ok({ vote, repeated: true }) : conflictWith(vote);

const conflictWith = (vote: Vote): Result<never> =>
  fail(problem('OTHER_ANSWER_STORED', '/choice', `your answer of ${vote.castAt} was ${vote.choice}; it stands`));

async function storedVote(world: World, voteKey: string): Promise<Vote | undefined> {
  const bytes = await world.vault.get(voteObjectKey(voteKey));
  return bytes === undefined ? undefined : parseVote(bytes);
}

function parseVote(bytes: Uint8Array): Vote {
  const parsed = parseBytes(Vote, bytes);
  if (parsed.ok) return parsed.value;
  throw new InfrastructureError(`a stored vote does not read back: ${parsed.problems[0]?.detail}`, { retryable: false });
}
