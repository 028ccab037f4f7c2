// `npm run bench -- hooks`: a hook stored and answered beside a bare route that only verifies it; a thousand at once; a gigabyte hashed.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { cloudEvent } from '../support/hooks.ts';
import { SECRET, WISH } from '../support/shelf.ts';
import { progress } from './harness.ts';

const HOOKS = 1000;
/** MLflow sends with ten threads. */
const AT_A_TIME = 10;

export async function hookNotes(rounds: number): Promise<string[]> {
  return [...(await waves(rounds)), await thousandAtOnce(), await gigabyte()];
}

type Counted = { readonly hints: number; readonly events: number };

async function withServer<T>(
  mode: 'store' | 'look',
  use: (ports: [number, number], count: () => Promise<Counted>) => Promise<T>,
) {
  const script = join(import.meta.dirname, 'hook-server.ts');
  const child = spawn(process.execPath, [script, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const told = async <A>() => JSON.parse((await lines.next()).value ?? 'null') as A;
  try {
    const { ports } = await told<{ ports: [number, number] }>();
    return await use(ports, () => {
      child.stdin.write('count\n');
      return told<Counted>();
    });
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}

const waves = (rounds: number): Promise<string[]> =>
  withServer('store', async ([ours, theirs]) => {
    const found: { ours: Times; theirs: Times }[] = [];
    // The first round warms both up.
    for (let round = 0; round <= rounds; round++) {
      const first = round % 2 === 0;
      const a = first ? await wave(ours, `o${round}`) : undefined;
      const b = await wave(theirs, `t${round}`);
      const times = { ours: a ?? (await wave(ours, `o${round}`)), theirs: b };
      if (round > 0) found.push(times);
      progress(`hooks: ${round} of ${rounds}`, round === rounds);
    }
    return [
      `hook stored and answered, ${AT_A_TIME} at a time: p50 ${spread(found, ({ ours: { p50 } }) => p50)} ms, ` +
        `p99 ${spread(found, ({ ours: { p99 } }) => p99)} ms`,
      `bare hono route that only verifies: p50 ${spread(found, ({ theirs: { p50 } }) => p50)} ms, ` +
        `p99 ${spread(found, ({ theirs: { p99 } }) => p99)} ms`,
      `ratio of p99, round by round: ${spread(found, (one) => one.ours.p99 / one.theirs.p99)}; ` +
        `of p50: ${spread(found, (one) => one.ours.p50 / one.theirs.p50)}`,
    ];
  });

const thousandAtOnce = (): Promise<string> =>
  withServer('look', async ([ours], count) => {
    const before = await count();
    const started = performance.now();
    const statuses = await burst(ours);
    const seconds = (performance.now() - started) / 1000;
    const after = await count();
    const [kept, sealed] = [after.hints - before.hints, after.events - before.events];
    return (
      `${HOOKS} hooks of one version at once: ${statuses.filter((one) => one === 202).length} answered 202 in ` +
      `${seconds.toFixed(1)} s, ${kept} kept, ${sealed} promotion sealed`
    );
  });

type Times = { readonly p50: number; readonly p99: number };

function spread(found: readonly { ours: Times; theirs: Times }[], of: (one: { ours: Times; theirs: Times }) => number): string {
  const sorted = found.map(of).sort((a, b) => a - b);
  const [min = 0, median = 0, max = 0] = [sorted[0], sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  return `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`;
}

const hookFor = (version: string) => cloudEvent({ ...WISH, version }, SECRET, new Date().toISOString(), { id: `e-${version}` });

/** Each of another version, so that none is a repeat of another. */
async function wave(port: number, name: string): Promise<Times> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  const times: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < HOOKS) {
      const { ms, status } = await send(agent, port, hookFor(`${name}-${next++}`));
      if (status !== 202) throw new Error(`a hook was answered ${status}`);
      times.push(ms);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  agent.destroy();
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** A thousand deliveries about the one version that waits on the shelf, each a message of its own. */
async function burst(port: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: HOOKS });
  const at = new Date().toISOString();
  const hooks = Array.from({ length: HOOKS }, (_, i) => cloudEvent(WISH, SECRET, at, { id: `burst-${i}` }));
  const answers = await Promise.all(hooks.map((hook) => send(agent, port, hook)));
  agent.destroy();
  return answers.map(({ status }) => status);
}

function send(agent: Agent, port: number, { headers, text }: ReturnType<typeof cloudEvent>) {
  return new Promise<{ ms: number; status: number }>((resolve, reject) => {
    const started = performance.now();
    const sent = request({ agent, host: '127.0.0.1', port, path: '/hooks/shelf', method: 'POST', headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ ms: performance.now() - started, status: answer.statusCode ?? 0 }));
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

const SIZE = 1024 ** 3;
const PIECE = Buffer.alloc(65_536, 'weights');
const MODEL = `m-${'a'.repeat(32)}`;
const ANSWERS: Record<string, unknown> = {
  '/api/2.0/mlflow/model-versions/get': {
    model_version: { name: 'pd', version: '1', source: `models:/${MODEL}`, status: 'READY' },
  },
  [`/api/2.0/mlflow/logged-models/${MODEL}`]: { model: { info: {} } },
  [`/api/2.0/mlflow/logged-models/${MODEL}/artifacts/directories`]: { files: [{ path: 'model.bin', file_size: SIZE }] },
};

async function gigabyte(): Promise<string> {
  const server = createServer(async (req, res) => {
    const path = req.url?.split('?')[0] ?? '';
    if (path in ANSWERS) {
      res.end(JSON.stringify(ANSWERS[path]));
      return;
    }
    res.writeHead(200, { 'content-length': SIZE });
    for (let sent = 0; sent < SIZE; sent += PIECE.byteLength) if (!res.write(PIECE)) await once(res, 'drain');
    res.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const script = join(import.meta.dirname, 'hash-gigabyte.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, url]);
  server.close();
  const hash = createHash('sha256');
  const started = performance.now();
  for (let i = 0; i < SIZE / PIECE.byteLength; i++) hash.update(PIECE);
  const bare = (performance.now() - started) / 1000;
  const { before, peak, seconds, digest } = JSON.parse(stdout) as Record<'before' | 'peak' | 'seconds', number> & {
    digest: string;
  };
  if (digest !== `sha256:${hash.digest('hex')}`) throw new Error('another digest');
  return (
    `1 GB hashed through the adapter in its own process: ${(peak - before).toFixed(0)} MB over the ${before.toFixed(0)} MB at its start, ` +
    `${seconds.toFixed(1)} s; SHA-256 of the same bytes alone ${bare.toFixed(1)} s`
  );
}
