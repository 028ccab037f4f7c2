// Takes promotions of the example along every path, over HTTP and through the real stages in process, and answers what each asked of
// AWS. A pipeline is the command line's own client; people are browsers.
import { Client } from '../../../cli/client.ts';
import type { Manifest } from '../../../cli/manifest.ts';
import type { Promotion } from '../../../functions/domain/event/statement.ts';
import { HealthLimits } from '../../../functions/domain/health.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { sealWaiting } from '../../../functions/drive.ts';
import { type Warden, wardenOf } from '../../../functions/health.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import type { Identified, Spool } from '../../../functions/ports.ts';
import { readDossier } from '../../../functions/store.ts';
import { isLate } from '../../../functions/waits.ts';
import { appOf, type TestApp } from '../../support/app.ts';
import { type Executions, executions } from '../../support/aws/execution.ts';
import { ballotOn } from '../../support/crowd.ts';
import { built, dossierOf, manifestAt, WHY } from '../../support/promote.ts';
import { type MemoryWorld, openMemoryWorld } from '../../support/sim/base.ts';
import { ALICE, BOB, CAROL, DAVE, ERIN, identified, PIPELINE } from '../../support/world.ts';
import { type Counter, counter, minus, type Usage } from './counting.ts';

export type Measured = {
  readonly path: string;
  readonly outcome: string;
  readonly votes: number;
  readonly usage: Usage;
};

export type Measurement = {
  readonly paths: readonly Measured[];
  /** The beginning of a store: start, first keys, first policy. */
  readonly begun: Usage;
  /** One minute of the sweep: with nothing to do, and what each open request adds. */
  readonly idleSweep: Usage;
  readonly openSweep: Usage;
  readonly status: Usage;
  readonly largest: Counter['largest'];
};

const HTTP_UNIT = 512 * 1024;

type Bench = {
  readonly world: MemoryWorld;
  readonly count: Counter;
  readonly app: TestApp;
  readonly machine: Executions;
  readonly health: Warden;
};

/** The sweep's schedule. */
const TICK_MS = 60_000;

async function openBench(): Promise<Bench> {
  const count = counter();
  // The notes beside the store: every request asks whether it is frozen.
  const spool: Spool = {
    append: async () => count.add('privateWrites'),
    read: async () => {
      count.add('privateReads');
      return [];
    },
  };
  const health = wardenOf(spool, HealthLimits.parse({}), TICK_MS);
  const machine: Executions = executions(() => ({ ...world, health }), {
    transition: () => count.add('transitions'),
    invocation: () => count.add('invocations'),
  });
  const world = await openMemoryWorld(count.seen, (_, id) => machine.wake(id));
  const app = appOf(world, {
    health,
    erasable: { keep: async () => count.add('privateWrites'), erase: async () => undefined },
  });
  return { world, count, app, machine, health };
}

/** Every answer is one request of the HTTP API, one invocation, and its larger half in units of 512 KB. */
async function answered(bench: Bench, sent: number, ask: () => Promise<Response>): Promise<Response> {
  const response = await ask();
  const bytes = Buffer.from(await response.clone().arrayBuffer());
  bench.count.add('http');
  bench.count.add('invocations');
  bench.count.add('httpUnits', Math.max(1, Math.ceil(Math.max(sent, bytes.byteLength) / HTTP_UNIT)));
  const { page } = bench.count.largest;
  if (bytes.byteLength > page.size) bench.count.largest.page = { size: bytes.byteLength, what: 'an answer' };
  await bench.world.run();
  return response;
}

/** The product's own client, with the app in place of the network. */
class PipelineClient extends Client {
  readonly #bench: Bench;
  constructor(bench: Bench) {
    super({ server: 'http://127.0.0.1:1', token: undefined });
    this.#bench = bench;
  }

  override async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { app } = this.#bench;
    const headers = { ...app.headersOf(PIPELINE).bearer, ...init.headers };
    const sent = init.body instanceof Uint8Array ? init.body.byteLength : 0;
    return answered(this.#bench, sent, () => app.ask(path, { ...init, headers }));
  }
}

async function announced(bench: Bench, manifest: Manifest): Promise<RequestId> {
  const client = new PipelineClient(bench);
  const known = await client.baselines(manifest.line, manifest.environment);
  if (!known.ok) throw new Error(JSON.stringify(known.problems));
  const sent = await client.submit(await built(bench.world, manifest), () => undefined);
  if (!sent.ok) throw new Error(JSON.stringify(sent.problems));
  return sent.value.requestId as RequestId;
}

/** A session is read at each page, and somebody signs in once: what was started, taken back, and the session itself. */
function browser(bench: Bench, person: Identified) {
  const as = bench.app.as(person);
  bench.count.add('privateWrites', 3);
  const page = (sent: number, ask: () => Promise<Response>) => {
    bench.count.add('privateReads');
    return answered(bench, sent, ask);
  };
  return {
    get: (path: string) => page(0, () => as.get(path)),
    post: async (path: string, form: Record<string, string>) => {
      const response = await page(new URLSearchParams(form).toString().length, () => as.post(path, form));
      if (response.status !== 303) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    },
  };
}

async function explained(bench: Bench, id: RequestId): Promise<void> {
  const author = browser(bench, ERIN);
  await author.get(`/requests/${id}`);
  await author.post(`/requests/${id}/rationale`, WHY);
}

/** Opens the request and its screen, decides, and is shown the receipt. */
async function voted(bench: Bench, id: RequestId, voter: Identified): Promise<void> {
  const person = browser(bench, voter);
  await person.get(`/requests/${id}/screen`);
  const page = await (await person.get(`/requests/${id}`)).text();
  await person.post(`/requests/${id}/votes`, ballotOn(page));
  await person.get(`/requests/${id}/receipt`);
}

/** The whole of one promotion, and what it asked for; the deployment's question to the gate is the last of it. */
async function measured(
  bench: Bench,
  manifest: Manifest,
  voters: readonly Identified[],
  more: (id: RequestId) => Promise<void> = async () => undefined,
): Promise<Measured> {
  const before = { ...bench.count.usage };
  const id = await announced(bench, manifest);
  if (voters.length > 0) await explained(bench, id);
  for (const voter of voters) await voted(bench, id, voter);
  await more(id);
  const dossier = await dossierOf(bench.world, id);
  const { outcome } = dossier.decision ?? {};
  if (outcome === undefined) throw new Error(`${id} did not come to an end`);
  if (outcome === 'approved') await gateAsked(bench, dossier.seal?.eventHash ?? '', manifest);
  const path = dossier.routing?.path ?? 'none';
  return { path, outcome, votes: dossier.votes.length, usage: minus(bench.count.usage, before) };
}

async function gateAsked(bench: Bench, event: string, { line, environment }: Manifest): Promise<void> {
  const envelope = await bench.world.vault.get(`events/${event.slice('sha256:'.length)}.dsse.json`);
  // Looking is the test's, not the product's.
  bench.count.add('s3Get', -1);
  const { payload } = JSON.parse(new TextDecoder().decode(envelope)) as { payload: string };
  const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as { predicate: Promotion };
  const model = predicate.model as { root: string; manifest: string };
  const query = new URLSearchParams({ event, line, root: model.root, manifest: model.manifest });
  await answered(bench, 0, () => bench.app.ask(`/gate/${environment}?${query}`));
}

const at = (name: string) => manifestAt(`scenarios/${name}.yaml`);
const COMMITTEE = [ALICE, BOB, CAROL];

/** So many of the committee's first role, and the one of the other role last: until then there is no quorum. */
const membersOf = (size: number): Identified[] => [
  ...Array.from({ length: size - 1 }, (_, i) =>
    identified('person', `member-${String(i).padStart(3, '0')}`, ['model-risk@retail-credit']),
  ),
  CAROL,
];

/** Everything the tables of docs/aws-costs.md say. */
export async function measurePaths(): Promise<Measurement> {
  const bench = await openBench();
  const { world, count } = bench;
  const begun = { ...count.usage };
  // The first one takes what the beginning sealed into the log.
  await sweepOf(bench);
  const idle = await sweepOf(bench);
  const first = await measured(bench, await at('01-in-band-retrain/1-v01'), COMMITTEE);
  const status = await statusOf(bench);
  const automated = await measured(bench, await at('01-in-band-retrain/2-v02'), []);
  await measured(bench, await at('02-threshold-moved/1-v01'), COMMITTEE);
  const reviewer = await measured(bench, await at('02-threshold-moved/2-v03'), [DAVE]);
  await measured(bench, await at('09-model-class/1-v01'), COMMITTEE);
  const committee = await measured(bench, await at('09-model-class/2-v09'), COMMITTEE);
  const larger = await measured(bench, await at('03-feature-known-family/1-v01'), membersOf(10));
  await measured(bench, await at('14-flattering-metric/1-v01'), COMMITTEE);
  const refused = await measured(bench, await at('14-flattering-metric/2-v02'), []);
  let waiting = idle;
  const expired = await measured(bench, await at('12-no-incumbent/1-v01'), [ALICE], async () => {
    waiting = await sweepOf(bench);
    world.later(31 * 86_400_000);
    await bench.machine.timers();
    await world.run();
  });
  return {
    paths: [automated, reviewer, first, committee, larger, refused, expired],
    begun,
    idleSweep: idle,
    openSweep: minus(waiting, idle),
    status,
    largest: count.largest,
  };
}

/** One minute of functions/sweep/handler.ts: who stands is looked for, and the seal function finishes what was frozen. */
async function sweepOf({ world, count, health }: Bench): Promise<Usage> {
  const before = { ...count.usage };
  // Itself, and the seal function that it asks.
  count.add('invocations', 2);
  for (const { key } of await world.index.list('OPEN')) {
    const dossier = await readDossier(world.index, key.sk as RequestId);
    if (dossier !== undefined) await isLate(world, dossier);
  }
  await sealWaiting({ ...world, health });
  await appendToLog(world);
  await health.look();
  return minus(count.usage, before);
}

async function statusOf(bench: Bench): Promise<Usage> {
  const before = { ...bench.count.usage };
  const [last] = [...bench.world.rows.rows()].filter(({ key }) => key.pk.startsWith('REQ#'));
  await new PipelineClient(bench).fetch(`/requests/${last?.key.pk.slice('REQ#'.length)}/status`);
  return minus(bench.count.usage, before);
}
