// The full pack against the ways in which a policy is usually asked (a decision should cost what a call of a function costs).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as sdk from '@open-policy-agent/opa-wasm';
import { sameJson } from '../../functions/domain/canonical.ts';
import type { Digest } from '../../functions/domain/digest.ts';
import type { Decision } from '../../functions/domain/routing.ts';
import { packsFrom } from '../../functions/packs.ts';
import { ENTRYPOINT } from '../../functions/route/engine.ts';
import type { RoutingInput } from '../../functions/route/input.ts';
import { loadPack, type Pack } from '../../functions/route/pack.ts';
import { decideInput } from '../../functions/route/route.ts';
import { opaBinary } from '../../policies/tools/opa.ts';
import { opa, POLICIES } from '../../policies/tools/run.ts';
import { committedPack, packFiles } from '../support/pack.ts';
import { nameOf, packWithExpiry } from '../support/release.ts';
import { atMost, fasterBy, progress, type Row, race } from './harness.ts';

const SOURCES = ['-d', 'promotion', '-d', 'dist/data.json', '--ignore', '*_test.rego'];

/** Inputs that real promotions of the example were routed by, near 20 KB each. */
function sealedInputs(): RoutingInput[] {
  const lines = readFileSync(join(POLICIES, 'golden/german-credit.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { input: RoutingInput }).input);
}

export async function policyRows(): Promise<Row[]> {
  const inputs = sealedInputs().filter((input) => JSON.stringify(input).length > 15_000);
  const pack = committedPack();
  return [
    await againstServer(pack, inputs),
    await againstProcess(pack, inputs),
    await fromCold(inputs),
    await oldDecisions(inputs),
  ];
}

const PER = 50;

async function againstServer(pack: Pack, inputs: readonly RoutingInput[]): Promise<Row> {
  const server = await opaServer();
  try {
    const ours = () => {
      for (let i = 0; i < PER; i++) decideInput(pack, inputs[i % inputs.length]);
    };
    const theirs = async () => {
      for (let i = 0; i < PER; i++) await server.ask(inputs[i % inputs.length]);
    };
    return await race(
      'one decision, warm, input of 20 KB',
      { name: 'countersign', per: PER, run: ours },
      { name: 'OPA server over loopback, kept alive', per: PER, run: theirs },
      { rounds: 20, goal: atMost(0.25) },
    );
  } finally {
    server.stop();
  }
}

async function againstProcess(pack: Pack, inputs: readonly RoutingInput[]): Promise<Row> {
  const stdin = JSON.stringify(inputs[0]);
  const args = ['eval', '-f', 'raw', '-I', ...SOURCES, 'data.promotion.router.decision'];
  return race(
    'one decision, warm, input of 20 KB',
    { name: 'countersign', per: PER, run: () => repeat(PER, () => void decideInput(pack, inputs[0])) },
    { name: 'an `opa eval` process', run: async () => void (await opa(args, { stdin })) },
    { rounds: 7, warmUp: 1, goal: fasterBy(100) },
  );
}

function repeat(times: number, work: () => void): void {
  for (let i = 0; i < times; i++) work();
}

/** From the pack's bytes to the first decision: ours checks every digest and the answer too. */
async function fromCold(inputs: readonly RoutingInput[]): Promise<Row> {
  const files = packFiles();
  const [wasm, data] = [files.get('policy.wasm') ?? new Uint8Array(), files.get('data.json') ?? new Uint8Array()];
  const asTheReadme = async () => {
    const policy = await sdk.loadPolicy(new Uint8Array(wasm), { initial: 64 });
    policy.setData(JSON.parse(new TextDecoder().decode(data)) as object);
    policy.evaluate(inputs[0], ENTRYPOINT);
  };
  return race(
    'first decision from cold',
    { name: 'countersign', run: () => void decideInput(loadPack(files), inputs[0]) },
    { name: 'loadPolicy, setData, evaluate as in the SDK’s README', run: asTheReadme },
    { rounds: 20, goal: atMost(0.6) },
  );
}

/** A dispute years later: a thousand decisions made under twenty releases, each under its own. */
async function oldDecisions(inputs: readonly RoutingInput[]): Promise<Row> {
  const releases = Array.from({ length: 20 }, (_, i) => packWithExpiry(11 + i));
  const names = releases.map(nameOf);
  const bytes = new Map<string, Uint8Array>();
  for (const [i, files] of releases.entries())
    for (const [name, content] of files) bytes.set(`packs/${names[i]?.slice('sha256:'.length)}/${name}`, content);
  const vault = { get: async (key: string) => bytes.get(key) };
  const cases = Array.from({ length: 1000 }, (_, i) => ({ input: inputs[i % inputs.length], release: (i * 7) % 20 }));
  const answers: { ours: Decision[]; theirs: Decision[] } = { ours: [], theirs: [] };
  const keepLoaded = async () => {
    const packs = packsFrom(vault);
    answers.ours = [];
    for (const { input, release } of cases) {
      answers.ours.push(decideInput(await packs.load(names[release] as Digest), input));
    }
  };
  const loadEach = async () => {
    answers.theirs = [];
    for (const { input, release } of cases) answers.theirs.push(decideInput(loadPack(releases[release] ?? new Map()), input));
  };
  const row = await race(
    '1 000 old decisions under 20 releases',
    { name: 'countersign', run: keepLoaded },
    { name: 'the release loaded for each decision', run: loadEach },
    { rounds: 3, warmUp: 0, goal: fasterBy(5) },
  );
  const different = cases.filter((_, i) => !sameJson(answers.ours[i], answers.theirs[i])).length;
  if (different > 0) throw new Error(`${different} decisions differ when the release is loaded for each`);
  return row;
}

/** The same decision a hundred thousand times: what the process holds after the first thousands and at the end, in MB. */
export async function memoryOver(decisions: number): Promise<{ readonly early: number; readonly late: number }> {
  const [pack, inputs] = [committedPack(), sealedInputs()];
  const megabytes = () => {
    globalThis.gc?.();
    return process.memoryUsage().rss / 2 ** 20;
  };
  let early = 0;
  for (let i = 0; i < decisions; i++) {
    decideInput(pack, inputs[i % inputs.length]);
    if (i === Math.floor(decisions / 10)) early = megabytes();
    if ((i + 1) % 5000 === 0) progress(`memory: ${i + 1} of ${decisions} decisions`, i + 1 === decisions);
  }
  return { early, late: megabytes() };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function opaServer() {
  const port = await freePort();
  const args = ['run', '--server', '--addr', `127.0.0.1:${port}`, '--log-level', 'error', '--disable-telemetry'];
  const child = spawn(await opaBinary(), [...args, ...['promotion', 'dist/data.json', '--ignore', '*_test.rego']], {
    cwd: POLICIES,
    stdio: 'ignore',
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const path = '/v1/data/promotion/router/decision';
  const ask = (input: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(JSON.stringify({ input }));
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const call = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve((JSON.parse(Buffer.concat(chunks).toString()) as { result: unknown }).result));
      });
      call.on('error', reject);
      call.end(body);
    });
  for (let tries = 0; ; tries++) {
    const answer = await ask({}).catch(() => undefined);
    if (answer !== undefined || tries > 100) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { ask, stop: () => void child.kill('SIGKILL') };
}
