// A trace of the model, played by the real code: each actor is a process of its own over one store, and goes on exactly as far as the
// trace says. After every step the store must be what the model says it is.

import type { RequestId } from '../../functions/domain/request.ts';
import { voteKeyOf } from '../../functions/domain/vote.ts';
import { drive } from '../../functions/drive.ts';
import { journalled, replayJournal } from '../../functions/journal.ts';
import { appendToLog } from '../../functions/log/append.ts';
import type { DriveWorld } from '../../functions/packs.ts';
import type { Index } from '../../functions/ports.ts';
import { readDossier } from '../../functions/store.ts';
import { around, type Call } from '../support/faults.ts';
import { MemoryIndex } from '../support/memory/index-rows.ts';
import { memoryVault } from '../support/memory/vault.ts';
import { ballotFor } from '../support/promote.ts';
import type { MemoryWorld } from '../support/sim/base.ts';
import { cast } from '../support/sim/commands.ts';
import { BOB, CAROL } from '../support/world.ts';
import type { ModelState } from './itf.ts';

const VOTERS = { bob: BOB, carol: CAROL } as const;
type Voter = keyof typeof VOTERS;

/** `before`: stop when this call is next. `through`: stop when it took effect. */
type Goal = { readonly when: 'before' | 'through'; readonly op: string; readonly on: string };

/** What each action of the model is in the code. */
const GOALS: Readonly<Record<string, Goal>> = {
  votePut: { when: 'through', op: 'vault.putOnce', on: 'votes/' },
  voteRead: { when: 'before', op: 'index.commit', on: 'vote#' },
  voteCommit: { when: 'through', op: 'index.commit', on: 'vote#' },
  sealerCount: { when: 'before', op: 'index.commit', on: 'decision' },
  sealerDecide: { when: 'through', op: 'index.commit', on: 'decision' },
  sealerSign: { when: 'before', op: 'vault.putOnce', on: '' },
  sealerPut: { when: 'through', op: 'vault.putOnce', on: '' },
  sealerCommit: { when: 'through', op: 'index.commit', on: 'seal' },
  seqGrow: { when: 'before', op: 'index.commit', on: 'tree' },
  seqMove: { when: 'through', op: 'index.commit', on: 'tree' },
  seqLook: { when: 'before', op: 'log.sign', on: '' },
  seqSign: { when: 'through', op: 'log.sign', on: '' },
  seqPublish: { when: 'through', op: 'index.commit', on: 'published' },
};

const isEnvelope = ({ on }: Call): boolean => on.some((key) => key.startsWith('events/') || key.startsWith('records/'));

function fits(goal: Goal, call: Call): boolean {
  if (call.op !== goal.op) return false;
  if (goal.op === 'vault.putOnce' && goal.on === '') return isEnvelope(call);
  return goal.on === '' || call.on.some((name) => name.startsWith(goal.on));
}

/** One process in the middle of its work, standing still between two calls. */
class Actor {
  #goal: Goal | undefined;
  #go: () => void = () => undefined;
  #stopped: () => void = () => undefined;
  readonly ended: Promise<unknown>;

  constructor(world: DriveWorld, work: (world: DriveWorld) => Promise<unknown>) {
    const hook = async <T>(call: Call, run: () => Promise<T>): Promise<T> => {
      if (this.#goal === undefined || (this.#goal.when === 'before' && fits(this.#goal, call))) await this.#stand();
      const answer = await run();
      if (this.#goal?.when === 'through' && fits(this.#goal, call)) this.#goal = undefined;
      // Whoever waits for this step is told when the process asks for its next call, or ends.
      if (this.#goal === undefined) this.#stopped();
      return answer;
    };
    this.ended = Promise.resolve().then(() => work({ ...around(world, hook), index: hookedIndex(world, hook) }));
    this.ended.catch(() => undefined);
  }

  /** Goes on to the goal; true when the work ended instead. */
  async to(goal: Goal): Promise<boolean> {
    const stopped = new Promise<false>((resolve) => {
      this.#stopped = () => resolve(false);
    });
    this.#goal = goal;
    this.#go();
    return Promise.race([stopped, this.ended.then(() => true as const)]);
  }

  #stand(): Promise<void> {
    this.#goal = undefined;
    this.#stopped();
    return new Promise((resolve) => {
      this.#go = resolve;
    });
  }
}

/** Above the journal: a transaction is one step. */
const hookedIndex = (world: DriveWorld, hook: Parameters<typeof around>[1]): Index => around(world, hook).index;

export type Prepared = { readonly world: MemoryWorld; readonly id: RequestId; readonly record: string };

export async function replay({ world, id, record }: Prepared, trace: readonly ModelState[]): Promise<string[]> {
  const objects = new Map(world.objects);
  const rows = new MemoryIndex();
  await replayJournal(memoryVault(objects), rows, () => undefined);
  const signed = new Set<string>();
  const { tlog } = world;
  const sign = async (bytes: Uint8Array) => {
    signed.add(new TextDecoder().decode(bytes));
    return tlog.signer.sign(bytes);
  };
  const process = (): DriveWorld => {
    const vault = memoryVault(objects);
    const workflow = { wake: () => undefined };
    return { ...world, vault, index: journalled(vault, rows), workflow, tlog: { ...tlog, signer: { ...tlog.signer, sign } } };
  };
  const first = await stateOf({ rows, objects, signed, id, record });
  const ballots = trace[0]?.ballots ?? {};
  const works: Record<string, (mine: DriveWorld) => Promise<unknown>> = {
    s: (mine) => drive(mine, id),
    q: (mine) => appendToLog(mine),
  };
  const actors = new Map<string, Actor>();
  const wrong: string[] = [];
  for (const [n, step] of trace.entries()) {
    if (n === 0) continue;
    const { did, who } = step;
    if (did === 'crash') actors.delete(who);
    else {
      const goal = GOALS[did];
      if (goal === undefined) throw new Error(`the model did ${did}`);
      const vote = who in VOTERS ? voting(world, id, who as Voter, ballots[who] === true) : undefined;
      const work = vote ?? works[who[0] ?? ''];
      const actor = actors.get(who) ?? (work && new Actor(process(), work));
      if (actor === undefined) throw new Error(`nobody is ${who}`);
      actors.set(who, actor);
      const over = await actor.to(goal);
      if (over && did !== 'voteRead' && did !== 'voteCommit' && did !== 'seqPublish')
        wrong.push(`step ${n}: ${who} ended at ${did}`);
      // One append that ended here and another that begins: the code may as well go on with the tree it read before.
      if (did === 'seqPublish') actors.delete(who);
    }
    const found = await stateOf({ rows, objects, signed, id, record }, first);
    for (const [what, said] of Object.entries(expected(step)))
      if (JSON.stringify(found[what]) !== JSON.stringify(said))
        wrong.push(
          `step ${n}, ${did} by ${who}: ${what} is ${JSON.stringify(found[what])}, the model says ${JSON.stringify(said)}`,
        );
    if (wrong.length > 0) return wrong;
  }
  return wrong;
}

const voting = (world: MemoryWorld, id: RequestId, who: Voter, yes: boolean) => async (mine: DriveWorld) => {
  const ballot = {
    ...(await ballotFor(world, id, yes ? 'approve' : 'reject')),
    ...(yes ? {} : { rationale: 'Not as long as the slice is this small.' }),
  };
  return cast(mine, id, ballot, VOTERS[who]);
};

type Store = {
  readonly rows: MemoryIndex;
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly signed: ReadonlySet<string>;
  readonly id: RequestId;
  readonly record: string;
};
type Seen = Record<string, unknown> & { readonly size: number };

/** The store in the words of the model. */
async function stateOf({ rows, objects, signed, id, record }: Store, first?: Seen): Promise<Seen> {
  const dossier = await readDossier(rows, id);
  const names = Object.keys(VOTERS) as Voter[];
  const keyOf = (name: Voter) => voteKeyOf(id, VOTERS[name].principal.actor);
  const named = (keys: readonly string[]) => names.filter((name) => keys.includes(keyOf(name)));
  const event = dossier?.seal?.eventHash;
  const nameOf = (hex: string) => (hex === record ? 'r' : hex === event?.slice('sha256:'.length) ? 'e' : 'another');
  const tree = (await rows.get({ pk: 'LOG', sk: 'tree' }))?.body as { size: number };
  const published = (await rows.get({ pk: 'LOG', sk: 'published' }))?.body as { size: number };
  const decided = dossier?.decision;
  return {
    size: tree.size,
    voteObjects: names.filter((name) => objects.has(`votes/${keyOf(name)}.json`)),
    voteRows: named((dossier?.votes ?? []).map(({ voteKey }) => voteKey)),
    decision: decided ? { votes: named(decided.votes), approved: decided.outcome === 'approved' } : null,
    envelopes: [...objects.keys()].filter((key) => /^(events|records)\//.test(key)).length - ((first?.['all'] as number) ?? 0),
    all: [...objects.keys()].filter((key) => /^(events|records)\//.test(key)).length,
    sealed: event !== undefined,
    unlogged: (await rows.list('UNLOGGED')).map(({ key }) => nameOf(key.sk)).sort(),
    logged: tree.size - (first?.size ?? tree.size),
    published: published.size - (first?.size ?? published.size),
    signed: signed.size,
  };
}

function expected(step: ModelState): Record<string, unknown> {
  const sizes = step.tree.map((batch) => batch.length);
  const sum = (batches: readonly number[]) => batches.reduce((total, size) => total + size, 0);
  const [decision] = step.decisions;
  return {
    voteObjects: [...step.voteObjects].sort(),
    voteRows: [...step.voteRows].sort(),
    decision: decision ? { votes: [...decision.votes].sort(), approved: decision.approved } : null,
    envelopes: step.envelopes.length,
    sealed: step.sealed.length > 0,
    unlogged: [...step.unlogged].sort(),
    logged: sum(sizes),
    published: sum(sizes.slice(0, step.published)),
    signed: step.signed.length,
  };
}
