import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { initWitness, type RunningWitness, startWitness } from '../../../cli/commands/witness.ts';
import { cosignedBy, parseCheckpoint } from '../../../functions/domain/log/checkpoint.ts';
import { EMPTY_ROOT, leafHash, rootOf } from '../../../functions/domain/log/merkle.ts';
import { parseVkey, vkeyOf } from '../../../functions/domain/log/note.ts';
import { hashLine } from '../../../functions/domain/log/proof.ts';
import { consistencyPath } from '../../../functions/domain/log/prove.ts';
import { checkpointKey } from '../../../functions/domain/vault-keys.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { cosign } from '../../../functions/log/cosign.ts';
import { readPublished } from '../../../functions/log/log.ts';
import { logKeyOf } from '../../../functions/log/publish.ts';
import { proofOf } from '../../../functions/proofs.ts';
import { checkpointOf, sealRecord } from '../../support/log.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let folder: string;
let witness: RunningWitness;
let port = 21_000 + (process.pid % 200) * 20;

async function start(): Promise<RunningWitness> {
  return startWitness({ data: folder, log: [vkeyOf(logKeyOf(world.tlog))], listen: `http://127.0.0.1:${++port}` });
}

beforeEach(async () => {
  world = await openWorld({ begun: false });
  folder = await mkdtemp(join(tmpdir(), 'countersign-witness-'));
  const quiet = [
    vi.spyOn(process.stdout, 'write').mockReturnValue(true),
    vi.spyOn(process.stderr, 'write').mockReturnValue(true),
  ];
  await initWitness({ data: folder, name: 'audit.example.test/w1' });
  for (const one of quiet) one.mockRestore();
  witness = await start();
});
afterEach(async () => {
  await witness.stop();
  await rm(folder, { recursive: true, force: true });
  await world.close();
});

async function grow(to: number): Promise<void> {
  for (let n = (await readPublished(world.index))?.size ?? 0; n < to; n++) {
    await sealRecord(world, n);
    await appendToLog(world);
  }
}

const textAt = async (size: number): Promise<string> => new TextDecoder().decode(await world.vault.get(checkpointKey(size)));

async function bodyOf(old: number, size: number): Promise<string> {
  const path = await consistencyPath((key) => world.vault.get(key), old, size);
  return `old ${old}\n${path.map(hashLine).join('')}\n${await textAt(size)}`;
}

async function send(body: string, to = witness.url): Promise<{ status: number; type: string | null; text: string }> {
  const answer = await fetch(`${to}/add-checkpoint`, { method: 'POST', body });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}
const add = async (old: number, size: number) => send(await bodyOf(old, size));

const client = () => {
  const key = parseVkey(witness.vkey);
  if (!key.ok) throw new Error('no key');
  const ask = async (body: string) => {
    const { status, text } = await send(body);
    return { status, body: text };
  };
  return { key: key.value, ask };
};

describe('R14a the witness (c2sp.org/tlog-witness)', () => {
  it('cosigns what grew, again and again, and its cosignature verifies', async () => {
    await grow(7);
    for (const [old, size] of [
      [0, 3],
      [3, 3],
      [3, 7],
      [7, 7],
    ] as const) {
      const { status, text } = await add(old, size);
      expect(status).toBe(200);
      const signed = parseCheckpoint(`${await textAt(size)}${text}`);
      expect(signed.ok && cosignedBy(signed.value, client().key)).toBe(true);
    }
  });

  it('says which size it remembers when the old size is another', async () => {
    await grow(5);
    expect(await add(2, 5)).toMatchObject({ status: 409, type: 'text/x.tlog.size', text: '0\n' });
    await add(0, 4);
    expect(await add(0, 5)).toMatchObject({ status: 409, text: '4\n' });
  });

  it('refuses a roll-back: a smaller tree after a larger one', async () => {
    await grow(5);
    await add(0, 5);
    expect((await add(0, 3)).status).toBe(409);
    expect((await add(3, 3)).status).toBe(409);
    expect((await send(`old 5\n\n${await textAt(3)}`)).status).toBe(400);
    expect((await add(5, 5)).status).toBe(200);
  });

  it('refuses a fork, of the same size and of a larger one, though the log itself signed it', async () => {
    await grow(5);
    await add(0, 4);
    const leaves = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => leafHash(Buffer.from(text)));
    const forkAt = (size: number) => checkpointOf(world.tlog, { size, root: rootOf(leaves.slice(0, size)) });
    expect((await send(`old 4\n\n${await forkAt(4)}`)).status).toBe(409);
    const path = (await consistencyPath((key) => world.vault.get(key), 4, 5)).map(hashLine).join('');
    expect((await send(`old 4\n${path}\n${await forkAt(5)}`)).status).toBe(422);
    expect((await send(`old 4\n\n${await forkAt(6)}`)).status).toBe(422);
    expect((await add(4, 5)).status).toBe(200);
  });

  it('a log that was put back and grew otherwise is told apart by its own server, as a fork', async () => {
    await grow(3);
    expect(await cosign(world, [client()])).toEqual([]);
    const other = await openWorld({ begun: false });
    const forked = { ...other, tlog: world.tlog };
    for (let n = 100; n < 105; n++) await sealRecord(forked, n);
    await appendToLog(forked);
    expect(await cosign(forked, [client()])).toMatchObject([{ kind: 'fork' }]);
    const smaller = await openWorld({ begun: false });
    const rolled = { ...smaller, tlog: world.tlog };
    await sealRecord(rolled, 0);
    await appendToLog(rolled);
    expect(await cosign(rolled, [client()])).toMatchObject([{ kind: 'fork', detail: expect.stringContaining('a tree of 3') }]);
    await other.close();
    await smaller.close();
  });

  it('remembers after a restart, and does not start without its memory', async () => {
    await grow(5);
    await add(0, 5);
    await witness.stop();
    witness = await start();
    expect((await add(0, 3)).status).toBe(409);
    expect((await add(5, 5)).status).toBe(200);
    await witness.stop();
    await rm(join(folder, 'witness.db'));
    await expect(start()).rejects.toThrow('is lost: this witness can no longer tell a fork');
    await expect(initWitness({ data: folder, name: 'audit.example.test/w1' })).rejects.toThrow('holds a witness already');
    witness = { ...witness, stop: async () => undefined };
  });

  it('of many at once, what it cosigns is always one history', async () => {
    await grow(12);
    const bodies = await Promise.all([2, 3, 5, 7, 11, 12].map((size) => bodyOf(0, size)));
    const answers = await Promise.all(bodies.flatMap((body) => [send(body), send(body)]));
    // From nothing only one size can win; the same one may be cosigned twice.
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect(new Set(answers.flatMap((answer, i) => (answer.status === 200 ? [Math.floor(i / 2)] : []))).size).toBe(1);
  });

  it('knows only the logs it was told of, and only their own signatures', async () => {
    await grow(2);
    const stranger = await openWorld({ begun: false });
    await sealRecord(stranger, 0);
    await appendToLog(stranger);
    const strange = new TextDecoder().decode(await stranger.vault.get(checkpointKey(1)));
    expect((await send(`old 0\n\n${strange}`)).status).toBe(404);
    const impostor = { origin: world.tlog.origin, signer: stranger.tlog.signer };
    expect((await send(`old 0\n\n${await checkpointOf(impostor, { size: 0, root: EMPTY_ROOT })}`)).status).toBe(403);
    const [text = ''] = (await textAt(2)).split('\n\n');
    expect((await send(`old 0\n\n${text.replace('\n2\n', '\n3\n')}\n\n${(await textAt(2)).split('\n\n')[1]}`)).status).toBe(
      403,
    );
    await stranger.close();
  });

  it.each([
    '',
    'old 0\n',
    'old 01\n\n',
    'old -1\n\nx',
    'old 0\nnot base64\n\nx\n',
    'new 0\n\nx\n',
    `old 0\n${'a'.repeat(70_000)}`,
  ])('what does not read is 400: %#', async (body) => {
    expect((await send(body)).status).toBe(400);
  });

  it('the client catches up when an answer was lost, and keeps the cosignature for the proofs', async () => {
    await grow(2);
    const ask = async (body: string) => {
      await send(body);
      throw new Error('lost');
    };
    const lost = { ...client(), ask };
    expect(await cosign(world, [lost])).toMatchObject([{ kind: 'unreachable', detail: 'lost' }]);
    await grow(4);
    expect(await cosign(world, [client()])).toEqual([]);
    expect(await cosign(world, [client()])).toEqual([]);
    const hash = await sealRecord(world, 0);
    expect(await proofOf(world, hash)).toContain('— audit.example.test/w1 ');
  });

  it('a witness that answers nonsense counts for nothing', async () => {
    await grow(1);
    const answering = (body: string) => ({ ...client(), ask: async () => ({ status: 200, body }) });
    for (const body of ['', '— audit.example.test/w1 AAAA\n', `${await textAt(1)}`])
      expect(await cosign(world, [answering(body)])).toMatchObject([{ kind: 'refused' }]);
    expect(await world.index.list('LOG', 'cosigned#')).toEqual([]);
  });

  it('killed with SIGKILL after it answered, it remembers', { timeout: 60_000 }, async () => {
    await grow(3);
    await witness.stop();
    const url = `http://127.0.0.1:${++port}`;
    const main = join(import.meta.dirname, '../../../cli/main.ts');
    const args = [main, 'witness', 'serve', '--data', folder, '--log', vkeyOf(logKeyOf(world.tlog)), '--listen', url];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).ok).toBe(true), { timeout: 30_000 });
    expect((await send(await bodyOf(0, 3), url)).status).toBe(200);
    child.kill('SIGKILL');
    await once(child, 'exit');
    witness = await start();
    expect((await add(0, 2)).status).toBe(409);
    expect((await add(3, 3)).status).toBe(200);
  });
});
