// Our own stacks deployed for real (MiniStack, and versitygw for the vault), and used over HTTP and nothing else. What these engines
// cannot show truthfully is listed in docs/aws-local.md and not claimed here. In order: each test goes on where the last one ended.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { settled } from '../../cli/commands/status.ts';
import { type Bank, openBank } from '../support/aws/bank.ts';
import { deploy } from '../support/aws/deploy.ts';
import { COLD_MS } from '../support/aws/engine.ts';
import { listenTo } from '../support/aws/listener.ts';
import { ended, executionOf, queueOf, until } from '../support/aws/machine.ts';
import { tokenOf, wakeDirectly } from '../support/aws/tokens.ts';
import { exportFromBucket, forbiddenOn, hide, objectsOf } from '../support/aws/vault.ts';
import { type Announced, approved, serviceEnvironment } from '../support/server.ts';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '../../cli/main.ts');
// Two cores, and the account, its functions and a deploy on them.
vi.setConfig({ testTimeout: 240_000 });

const scenario = (name: string) => `scenarios/${name}.yaml`;

let bank: Bank;
let folder: string;
/** The line whose committee approved v01, and whose retrain policy approves. */
let first: Announced;
let retrain: Announced;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-aws-'));
  bank = await openBank(await deploy({ say: (line) => void process.stderr.write(`  aws: ${line}\n`) }));
}, COLD_MS);
afterAll(async () => {
  await bank?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('R14a deployed', () => {
  it('R20 begins once: asked again it answers the same trust', async () => {
    expect(Object.keys(bank.trust)).toContain('sandbox');
    const again = await bank.at.operate('Seal', { kind: 'begin' });
    expect(again).toEqual({ begun: 'before', trust: bank.trust });
    expect((await fetch(`${bank.at.baseUrl}/readyz`)).status).toBe(200);
  });

  it('R14 the doctor finds what was deployed, as far as this engine applies a template', async () => {
    const { outputs, account } = bank.at;
    const file = join(folder, 'outputs.json');
    await writeFile(file, JSON.stringify({ all: outputs }));
    const { accessKeyId = '', secretAccessKey = '' } = account.credentials ?? {};
    const env = {
      ...process.env,
      ...{ AWS_REGION: account.region ?? '', AWS_ENDPOINT_URL: account.endpoint ?? '' },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, COUNTERSIGN_S3_PATH_STYLE: '1' },
    };
    const asked = run(process.execPath, [MAIN, 'doctor', '--aws', '--read-only', '--json', '--outputs', file], { env });
    // It ends with 2: the engine's own bucket has no lock, and its table no protection.
    const { stdout } = await asked.catch((error: unknown) => error as { stdout: string });
    const { findings } = JSON.parse(stdout) as { findings: { area: string; name: string; state: string }[] };
    const states = Object.fromEntries(findings.map(({ area, name, state }) => [`${area}: ${name}`, state]));
    const fine = [
      ...['bucket policy', 'versioning', 'public access', 'encryption', 'lifecycle'].map((name) => `vault: ${name}`),
      ...['keys', 'stream'].map((name) => `index: ${name}`),
      ...['seal key', 'log key'].flatMap((key) => ['what it is', 'its policy', 'grants'].map((name) => `${key}: ${name}`)),
      ...['kind', 'versions', 'their code', 'what it logs'].map((name) => `workflow: ${name}`),
    ];
    expect(states).toMatchObject(Object.fromEntries(fine.map((name) => [name, 'ok'])));
  });

  it('asks for a token where it is asked for: first the API itself, then the app', async () => {
    const post = (headers: Record<string, string>) =>
      fetch(`${bank.at.baseUrl}/requests`, { method: 'POST', body: '{}', headers });
    // The authoriser answers before any of our code: in words of its own.
    for (const headers of [{}, { authorization: 'Bearer a.b.c' }]) {
      const refused = await post(headers as Record<string, string>);
      expect([refused.status, await refused.json()]).toEqual([401, { message: 'Unauthorized' }]);
    }
    const page = await fetch(`${bank.at.baseUrl}/requests/req-${'a'.repeat(26)}`, {
      headers: { accept: 'text/html' },
      redirect: 'manual',
    });
    expect(page.headers.get('location')).toMatch(/^\/sign-in\?next=/);
  });

  it('R14 R15a committee: waits with one token, each vote wakes, the last one seals; a double click is one vote', async () => {
    first = await bank.asked(scenario('01-in-band-retrain/1-v01'));
    const id = first.status.requestId;
    await until('it waits for people', async () =>
      (await executionOf(bank.at, id)).states.at(-1) === 'Wait' ? true : undefined,
    );
    const ballot = await bank.ballot('alice', id);
    const twice = await Promise.all([bank.send('alice', id, ballot), bank.send('alice', id, ballot)]);
    expect(twice.map(({ status }) => status)).toEqual([303, 303]);
    expect((await bank.vote('bob', id)).status).toBe(303);
    expect((await bank.vote('carol', id)).status).toBe(303);
    first = { ...first, status: await bank.until(id, 'sealed') };
    expect(first.status).toMatchObject({ outcome: 'approved', votes: 3, logged: true });
    const { status, states, errors } = await ended(bank.at, id);
    expect([status, states.slice(-2), errors]).toEqual(['SUCCEEDED', ['Seal', 'Release'], []]);
    // The first answer of who has voted stands; who did not comes too late.
    expect((await bank.send('alice', id, ballot)).status).toBe(303);
  });

  it('R14 automated: five states, sealed and told on the bus without anybody', async () => {
    const heard = await listenTo(bank.at);
    const began = performance.now();
    retrain = await bank.announced(scenario('01-in-band-retrain/2-v02'));
    const took = Math.round(performance.now() - began);
    expect(retrain.status).toMatchObject({ state: 'sealed', outcome: 'approved', path: 'automated', logged: true });
    process.stderr.write(`  aws: automated promotion sealed and logged in ${took} ms\n`);
    const { states } = await ended(bank.at, retrain.status.requestId);
    expect(states).toEqual(['Compare', 'Route', 'Choose', 'Seal', 'Release']);
    const told = await until('the bus tells', heard.next);
    expect(told).toMatchObject({ eventHash: retrain.status.eventHash, outcome: 'approved', environment: 'sandbox' });
  });

  it('R22 the gate lets the sealed artefact run, and no other', async () => {
    const { eventHash } = retrain.status;
    expect((await bank.gate(retrain, eventHash)).status).toBe(200);
    expect((await bank.gate({ ...retrain, root: first.root }, eventHash)).status).toBe(403);
    expect((await bank.gate(retrain, eventHash, 'production')).status).toBe(403);
    expect((await bank.gate(retrain, `sha256:${'0'.repeat(64)}`)).status).toBe(403);
  });

  it('reviewer: one person decides, and policy does not', async () => {
    await approved(bank, scenario('02-threshold-moved/1-v01'));
    const { status } = await bank.asked(scenario('02-threshold-moved/2-v03'));
    expect(status).toMatchObject({ path: 'reviewer', state: 'voting' });
    expect((await bank.vote('dave', status.requestId)).status).toBe(303);
    expect(await bank.until(status.requestId, 'sealed')).toMatchObject({ outcome: 'approved', votes: 1 });
  });

  it('reject: sealed as a no, and a ballot after it is 410', async () => {
    const asked = await bank.asked(scenario('03-feature-known-family/1-v01'));
    const id = asked.status.requestId;
    const late = await bank.ballot('bob', id);
    expect((await bank.vote('alice', id, 'reject')).status).toBe(303);
    const { outcome, eventHash } = await bank.until(id, 'sealed');
    expect(outcome).toBe('rejected');
    expect((await bank.send('bob', id, late)).status).toBe(410);
    expect((await bank.gate(asked, eventHash)).status).toBe(403);
    expect((await ended(bank.at, id)).status).toBe('SUCCEEDED');
  });

  it('supersede: a later request ends the older one, whose execution ends too', async () => {
    const older = await bank.asked(scenario('04-feature-dropped/1-v01'));
    const { request, blobs } = older.built;
    const later = await bank.submit({ blobs, request: { ...request, supersedes: older.status.requestId as never } });
    expect(later.state).toBe('needsRationale');
    expect(await bank.until(older.status.requestId, 'sealed')).toMatchObject({ outcome: 'superseded' });
    expect((await ended(bank.at, older.status.requestId)).status).toBe('SUCCEEDED');
  });
});

describe('faults', () => {
  it('R15a a leaked or used token only makes the rows be looked at', async () => {
    const { status } = await bank.asked(scenario('12-no-incumbent/1-v01'));
    const id = status.requestId;
    const token = await until('a token', () => tokenOf(bank.at, id));
    expect(await wakeDirectly(bank.at, token)).toBe('woken');
    await until('it waits again', async () => {
      const next = await tokenOf(bank.at, id);
      return next === undefined || next === token ? undefined : next;
    });
    expect(await settled(bank.client, id, ['voting'])).toMatchObject({ votes: 0, outcome: null });
    // The same one again: gone, and not an error that reads like the end of the time to decide.
    expect(await wakeDirectly(bank.at, token)).toMatch(/TaskDoesNotExist|TaskTimedOut/);
    expect(await bank.people.approve(id)).toBe(3);
    expect(await bank.until(id, 'sealed')).toMatchObject({ outcome: 'approved', votes: 3 });
    // It stands in the private table and in no log.
    const lines = await bank.at.lines();
    expect(lines.some((line) => line.includes(id))).toBe(true);
    expect(lines.filter((line) => line.includes(token))).toEqual([]);
  });

  it('a message that nobody can read ends with the dead letters, and stops nothing', async () => {
    const [wakes, dead] = await Promise.all([queueOf(bank.at, /WakesQueue/), queueOf(bank.at, /WakesDead/)]);
    await wakes.hurry();
    await wakes.send('{"request":"not one of ours"}');
    await wakes.send('}');
    const { status } = await approved(bank, scenario('13-explanation-other-slice/1-v01'));
    expect(status).toMatchObject({ state: 'sealed', outcome: 'approved' });
    await until('both are dead letters', async () => ((await dead.count()) === 2 ? true : undefined), 60);
  });
});

describe('R27 a deploy while people decide', () => {
  it('between vote one and vote two: the execution ends with the code that it began with', async () => {
    const { status } = await bank.asked(scenario('05-feature-new-source/1-v01'));
    const id = status.requestId;
    expect((await bank.vote('alice', id)).status).toBe(303);
    await bank.at.redeploy({ keys: { seal: 2, log: 1 } });
    // The key changes as well: the versions that this execution waits with were told of the first one only.
    const reason = 'The first year of the first key is over: an exercise of this test.';
    await bank.at.operate('Seal', { kind: 'rotate', use: 'seal', reason });
    expect((await bank.vote('bob', id)).status).toBe(303);
    expect((await bank.vote('carol', id)).status).toBe(303);
    expect(await bank.until(id, 'sealed')).toMatchObject({ outcome: 'approved', votes: 3 });
    expect(await ended(bank.at, id)).toMatchObject({ status: 'SUCCEEDED', errors: [] });
  });
});

describe('a second sealing key', () => {
  const keyOf = async (hash: string | null) => {
    const envelope = (await (await bank.client.fetch(`/events/${hash}/envelope`)).json()) as {
      signatures: { keyid: string }[];
    };
    return envelope.signatures[0]?.keyid;
  };

  it('came with that deploy and signs since it was rotated to; gates believe what either sealed', async () => {
    const after = await approved(bank, scenario('06-segment-share-moved/1-v01'));
    expect(await keyOf(after.status.eventHash)).not.toBe(await keyOf(retrain.status.eventHash));
    for (const one of [retrain, after]) expect((await bank.gate(one, one.status.eventHash)).status).toBe(200);
  });
});

describe('R24 R25 the evidence', () => {
  it('an export over HTTP verifies offline', async () => {
    const { eventHash } = retrain.status;
    const out = join(folder, 'export');
    const trust = join(folder, 'sandbox.json');
    await writeFile(trust, JSON.stringify({ ...bank.trust['sandbox'], proof: 'inclusion' }));
    const env = { ...process.env, ...serviceEnvironment(bank.at.baseUrl) };
    await run(process.execPath, [MAIN, 'export', eventHash ?? '', '--out', out], { env });
    const { stdout } = await run(process.execPath, [MAIN, 'verify', out, '--trust', trust]);
    expect(stdout).toContain('verifies');
  });

  it('R49 no object of the vault can be deleted, shortened or replaced', async () => {
    const keys = await objectsOf(bank.at, 'events/');
    expect(keys).toContain(`events/${retrain.status.eventHash?.slice(7)}.dsse.json`);
    expect(await forbiddenOn(bank.at, keys[0] ?? '')).toEqual({
      deleteVersion: 'AccessDenied',
      shortenRetention: 'AccessDenied',
      deleteRetained: 'AccessDenied',
      putAgain: 'PreconditionFailed',
    });
    // A marker hides it from who lists names, and from nobody else.
    await hide(bank.at, `events/${retrain.status.eventHash?.slice(7)}.dsse.json`);
    expect((await bank.gate(retrain, retrain.status.eventHash)).status).toBe(200);
  });

  it('survives the stack that made it: read from the bucket alone, it verifies', async () => {
    await bank.at.destroy('router');
    expect((await fetch(`${bank.at.baseUrl}/readyz`)).status).not.toBe(200);
    const out = join(folder, 'from-bucket');
    await exportFromBucket(bank.at, retrain.status.eventHash ?? '', out);
    const trust = join(folder, 'index.json');
    await writeFile(trust, JSON.stringify({ ...bank.trust['sandbox'], proof: 'index' }));
    const { stdout } = await run(process.execPath, [MAIN, 'verify', out, '--trust', trust]);
    expect(stdout).toContain('verifies');
  });
});
