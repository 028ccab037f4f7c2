// The commands, each a process of its own, against the real server.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settled } from '../../cli/commands/status.ts';
import { paths } from '../../cli/embedded.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { countersign } from '../support/command.ts';
import { EXAMPLE } from '../support/promote.ts';
import { approved, serviceEnvironment, startTestServer, type TestServer } from '../support/server.ts';

const FRESH = 'scenarios/12-no-incumbent/1-v01.yaml';
const FIRST = 'scenarios/05-feature-new-source/1-v01.yaml';
const SECOND = 'scenarios/05-feature-new-source/2-v06.yaml';
const AUTOMATED = ['scenarios/01-in-band-retrain/1-v01.yaml', 'scenarios/01-in-band-retrain/2-v02.yaml'] as const;
const REFUSED = ['scenarios/14-flattering-metric/1-v01.yaml', 'scenarios/14-flattering-metric/2-v02.yaml'] as const;

let server: TestServer;
let folder: string;
let env: Record<string, string>;
let trust: string;

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'countersign-cli-'));
  env = serviceEnvironment(server.baseUrl);
  trust = paths(server.data).trust('sandbox');
  for (const manifest of [FIRST, AUTOMATED[0], REFUSED[0]]) await approved(server, manifest);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const request = (command: string, manifest: string, ...more: string[]) =>
  countersign([command, EXAMPLE, '--manifest', manifest, ...more], env);
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

/** Every object with its size, and every row. */
async function everything(): Promise<unknown> {
  const at = paths(server.data);
  const entries = (await readdir(at.vault, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  const objects = await Promise.all(
    entries.map(async (one) => `${one.name} ${(await stat(join(one.parentPath, one.name))).size}`),
  );
  const database = new DatabaseSync(at.index, { readOnly: true });
  const tables = database.prepare("select name from sqlite_master where type = 'table' order by name").all() as {
    name: string;
  }[];
  const rows = tables.map(({ name }) => database.prepare(`select * from "${name}"`).all());
  database.close();
  return { objects: objects.sort(), rows };
}

describe('init', () => {
  it('R20 begins once: a second time refuses and changes nothing', async () => {
    const data = join(folder, 'own');
    const flags = ['init', '--data', data, '--organisation', 'Test Bank', '--retention-owner', 'model-risk'];
    const first = await countersign(flags);
    expect([first.exit, widest(first.out) > 0]).toEqual([0, true]);
    expect(first.out).toMatch(/production gates refuse it/);
    const before = await readFile(paths(data).config, 'utf8');
    const second = await countersign(flags.with(4, 'Another Bank'));
    expect(second.exit).toBe(2);
    expect(second.err).toContain('OTHER_ANSWER_STORED');
    expect(await readFile(paths(data).config, 'utf8')).toBe(before);
    for (const secret of ['keys/signer.pem', 'config.json']) expect((await stat(join(data, secret))).mode & 0o077).toBe(0);
  });

  it('serve says what is missing in a folder that has not begun', async () => {
    const ran = await countersign(['serve', '--data', join(folder, 'empty')]);
    expect([ran.exit, ran.out]).toEqual([1, '']);
    expect(ran.err).toMatch(/countersign init/);
    expect(ran.err).not.toMatch(/ at .*\.ts:/);
  });
});

describe('R31 plan', () => {
  it('says path, rules, figures and headroom within 100 columns, and writes nothing', async () => {
    const before = await everything();
    const text = await request('plan', SECOND);
    expect([text.exit, text.err]).toEqual([0, '']);
    expect(text.out).toMatch(/committee path/);
    expect(text.out).toMatch(/FEA-003 +committee/);
    expect(text.out).toMatch(/headroom/);
    expect(widest(text.out)).toBeLessThanOrEqual(100);
    const [json, markdown, automated, coded] = [
      await request('plan', SECOND, '--json'),
      await request('plan', SECOND, '--markdown'),
      await request('plan', AUTOMATED[1], '--exit-code'),
      await request('plan', SECOND, '--exit-code'),
    ];
    const told = JSON.parse(json.out) as { routing: { path: string; findings: { code: string }[] }; contradictions: unknown[] };
    expect([told.routing.path, told.contradictions]).toEqual(['committee', []]);
    expect(told.routing.findings.map((one) => one.code)).toContain('FEA-003');
    expect(markdown.out).toMatch(/^### .*\*\*committee\*\*/);
    expect([automated.exit, coded.exit]).toEqual([0, 2]);
    expect(automated.out).toMatch(/automated path/);
    expect(await everything()).toEqual(before);
  });

  it('tells what would be refused, with exit 2', async () => {
    const ran = await request('plan', REFUSED[1]);
    expect(ran.exit).toBe(2);
    expect(ran.out).toMatch(/METRIC_MISMATCH/);
    expect(widest(ran.out)).toBeLessThanOrEqual(140);
  });

  it('decides what the server then decides', async () => {
    const planned = JSON.parse((await request('plan', AUTOMATED[1], '--json')).out) as {
      routing: { path: string; findings: unknown[] };
    };
    const ran = await request('request', AUTOMATED[1], '--wait', '--json');
    expect(ran.exit).toBe(0);
    const status = JSON.parse(ran.out) as { path: string; findings: object[]; eventHash: string };
    expect(status.path).toBe(planned.routing.path);
    expect(status.findings).toMatchObject(planned.routing.findings);
  });
});

describe('request, show, export, verify, replay, screen, gate', () => {
  let id: string;
  let event: string;
  const evidence = () => join(folder, 'evidence');

  beforeAll(async () => {
    const ran = await request('request', SECOND, '--wait');
    expect(ran.exit).toBe(0);
    id = /req-[a-z2-7]{26}/.exec(ran.out)?.[0] ?? '';
    expect(ran.out).toMatch(/needsRationale.*committee path/);
    await server.people.writeRationale(id, 'the model');
    await settled(server.client, id, ['voting']);
    await server.people.approve(id);
    event = (await settled(server.client, id, ['sealed'])).eventHash ?? '';
    const exported = await countersign(['export', event, '--out', evidence()], env);
    expect([exported.exit, exported.err]).toEqual([0, expect.stringMatching(/^\d+ objects\n$/)]);
  });

  it('the same request again is the same request', async () => {
    const first = await request('request', FRESH);
    expect([first.exit, first.out]).toEqual([0, expect.stringMatching(/^req-[a-z2-7]{26}\n$/)]);
    const again = await request('request', FRESH);
    expect([again.exit, again.out]).toEqual([0, `${first.out.trim()} (announced before; this is the same request)\n`]);
  });

  it('a refused request is exit 2, with its reason', async () => {
    const ran = await request('request', REFUSED[1], '--wait');
    expect([ran.exit, ran.err]).toEqual([2, '']);
    expect(ran.out).toMatch(/refused/);
    expect(ran.out).toMatch(/METRIC_MISMATCH/);
  });

  it('show tells a request and an event', async () => {
    const text = await countersign(['show', id], env);
    expect([text.exit, widest(text.out) <= 100]).toEqual([0, true]);
    expect(text.out).toContain(event);
    const json = await countersign(['show', id, '--json'], env);
    expect(JSON.parse(json.out)).toMatchObject({ requestId: id, outcome: 'approved' });
    const sealed = await countersign(['show', event], env);
    expect(JSON.parse(sealed.out)).toMatchObject({ predicate: { kind: 'promotion', requestId: id } });
  });

  it('R18 verify: 0 with trust, 3 without, 2 when something was changed, one line each', async () => {
    const yes = await countersign(['verify', evidence(), '--trust', trust]);
    expect([yes.exit, yes.out.split('\n').filter((line) => line.startsWith('ok ')).length]).toEqual([0, 12]);
    expect((await countersign(['verify', evidence()])).exit).toBe(3);
    expect((await countersign(['verify', evidence(), '--trust', trust, '--event', event])).exit).toBe(0);
    const tampered = join(folder, 'tampered');
    await cp(evidence(), tampered, { recursive: true });
    const [vote = ''] = await readdir(join(tampered, 'votes'));
    await writeFile(
      join(tampered, 'votes', vote),
      (await readFile(join(tampered, 'votes', vote), 'utf8')).replace('approve', 'approvE'),
    );
    const no = await countersign(['verify', tampered, '--trust', trust, '--json']);
    expect(no.exit).toBe(2);
    const checks = (JSON.parse(no.out) as { checks: { name: string; ok: boolean }[] }).checks;
    expect(checks.filter((check) => !check.ok).map((check) => check.name)).toEqual(['approvals']);
    expect((await countersign(['replay', tampered, '--trust', trust])).exit).toBe(2);
  });

  it('R18a replay: the sealed diff and routing again, byte for byte', async () => {
    const ran = await countersign(['replay', evidence(), '--trust', trust]);
    expect([ran.exit, ran.err]).toEqual([0, '']);
    expect(ran.out).toMatch(/routing +committee, byte for byte/);
    expect((await countersign(['replay', evidence()])).exit).toBe(3);
    const without = join(folder, 'without');
    await cp(evidence(), without, { recursive: true });
    // The incumbent's own event: this event verifies without it, and cannot be decided again without it.
    for (const name of await readdir(join(without, 'events')))
      if (name !== `${event.slice(7)}.dsse.json`) await rm(join(without, 'events', name));
    expect((await countersign(['verify', without, '--trust', trust])).exit).toBe(0);
    expect((await countersign(['replay', without, '--trust', trust])).exit).toBe(3);
  });

  it('R18 screen: the exact bytes whose digest was sealed', async () => {
    const { predicate } = JSON.parse((await countersign(['show', event], env)).out) as {
      predicate: { request: { screen: string } };
    };
    const out = await countersign(['screen', evidence()]);
    expect([out.exit, digestOf(out.bytes)]).toEqual([0, predicate.request.screen]);
    const file = join(folder, 'screen.html');
    expect((await countersign(['screen', evidence(), '--out', file])).exit).toBe(0);
    expect(digestOf(await readFile(file))).toBe(predicate.request.screen);
    const changed = join(folder, 'changed');
    await cp(evidence(), changed, { recursive: true });
    await writeFile(join(changed, 'blobs', predicate.request.screen.slice(7)), 'another screen');
    expect((await countersign(['screen', changed])).exit).toBe(2);
  });

  it('R22 gate: 0 for the bytes that were approved, 2 for a no, 3 when it cannot tell', async () => {
    const { predicate } = JSON.parse((await countersign(['show', event], env)).out) as {
      predicate: { model: { root: string; files: { path: string; digest: string }[] } };
    };
    const model = join(folder, 'model');
    for (const { path, digest } of predicate.model.files) {
      await mkdir(join(model, path, '..'), { recursive: true });
      await cp(join(evidence(), 'blobs', digest.slice(7)), join(model, path));
    }
    const gate = (...flags: string[]) => countersign(['gate', event, '--server', server.baseUrl, ...flags]);
    const allow = await gate('--environment', 'sandbox', '--model', model, '--json');
    expect([allow.exit, JSON.parse(allow.out)]).toMatchObject([0, { verdict: 'allow', code: 'OK' }]);
    expect((await gate('--environment', 'sandbox', '--root', predicate.model.root)).exit).toBe(0);
    expect((await gate('--environment', 'production', '--root', predicate.model.root)).exit).toBe(2);
    expect((await gate('--environment', 'nowhere', '--root', predicate.model.root)).exit).toBe(3);
    await writeFile(join(model, 'extra.txt'), 'one file more');
    expect((await gate('--environment', 'sandbox', '--model', model)).exit).toBe(2);
    const silent = await countersign([
      'gate',
      event,
      '--environment',
      'sandbox',
      '--root',
      predicate.model.root,
      '--server',
      'http://127.0.0.1:9',
    ]);
    expect([silent.exit, silent.out]).toEqual([3, '']);
  });
});

describe('profile', () => {
  it('is the very object a request seals: same counts, same digest', async () => {
    const { built, root } = await server.announced(FRESH);
    const [sealed = ''] = built.request.profiles;
    const scoring = built.request.dataset.find((slice) => slice.role === 'scoring');
    const manifest = parse(await readFile(join(EXAMPLE, FRESH), 'utf8')) as {
      population: { file: string; segments: string[]; scores: Record<string, string> };
    };
    const score = Object.entries(manifest.population.scores).find(([, who]) => who === 'candidate')?.[0];
    const out = join(folder, 'profile.json');
    const ran = await countersign([
      'profile',
      join(EXAMPLE, manifest.population.file),
      '--out',
      out,
      '--columns',
      built.request.features.map((feature) => feature.name).join(','),
      '--segments',
      manifest.population.segments.join(','),
      '--score',
      `${score}=${root}`,
    ]);
    expect(ran.exit).toBe(0);
    expect(digestOf(await readFile(out))).toBe(sealed);
    expect(ran.err).toContain(sealed);
    expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject({ slice: scoring?.digest, rows: scoring?.rows });
  });
});

describe.concurrent('errors', () => {
  const wrong: [string, number, string[], RegExp][] = [
    ['no such command', 1, ['promote'], /unknown command/],
    ['a flag that is missing', 1, ['plan', EXAMPLE], /--manifest/],
    ['no such manifest', 1, ['plan', EXAMPLE, '--manifest', 'nothing.yaml'], /nothing\.yaml/],
    ['a gate without bytes', 1, ['gate', `sha256:${'0'.repeat(64)}`, '--environment', 'sandbox'], /--model/],
    ['a root that is none', 1, ['gate', 'x', '--environment', 'sandbox', '--root', 'latest'], /sha256/],
    ['no such folder', 1, ['verify', '/nowhere', '--trust', 'TRUST'], /not an exported event/],
    ['no such trust file', 1, ['verify', '/nowhere', '--trust', '/nowhere.json'], /no trust file/],
    ['no such profile input', 2, ['profile', '/nowhere.csv'], /no such file/],
    ['a request that is not there', 2, ['show', `req-${'a'.repeat(26)}`], /NOT_FOUND/],
    ['an event that is not there', 2, ['show', `sha256:${'0'.repeat(64)}`], /NOT_FOUND/],
    ['an export of nothing', 2, ['export', `sha256:${'0'.repeat(64)}`, '--out', 'nowhere'], /NOT_FOUND/],
  ];
  it.each(wrong)('%s: exit %i, one sentence, no stack', async (_, exit, args, says) => {
    const ran = await countersign(
      args.map((arg) => (arg === 'TRUST' ? trust : arg)),
      env,
    );
    expect(ran.err).toMatch(says);
    expect(ran.err).not.toMatch(/\n {4}at /);
    expect([ran.exit, ran.out]).toEqual([exit, '']);
  });

  it('4 when nobody is signed in, or the token is not taken', async () => {
    for (const own of [
      { COUNTERSIGN_SERVER: server.baseUrl },
      { COUNTERSIGN_SERVER: server.baseUrl, COUNTERSIGN_TOKEN: 'nonsense' },
    ]) {
      for (const args of [
        ['show', `req-${'a'.repeat(26)}`],
        ['plan', EXAMPLE, '--manifest', SECOND],
        ['export', `sha256:${'0'.repeat(64)}`, '--out', folder],
      ]) {
        const ran = await countersign(args, own);
        expect([args[0], ran.exit, ran.out]).toEqual([args[0], 4, '']);
      }
    }
  });

  it('1 when no server answers, or the secret is wrong: nothing was asked', async () => {
    const nobody = await countersign(['show', 'req-x'], {
      ...env,
      COUNTERSIGN_SERVER: 'http://127.0.0.1:9',
      COUNTERSIGN_TOKEN: 'x',
    });
    expect([nobody.exit, nobody.err]).toEqual([1, expect.stringMatching(/no answer from/)]);
    const secret = await countersign(['show', 'req-x'], { ...env, COUNTERSIGN_CLIENT_SECRET: 'wrong' });
    expect([secret.exit, secret.err]).toEqual([1, expect.stringMatching(/no token from/)]);
  });
});
