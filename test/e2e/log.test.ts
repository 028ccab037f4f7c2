// The log as its users meet it: a server, a witness in its own process, a gate that asks for it, an auditor with a folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../cli/demo/server-process.ts';
import { paths } from '../../cli/embedded.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { parseCheckpoint } from '../../functions/domain/log/checkpoint.ts';
import { hashLine, parseProof } from '../../functions/domain/log/proof.ts';
import { readEdge, rootOfEdge } from '../../functions/domain/log/prove.ts';
import { Trust } from '../../functions/domain/trust.ts';
import { countersign } from '../support/command.ts';
import { approved, serviceEnvironment, startTestServer, type TestServer } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
let server: TestServer;
let folder: string;
let witness: ChildProcess;
let url: string;
let vkey: string;
let event: string;
/** What the gate is asked about. */
let model: { root: string; manifest: string; line: string };

const trustFile = () => paths(server.data).trust('sandbox');
const trust = async () => Trust.parse(JSON.parse(await readFile(trustFile(), 'utf8')));
const gate = async () => {
  const answer = await fetch(`${server.baseUrl}/gate/sandbox?${new URLSearchParams({ event, ...model })}`);
  const { verdict, code } = (await answer.json()) as { verdict: string; code: string };
  return `${answer.status} ${verdict} ${code}`;
};

async function startWitness(): Promise<void> {
  const [log] = (await trust()).logs ?? [];
  const args = [MAIN, 'witness', 'serve', '--data', join(folder, 'w'), '--log', log?.vkey ?? '', '--listen', url];
  witness = spawn(process.execPath, args, { stdio: 'ignore' });
  await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).ok).toBe(true), { timeout: 30_000 });
}

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'countersign-log-'));
  const made = await countersign(['witness', 'init', '--data', join(folder, 'w'), '--name', 'audit.example.test/w1']);
  expect(made.exit).toBe(0);
  vkey = made.out.trim();
  url = `http://127.0.0.1:${await freePort()}`;
  await writeFile(paths(server.data).witnesses, JSON.stringify([{ url, vkey }]));
  const own: Trust = { ...(await trust()), proof: 'witnessed', witnesses: { required: 1, vkeys: [vkey] } };
  await writeFile(trustFile(), JSON.stringify(own));
  await server.restart();
  const sealed = await approved(server, 'scenarios/12-no-incumbent/1-v01.yaml');
  event = sealed.status.eventHash ?? '';
  const { line, model: candidate } = sealed.built.request;
  model = { root: candidate.root, manifest: candidate.manifest, line };
}, 120_000);
afterAll(async () => {
  witness.kill();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('R14a R22 the log from outside', { timeout: 60_000 }, () => {
  it('while the witness is down the gate cannot tell; when it is up again it allows', async () => {
    expect(await gate()).toBe('503 unknown NOT_WITNESSED');
    expect(server.logs).toContainEqual(expect.objectContaining({ event: 'witness', kind: 'unreachable', level: 'warning' }));
    await startWitness();
    // The next start asks again, as every tick does.
    await server.restart();
    await vi.waitFor(async () => expect(await gate()).toBe('200 allow OK'), { timeout: 10_000, interval: 100 });
  });

  it('an auditor exports and verifies offline, and sees the witness', async () => {
    const out = join(folder, 'evidence');
    const env = serviceEnvironment(server.baseUrl);
    expect((await countersign(['export', event, '--out', out], env)).exit).toBe(0);
    const verified = await countersign(['verify', out, '--trust', trustFile()]);
    expect(verified.exit).toBe(0);
    expect(verified.out).toMatch(
      /ok {3}log +entry \d+ of \d+ in countersign\.local\/[0-9a-f]{16}, seen by audit\.example\.test\/w1/,
    );
    const proof = join(out, 'log/proofs', `${event.slice('sha256:'.length)}.tlog-proof`);
    const text = await readFile(proof, 'utf8');
    const parsed = parseProof(text);
    const [first] = parsed.ok ? parsed.value.path : [];
    await writeFile(proof, text.replace(hashLine(first ?? Buffer.alloc(32)), hashLine(Buffer.alloc(32, 1))));
    const wrong = await countersign(['verify', out, '--trust', trustFile()]);
    expect([wrong.exit, /FAIL log +LOG_INVALID/.test(wrong.out)]).toEqual([2, true]);
    await rm(proof);
    const without = await countersign(['verify', out, '--trust', trustFile()]);
    expect([without.exit, /FAIL log +NOT_LOGGED/.test(without.out)]).toEqual([2, true]);
  });

  it('a monitor reads checkpoint and tiles without signing in', async () => {
    const answer = await fetch(`${server.baseUrl}/log/checkpoint`);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const checkpoint = parseCheckpoint(await answer.text());
    if (!checkpoint.ok) throw new Error('no checkpoint');
    const read = async (key: string) => {
      const tile = await fetch(`${server.baseUrl}/${key}`);
      return tile.ok ? new Uint8Array(await tile.arrayBuffer()) : undefined;
    };
    expect(rootOfEdge(await readEdge(read, checkpoint.value.size))).toEqual(checkpoint.value.root);
    expect((await fetch(`${server.baseUrl}/log/tile/0/%2e%2e/000`)).status).toBe(404);
    expect((await fetch(`${server.baseUrl}/events/${digestOf('none')}/proof`)).status).toBe(503);
  });

  it('a witness started over its old memory goes on; one without it does not start', async () => {
    witness.kill('SIGKILL');
    await once(witness, 'exit');
    await startWitness();
    await server.restart();
    expect(await gate()).toBe('200 allow OK');
    witness.kill();
    await once(witness, 'exit');
    await rm(join(folder, 'w', 'witness.db'));
    const [log] = (await trust()).logs ?? [];
    const lost = await countersign([
      'witness',
      'serve',
      '--data',
      join(folder, 'w'),
      '--log',
      log?.vkey ?? '',
      '--listen',
      url,
    ]);
    expect([lost.exit, lost.err]).toEqual([1, expect.stringContaining('can no longer tell a fork')]);
  });
});
