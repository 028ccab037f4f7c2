// What clients, operators and time do to the servers. Each is short, and all of them run at once; a client that hears nothing, or
// hears of a fault, sends the same again, to whichever server.
import fc from 'fast-check';
import { giveRationale } from '../../../functions/approve/rationale.ts';
import { serveScreen } from '../../../functions/approve/serve-screen.ts';
import { castVote } from '../../../functions/approve/vote.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import type { PromotionRequest, RequestId } from '../../../functions/domain/request.ts';
import { type Ballot, voteKeyOf } from '../../../functions/domain/vote.ts';
import { receive } from '../../../functions/intake/intake.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { cosign, type Witness } from '../../../functions/log/cosign.ts';
import type { DriveWorld } from '../../../functions/packs.ts';
import type { Identified } from '../../../functions/ports.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { readDossier } from '../../../functions/store.ts';
import { suspend } from '../../../functions/suspend.ts';
import { WHY } from '../promote.ts';
import { OLIVIA, PLACE, REASON } from '../standing.ts';
import { ALICE, BOB, CAROL, DAVE, ERIN, identified, PIPELINE, signedInNow } from '../world.ts';
import type { Server } from './servers.ts';
import type { Watcher } from './watcher.ts';

const FRANK = identified('person', 'person-frank', ['model-risk@retail-credit']);
const RITA = identified('person', 'person-rita', ['model-risk-reviewer@retail-credit']);
const VOTERS = [ALICE, BOB, CAROL, FRANK, DAVE, RITA];
const CHOICES: readonly Ballot['choice'][] = ['approve', 'approve', 'approve', 'approve', 'reject', 'return', 'abstain'];

/** `on`: which of the servers. `which`: which of the requests that are known by then. */
export type Command =
  | { readonly do: 'announce'; readonly template: number; readonly on: number }
  | { readonly do: 'explain'; readonly which: number; readonly on: number }
  | { readonly do: 'vote'; readonly which: number; readonly voter: number; readonly choice: number; readonly on: number }
  | { readonly do: 'rush'; readonly which: number; readonly said: readonly (readonly [number, number])[]; readonly on: number }
  | { readonly do: 'sweep' | 'append' | 'cosign' | 'crash' | 'suspend'; readonly on: number }
  | { readonly do: 'wait'; readonly hours: number };

const on = fc.nat(2);
const which = fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(5) });
const voter = fc.nat(VOTERS.length - 1);
const choice = fc.nat(CHOICES.length - 1);
const vote = fc.record({ do: fc.constant('vote' as const), which, voter, choice, on });
/** Many at one moment. */
const rush = fc.record({
  do: fc.constant('rush' as const),
  which,
  said: fc.array(fc.tuple(voter, choice), { minLength: 2, maxLength: VOTERS.length }),
  on,
});
const COMMAND: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: vote },
  { weight: 4, arbitrary: rush },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('announce' as const), template: fc.nat(2), on }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('explain' as const), which: fc.nat(5), on }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('sweep' as const, 'append', 'cosign', 'crash'), on }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('suspend' as const), on }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 20, 400) }) },
);
export const COMMANDS = fc.array(COMMAND, { minLength: 4, maxLength: 16 });

export type Town = {
  readonly servers: readonly Server[];
  readonly watcher: Watcher;
  readonly requests: RequestId[];
  readonly templates: readonly PromotionRequest[];
  readonly witness: Witness;
  /** What was answered "ok", to be asked again when all is calm. */
  readonly answered: { readonly id: RequestId; readonly voter: Identified; readonly ballot: Ballot }[];
  readonly counts: Map<string, number>;
};

const ATTEMPTS = 4;

/** A call and its plain retry at another server. Undefined: the client gave up, and whatever was done was done. */
async function tried<T>(town: Town, first: number, work: (world: DriveWorld) => Promise<T>): Promise<T | undefined> {
  for (let turn = 0; turn < ATTEMPTS; turn++) {
    const server = town.servers[(first + turn) % town.servers.length];
    let answer: T | 'died' | undefined;
    await town.watcher.forgiving(async () => {
      answer = await server?.ask(work);
    });
    if (answer !== undefined && answer !== 'died') return answer;
  }
  return undefined;
}

const count = ({ counts }: Town, what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);

export async function perform(town: Town, command: Command): Promise<void> {
  const { servers, requests, watcher } = town;
  switch (command.do) {
    case 'announce': {
      const template = town.templates[command.template];
      if (template === undefined) return;
      const answer = await tried(town, command.on, (world) => receive(world, canonicalBytes(template), PIPELINE));
      if (answer?.ok && !requests.includes(answer.value.id)) requests.push(answer.value.id);
      return count(town, answer === undefined ? 'announce: no answer' : answer.ok ? 'announced' : 'announce: refused');
    }
    case 'explain':
      return explained(town, command.which, command.on);
    case 'vote':
      return voted(town, command);
    case 'rush': {
      const ballots = command.said.map(([voter, choice], i) => ({
        ...command,
        do: 'vote' as const,
        voter,
        choice,
        on: command.on + i,
      }));
      await Promise.all(ballots.map((ballot) => voted(town, ballot)));
      return;
    }
    case 'suspend':
      await tried(town, command.on, (world) => {
        const said = { state: 'suspended' as const, reason: REASON };
        return suspend(world, PLACE, said, signedInNow(world, OLIVIA));
      });
      return;
    case 'sweep':
      return servers[command.on % servers.length]?.sweep();
    case 'append':
      return void (await tried(town, command.on, appendToLog));
    case 'cosign':
      await tried(town, command.on, async (world) => {
        for (const { kind, detail } of await cosign(world, [town.witness]))
          if (kind === 'fork') watcher.wrong(`the witness saw a fork: ${detail}`);
      });
      return;
    case 'crash':
      return servers[command.on % servers.length]?.die();
    case 'wait':
      for (const { clock } of servers) clock.later(command.hours * 3_600_000);
  }
}

async function explained(town: Town, which: number, first: number): Promise<void> {
  const id = town.requests[which % town.requests.length];
  if (id === undefined) return;
  await tried(town, first, async (world) => {
    const dossier = await readDossier(world.index, id);
    return dossier === undefined ? null : giveRationale(world, dossier, WHY, ERIN);
  });
}

/** Opens the screen, decides, and sends the same ballot until there is an answer. */
async function voted(town: Town, command: Extract<Command, { do: 'vote' }>): Promise<void> {
  const id = town.requests[command.which % town.requests.length];
  const voter = VOTERS[command.voter];
  const choice = CHOICES[command.choice];
  if (id === undefined || voter === undefined || choice === undefined) return;
  let ballot: Ballot | undefined;
  const answer = await tried(town, command.on, async (world) => {
    const dossier = await readDossier(world.index, id);
    if (dossier?.screen === undefined) return null;
    await serveScreen(world, dossier, voter);
    ballot ??= await ballotOn(world, id, choice);
    return ballot === undefined ? null : cast(world, id, ballot, voter);
  });
  if (!answer?.ok || ballot === undefined) return count(town, answer ? 'vote refused' : 'vote: no answer');
  count(town, answer.value.repeated ? 'vote repeated' : 'voted');
  town.watcher.answered(id, voteKeyOf(id, voter.principal.actor));
  town.answered.push({ id, voter, ballot });
}

async function ballotOn(world: DriveWorld, id: RequestId, choice: Ballot['choice']): Promise<Ballot | undefined> {
  const dossier = await readDossier(world.index, id);
  if (dossier?.screen === undefined) return undefined;
  const { findings } = await readRouting(world, dossier);
  const codes = [...new Set(findings.map((finding) => finding.code))].sort();
  const criteria = codes.map((code) => ({ code, checked: true }));
  const said = choice === 'approve' ? {} : { rationale: 'Said in the deterministic world.' };
  return { screen: dossier.screen.screen, choice, criteria, conditions: [], nonce: 'nonce-of-a-test-page', ...said };
}

export async function cast(world: DriveWorld, id: RequestId, ballot: Ballot, voter: Identified) {
  const dossier = await readDossier(world.index, id);
  if (dossier === undefined) throw new InfrastructureError(`${id} is not there`, { retryable: true });
  return castVote(world, dossier, await readRouting(world, dossier), ballot, signedInNow(world, voter));
}
