// One run of the deterministic world: servers, clients and faults from one seed, then calm, and what must be true in the end.
import fc from 'fast-check';
import { auditSealed } from '../../../functions/audit/audit.ts';
import { auditLog } from '../../../functions/audit/log.ts';
import { compareRows } from '../../../functions/audit/rows.ts';
import { factsOf } from '../../../functions/domain/dossier.ts';
import { stateOf } from '../../../functions/domain/flow.ts';
import { noteKeyOf, SIGNATURE_TYPES } from '../../../functions/domain/log/note.ts';
import { replayJournal } from '../../../functions/journal.ts';
import type { Witness } from '../../../functions/log/cosign.ts';
import { logKeyOf } from '../../../functions/log/publish.ts';
import { readDossier } from '../../../functions/store.ts';
import { addCheckpoint, type WitnessWorld } from '../../../functions/witness/add-checkpoint.ts';
import { trustIn } from '../evidence.ts';
import { MemoryIndex } from '../memory/index-rows.ts';
import { memorySigner } from '../memory/signers.ts';
import { memoryVault } from '../memory/vault.ts';
import type { Base } from './base.ts';
import { COMMANDS, type Command, cast, perform, type Town } from './commands.ts';
import { fates, PLAN, type Plan } from './fates.ts';
import { type Safeguard, Server, type Setting } from './servers.ts';
import { generator, Turns } from './turns.ts';
import { Watcher } from './watcher.ts';

/** All that a run follows from. `wakes`: of ten wakes, how many are lost. */
export type Story = {
  readonly seed: number;
  readonly servers: number;
  readonly wakes: number;
  readonly plan: Plan;
  readonly commands: readonly Command[];
};
export const STORY: fc.Arbitrary<Story> = fc.record({
  seed: fc.nat(),
  servers: fc.integer({ min: 1, max: 3 }),
  wakes: fc.nat(4),
  plan: PLAN,
  commands: COMMANDS,
});

export type Outcome = {
  readonly violations: readonly string[];
  readonly turns: number;
  readonly counts: ReadonlyMap<string, number>;
  /** Of the requests that waited from the beginning and were sealed. */
  readonly outcomes: string[];
};

export async function simulate(base: Base, story: Story, without: Safeguard = {}): Promise<Outcome> {
  const objects = new Map(base.world.objects);
  const vault = memoryVault(objects);
  const rows = new MemoryIndex();
  await replayJournal(vault, rows, () => undefined);
  const watcher = new Watcher(objects, rows, trustIn(base.world));
  const { tlog } = base.world;
  const watched = async (bytes: Uint8Array) => {
    watcher.tree.checkpoint(new TextDecoder().decode(bytes));
    return tlog.signer.sign(bytes);
  };
  const shared = { ...base.world, vault, rows, tlog: { ...tlog, signer: { ...tlog.signer, sign: watched } } };
  const turns = new Turns(story.seed);
  const lost = generator(story.seed + 1);
  let calm = false;
  const plan = fates(story.plan);
  const setting: Setting = {
    ...{ shared, turns, watcher, without },
    fate: (call) => (calm ? undefined : plan(call)),
    losesWake: () => !calm && lost(10) < story.wakes,
    begin: base.at,
  };
  const servers = Array.from({ length: story.servers }, (_, i) => new Server(i, setting));
  const town: Town = {
    ...{ servers, watcher, templates: base.templates, requests: [...base.waiting] },
    ...{ witness: witnessOf(base), answered: [], counts: new Map() },
  };
  // Commands begin one after the other, each some turns after the last; they end when they end.
  const clients = (async () => {
    const running: Promise<void>[] = [];
    for (const command of story.commands) {
      for (let turn = lost(30); turn > 0; turn--) await turns.wait(3);
      running.push(perform(town, command));
    }
    await Promise.all(running);
  })();
  await turns.run();
  calm = true;
  if (watcher.violations.length === 0) await settle(town, turns);
  await Promise.race([clients, Promise.resolve()]);
  if (watcher.violations.length === 0) await ended(town, setting);
  return { violations: watcher.violations, turns: turns.taken, counts: town.counts, outcomes: watcher.outcomes(base.waiting) };
}

/** All servers start again and sweep until nothing moves: no fault any more. */
async function settle({ servers, requests, watcher }: Town, turns: Turns): Promise<void> {
  for (const server of servers) server.die();
  await turns.run();
  watcher.calm = true;
  for (let round = 0; round < 3; round++)
    for (const server of servers) {
      void server.sweep();
      await turns.run();
    }
  if (requests.length === 0) watcher.wrong('no request at all');
}

/** In the end: sealed, or waiting for people; nothing half-done; what was answered is answered again; vault, rows and log agree. */
async function ended(town: Town, { shared, turns }: Setting): Promise<void> {
  const { watcher, servers } = town;
  const { vault, rows } = shared;
  for (const { key } of await rows.list('OPEN')) {
    const dossier = await readDossier(rows, key.sk as (typeof town.requests)[number]);
    const state = dossier === undefined ? 'lost' : stateOf(factsOf(dossier));
    if (!['needsRationale', 'voting', 'settling'].includes(state)) watcher.wrong(`${key.sk} came to rest as ${state}`);
    if (state === 'settling' && (await rows.list('OPEN')).length === 1) watcher.wrong(`${key.sk} is parked behind nothing`);
  }
  watcher.tree.end();
  await watcher.askGate();
  const [server] = servers;
  for (const { id, voter, ballot } of town.answered) {
    const again = server?.ask((world) => cast(world, id, ballot, voter));
    await turns.run();
    const answer = await again;
    if (answer === 'died' || !answer?.ok || !answer.value.repeated)
      watcher.wrong(`${id}: a ballot sent again is not answered again`);
  }
  const again = new MemoryIndex();
  await replayJournal(vault, again, () => undefined);
  const world = { vault, index: rows, signer: shared.signer };
  const all = [...rows.rows()];
  const faults = [
    ...compareRows(all, again.rows()),
    ...(await auditSealed(world, all)).faults,
    ...(await auditLog(world, all)).faults,
  ];
  for (const { kind, name, detail } of faults) watcher.wrong(`audit: ${kind} ${name}: ${detail}`);
}

/** The product's own witness, with a memory of its own; nobody loses its answers here but the servers that asked. */
function witnessOf(base: Base): Witness {
  const signer = memorySigner('ed25519');
  const key = noteKeyOf('witness.example.test/w1', SIGNATURE_TYPES.cosignature, signer.spki);
  const { tlog, clock } = base.world;
  const logs = new Map([[tlog.origin, [logKeyOf(tlog)]]]);
  const world: WitnessWorld = { index: new MemoryIndex(), clock, key, signer, logs };
  return { key, ask: async (body) => addCheckpoint(world, body) };
}
