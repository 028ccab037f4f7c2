// The bad day as its operator and an auditor meet it: a server, a witness in its own process, commands, exported folders.
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { settled } from '../../cli/commands/status.ts';
import { freePort } from '../../cli/demo/server-process.ts';
import { paths } from '../../cli/embedded.ts';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { parseStatement } from '../../functions/domain/event/statement.ts';
import { Trust } from '../../functions/domain/trust.ts';
import { countersign } from '../support/command.ts';
import { resigned } from '../support/evidence.ts';
import { type Announced, approved, hidden, serviceEnvironment, startTestServer, type TestServer } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const WHY = ['--reason', 'A drill of the change of keys.'];
let server: TestServer;
let folder: string;
let witness: ChildProcess;
let before: Announced;

const trustFile = () => paths(server.data).trust('sandbox');
const trust = async () => Trust.parse(JSON.parse(await readFile(trustFile(), 'utf8')));
const eventOf = ({ status }: Announced): string => status.eventHash ?? '';
const own = (...args: string[]) => countersign(['keys', ...args, '--data', server.data]);
const follow = (...more: string[]) =>
  countersign(['keys', 'follow', trustFile(), paths(server.data).releaseTrust, '--from', server.data, ...more]);

async function gate({ status, built }: Announced): Promise<string> {
  const { root, manifest } = built.request.model;
  const query = new URLSearchParams({ event: status.eventHash ?? '', line: built.request.line, root, manifest });
  const answer = await fetch(`${server.baseUrl}/gate/sandbox?${query}`);
  const { verdict, code } = (await answer.json()) as { verdict: string; code: string };
  return `${verdict} ${code}`;
}

async function exported(event: string, name: string): Promise<string> {
  const out = join(folder, name);
  const ran = await countersign(
    ['export', event, '--out', out, '--server', server.baseUrl],
    serviceEnvironment(server.baseUrl),
  );
  expect(ran.exit, ran.err).toBe(0);
  return out;
}

async function verified(evidence: string): Promise<readonly [number, string]> {
  const ran = await countersign(['verify', evidence, '--trust', trustFile(), '--json']);
  const { checks } = JSON.parse(ran.out) as { checks: { ok: boolean; code?: string }[] };
  return [ran.exit, checks.flatMap(({ ok, code }) => (ok ? [] : [code])).join()];
}

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
  const made = await countersign(['witness', 'init', '--data', join(folder, 'w'), '--name', 'audit.example.test/w1']);
  const vkey = made.out.trim();
  const url = `http://127.0.0.1:${await freePort()}`;
  const [log] = (await trust()).logs ?? [];
  const args = [MAIN, 'witness', 'serve', '--data', join(folder, 'w'), '--log', log?.vkey ?? '', '--listen', url];
  witness = spawn(process.execPath, args, { stdio: 'ignore' });
  await vi.waitFor(async () => expect((await fetch(`${url}/healthz`)).ok).toBe(true), { timeout: 30_000 });
  await writeFile(paths(server.data).witnesses, JSON.stringify([{ url, vkey }]));
  await writeFile(trustFile(), JSON.stringify({ ...(await trust()), witnesses: { required: 1, vkeys: [vkey] } }));
  await server.restart();
  before = await approved(server, 'scenarios/12-no-incumbent/1-v01.yaml');
}, 120_000);
afterAll(async () => {
  witness.kill();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a rotation', () => {
  it('R12 R13 with a request under way: gates go on after they follow, old and new events open them', async () => {
    const pinned = (await trust()).keySet;
    const open = await server.announced('scenarios/01-in-band-retrain/1-v01.yaml');
    const id = open.status.requestId;
    await server.people.writeRationale(id, 'the model');
    await settled(server.client, id, ['voting']);
    expect((await own('rotate', 'seal', ...WHY)).err).toContain('stop it first');
    await server.restart(async () => {
      const ran = await own('rotate', 'seal', ...WHY);
      expect([ran.exit, ran.out]).toMatchObject([0, expect.stringContaining('list 2 of keys')]);
    });
    await server.people.approve(id);
    const sealed = { ...open, status: await settled(server.client, id, ['sealed']) };
    expect([await gate(before), await gate(sealed)]).toEqual(['allow OK', 'deny KEY_UNTRUSTED']);
    expect((await follow()).exit).toBe(0);
    expect((await trust()).keySet).not.toBe(pinned);
    await server.restart();
    expect([await gate(before), await gate(sealed)]).toEqual(['allow OK', 'allow OK']);
    expect(await verified(await exported(eventOf(sealed), 'rotated'))).toEqual([0, '']);
    expect((await countersign(['audit', '--data', server.data])).exit).toBe(0);
    const told = JSON.parse((await countersign(['doctor', '--data', server.data, '--json'])).out);
    expect(told.findings.filter(({ name }: { name: string }) => name.startsWith('key to'))).toHaveLength(2);
  }, 240_000);
});

describe('case 20: the sealing key is stolen', () => {
  it('R12 forged is refused, what a witness saw before verifies, what was honest since is said again', async () => {
    const thief = join(folder, 'stolen.pem');
    await copyFile(paths(server.data).signer, thief);
    const { keyid } = await openDevSigner(thief);
    const old = await approved(server, 'scenarios/11-many-small-steps/1-v01.yaml');
    // A witness's clock has seconds; its word must be older than the theft.
    await sleep(2_500);
    const since = new Date(Date.now() - 1_000).toISOString();
    const honest = await approved(server, 'scenarios/02-threshold-moved/1-v01.yaml');

    // Over the whole evidence of an honest one, with its time: only its signature is of today.
    const evidence = await exported(eventOf(old), 'forged');
    const file = join(evidence, 'events', `${eventOf(old).slice(7)}.dsse.json`);
    const opened = openEnvelope(new Uint8Array(await readFile(file)));
    const statement = opened.ok ? parseStatement(opened.value.payload) : opened;
    if (!statement.ok || statement.value.predicate.kind !== 'promotion') throw new Error('no promotion');
    const forged = await resigned(await openDevSigner(thief), statement.value.predicate, (promotion) => {
      promotion.materiality = { tier: 'tier-3', exposure: 'none', purpose: 'what the thief wants' };
    });
    await writeFile(join(evidence, 'events', `${forged.event.slice(7)}.dsse.json`), forged.envelope);
    await writeFile(join(evidence, 'event.txt'), forged.event);
    // As a folder of before there was an index: the event alone is judged.
    await rm(join(evidence, 'index.txt'));
    expect(await verified(evidence), 'nobody knows yet').toEqual([0, '']);

    for (const person of ['kim', 'lee']) {
      const browser = await server.as(person);
      const csrf = hidden(await (await browser.get('/')).text(), 'csrf');
      expect((await browser.post('/keys/consents', { keyid, since, csrf })).status).toBe(202);
      if (person === 'kim')
        await server.restart(async () => expect((await own('compromise', keyid, '--since', since, ...WHY)).exit).toBe(2));
    }
    let digest = '';
    await server.restart(async () => {
      const ran = await own('compromise', keyid, '--since', since, ...WHY);
      expect(ran.exit, ran.err).toBe(0);
      digest = /sha256:[0-9a-f]{64}/.exec(ran.out)?.[0] ?? '';
      const refused = await follow();
      expect([refused.exit, refused.err]).toMatchObject([2, expect.stringContaining(digest)]);
      expect((await follow('--pin', digest)).exit).toBe(0);
    });
    expect(await verified(evidence)).toEqual([2, 'KEY_COMPROMISED']);
    expect(await verified(await exported(eventOf(old), 'old'))).toEqual([0, '']);
    expect(await gate(before)).toBe('allow OK');
    expect((await verified(await exported(eventOf(honest), 'honest')))[1]).toContain('KEY_COMPROMISED');
    expect((await countersign(['audit', '--data', server.data])).exit).toBe(2);

    await server.restart(async () => {
      const ran = await own('reattest', ...WHY);
      expect([ran.exit, ran.out]).toMatchObject([0, expect.stringContaining(eventOf(honest))]);
    });
    expect(await verified(await exported(eventOf(honest), 'again'))).toEqual([0, '']);
    expect(await gate(honest)).toBe('allow OK');
    expect((await countersign(['audit', '--data', server.data])).exit).toBe(0);
    expect((await countersign(['rebuild', '--data', server.data])).err).toContain('stop it first');
  }, 300_000);
});
