import type { z } from 'zod';
import { type Actor, type Principal, sameActor } from '../domain/actor.ts';
import { type Digest, digestOf } from '../domain/digest.ts';
import { listsRequester, type ModelLine } from '../domain/line.ts';
import { deceptivePaths } from '../domain/model.ts';
import { parseBytes } from '../domain/parse.ts';
import { personalDataIn } from '../domain/personal-data.ts';
import { PromotionRequest, type RequestId, requestIdOf, vaultDigestsOf } from '../domain/request.ts';
import { fail, ok, type Problem, problem, type Result } from '../domain/result.ts';
import { approvedRootPrefix, type Head, keys, LineFactRow, linePk, type RequestRow } from '../domain/rows.ts';
import { laterOf } from '../domain/text.ts';
import { blobKey } from '../domain/vault-keys.ts';
import { policyInForce } from '../in-force.ts';
import type { Identified, Index, Vault, World, Write } from '../ports.ts';
import { type Standing, standingHashes, standingOf } from '../standing.ts';
import { readDossier, readHead } from '../store.ts';
import { tooManyRows } from './rows.ts';

/** The lines of a pack, as model risk registered them. */
type Lines = { load(pack: Digest): Promise<{ readonly lines: ReadonlyMap<string, ModelLine> }> };

/** What the registry of the line, where one is connected, has to say; and what is to be remembered with the request. */
export type Registered = (request: PromotionRequest, id: RequestId) => Promise<Result<readonly Write[]>>;

type IntakeWorld = World & { readonly packs: Lines; readonly registered?: Registered };

export type Accepted = { readonly id: RequestId; readonly repeated: boolean };

/**
 * Freezes what a pipeline states (R6, R20). Nothing is believed but the bytes: the id is the hash of the content, the
 * requester is the token's, the time is ours. The same content again answers the same id.
 */
export async function receive(world: IntakeWorld, raw: Uint8Array, sender: Identified): Promise<Result<Accepted>> {
  const parsed = parseBytes(PromotionRequest, raw);
  const wrongSender = problemsOfSender(sender.principal);
  if (!parsed.ok) return { ok: false, problems: [...wrongSender, ...parsed.problems] };

  const request = parsed.value;
  const wrongPaths = deceptivePaths(request.model.files.map(({ path }) => path)).map(({ at, detail }) =>
    problem('INVALID_VALUE', `/model/files/${at}/path`, detail),
  );
  const wrong = [...wrongSender, ...wrongPaths, ...personalDataIn(request), ...tooManyRows(request)];
  if (wrong.length > 0) return { ok: false, problems: wrong };

  const id = requestIdOf(request);
  if (await world.index.get(keys.fact(id, 'request'))) {
    // The first answer may have been lost after the row was written, and its wake with it.
    world.workflow.wake(id);
    return ok({ id, repeated: true });
  }

  const missing = await missingBytes(world.vault, request);
  if (missing.length > 0) return { ok: false, problems: missing };

  const active = await policyInForce(world);
  if (!active.ok) return active;
  const { pack, at } = active.value;
  const unlisted = problemsOfLine((await world.packs.load(pack)).lines.get(request.line), sender.principal.actor);
  if (unlisted.length > 0) return fail(...unlisted);
  const { head } = await readHead(world.index, request.line, request.environment);
  const stale = problemsOfComparison(request, head);
  if (stale.length > 0) return { ok: false, problems: stale };

  const wrongOlder = await problemsOfSuperseding(world, request, sender.principal.actor);
  if (wrongOlder.length > 0) return { ok: false, problems: wrongOlder };

  const standing = await standingOf(world, request.line, request.environment);
  const wrongAnswers = problemsOfAnswers(request, standing);
  if (wrongAnswers.length > 0) return { ok: false, problems: wrongAnswers };

  const registered = (await world.registered?.(request, id)) ?? ok([]);
  if (!registered.ok) return registered;

  // Vault before index: a row never names bytes that are not there (write protocol, design §5).
  const payload = digestOf(raw);
  await world.vault.putOnce(blobKey(payload), raw);
  await world.vault.putOnce(blobKey(sender.principal.auth.jwk), sender.jwk);
  // A clock that was put back must not let a request stand before the policy it is routed under.
  const receivedAt = laterOf(world.clock.now(), at);
  const approvedIn = await approvedStages(world.index, request.line, request.model.root);
  const row: RequestRow = {
    id,
    line: request.line,
    environment: request.environment,
    payload,
    requester: sender.principal,
    receivedAt,
    comparedWith: request.comparedWith,
    pack,
    automatedSinceHuman: head.automatedSinceHuman,
    ...(approvedIn.length > 0 ? { approvedIn } : {}),
    standing: standingHashes(standing),
  };
  const outcome = await world.index.commit([
    { kind: 'fact', key: keys.fact(id, 'request'), body: row },
    {
      kind: 'register',
      key: keys.open(id),
      body: { line: row.line, environment: row.environment, receivedAt },
      expected: 'absent',
    },
    ...registered.value,
  ]);
  world.workflow.wake(id);
  // A conflict means that the same content arrived twice at once: the first one stands.
  return ok({ id, repeated: outcome.kind === 'conflict' });
}

/** Being a service of the same issuer is not enough: the issuer must say that this one announces promotions. */
const PIPELINE_ROLE = 'pipeline';

function problemsOfSender({ actor, auth }: Principal): Problem[] {
  if (actor.kind !== 'service')
    return [problem('SERVICE_ONLY', '', 'a promotion is announced by a pipeline, not by a person (R24)')];
  return auth.roles.includes(PIPELINE_ROLE)
    ? []
    : [problem('NOT_YOURS', '', `this service does not hold the role ${PIPELINE_ROLE}`)];
}

/** An unregistered line goes to the committee. */
function problemsOfLine(line: ModelLine | undefined, actor: Actor): Problem[] {
  const listed = line === undefined || listsRequester(line, actor);
  return listed ? [] : [problem('REQUESTER_NOT_LISTED', '/line', `${actor.sub} is not among the requesters of this line`)];
}

async function missingBytes(vault: Vault, request: PromotionRequest): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { pointer, digest } of vaultDigestsOf(request)) {
    if ((await vault.size(blobKey(digest))) === undefined) {
      problems.push(problem('BYTES_MISSING', pointer, `${digest} was not uploaded`));
    }
  }
  return problems;
}

/** Where this very model was approved before: one event for each environment, since one is proof enough. */
export async function approvedStages(index: Index, line: string, root: Digest): Promise<z.infer<typeof LineFactRow>[]> {
  const rows = await index.list(linePk(line), approvedRootPrefix(root));
  const found = new Map<string, z.infer<typeof LineFactRow>>();
  for (const { body } of rows) {
    const row = LineFactRow.parse(body);
    // An approval that was taken back opens no later stage.
    if ((await index.get(keys.revoked(row.event))) === undefined) found.set(row.environment, row);
  }
  return [...found.values()];
}

function problemsOfComparison(request: PromotionRequest, head: Head): Problem[] {
  const said = request.comparedWith;
  const check = (name: 'incumbent' | 'lastHumanApproved'): Problem[] =>
    said[name] === head[name]
      ? []
      : [
          problem(
            'STALE_COMPARISON',
            `/comparedWith/${name}`,
            `it is ${head[name] ?? 'null'} now, not ${said[name] ?? 'null'}`,
          ),
        ];
  return [...check('incumbent'), ...check('lastHumanApproved')];
}

/** Answered is what stands: a finding of another line, or one that was answered, would say more than is so. */
function problemsOfAnswers({ answers = [] }: PromotionRequest, { drift }: Standing): Problem[] {
  return answers.flatMap((hash, i) => {
    const pointer = `/answers/${i}`;
    if (answers.indexOf(hash) !== i) return [problem('INVALID_VALUE', pointer, 'named twice')];
    const stands = drift.some(({ event }) => event === hash);
    return stands ? [] : [problem('INVALID_VALUE', pointer, 'no drift finding of this name stands against this line')];
  });
}

/** Only who announced a request may replace it, and only for the same head: else anybody could end a committee's work. */
async function problemsOfSuperseding(world: World, request: PromotionRequest, actor: Actor): Promise<Problem[]> {
  if (request.supersedes === undefined) return [];
  const older = await readDossier(world.index, request.supersedes);
  if (older === undefined) return [problem('NOT_FOUND', '/supersedes', 'no such request')];
  if (!sameActor(older.request.requester.actor, actor))
    return [problem('NOT_YOURS', '/supersedes', 'announced by somebody else')];
  const sameHead = older.request.line === request.line && older.request.environment === request.environment;
  return sameHead ? [] : [problem('INVALID_VALUE', '/supersedes', 'a request for another line or environment')];
}
