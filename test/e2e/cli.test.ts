// The commands, each a process of its own, against the real server.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
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
    expect(first.out).toMatch(/production gates\s+refuse it/);
    const before = await readFile(paths(data).config, 'utf8');
    const second = await countersign(flags.with(4, 'Another Bank'));
    expect(second.exit).toBe(2);
    expect(second.err).toMatch(/ALREADY_STARTED[\s\S]*for Test Bank; nothing was changed[\s\S]*another --data folder/);
    expect(second.err).not.toMatch(/this reply/);
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

describe('doctor', () => {
  type Told = { well: boolean; findings: { name: string; state: string; detail: string }[] };
  const doctor = async (data: string) => {
    const ran = await countersign(['doctor', '--data', data, '--json']);
    return { exit: ran.exit, told: JSON.parse(ran.out) as Told };
  };

  it('R23 says what is there and changes nothing; a changed policy or a lost store is exit 2', async () => {
    const before = await everything();
    const { exit, told } = await doctor(server.data);
    expect([exit, told.well]).toEqual([0, true]);
    const machine = ['node', 'program', 'go', 'opa', 'data folder', 'free disk', 'address', 'sign-in'];
    const names = [...machine, 'store', 'policy', 'health', 'signing key', 'key to seal, release', 'key to checkpoint'];
    expect(told.findings.map(({ name }) => name)).toEqual(names);
    expect(told.findings.find(({ name }) => name === 'address')?.detail).toContain('a server is ready');
    expect(await everything()).toEqual(before);
    const text = await countersign(['doctor', '--data', server.data]);
    expect([text.exit, widest(text.out) <= 100]).toEqual([0, true]);
    const hurt = join(folder, 'hurt');
    await cp(server.data, hurt, { recursive: true });
    const [pack = ''] = await readdir(join(hurt, 'vault', 'packs'));
    const file = join(hurt, 'vault', 'packs', pack, 'data.json');
    await rm(file);
    const lost = await doctor(hurt);
    expect([lost.exit, lost.told.findings.filter(({ state }) => state === 'fail').map(({ name }) => name)]).toEqual([
      2,
      ['policy'],
    ]);
    expect((await doctor(join(folder, 'nothing'))).exit).toBe(2);
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
    expect([exported.exit, exported.err]).toEqual([0, expect.stringMatching(/^\d+ files\n$/)]);
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
    const sealed = await countersign(['show', event, '--json'], env);
    expect(JSON.parse(sealed.out)).toMatchObject({ predicate: { kind: 'promotion', requestId: id } });
  });

  it('R69 show tells an event on one screenful: its six fields, who approved with which role, where more is', async () => {
    const text = await countersign(['show', event], env);
    const lines = text.out.trimEnd().split('\n');
    expect([text.exit, widest(text.out) <= 100, lines.length <= 40]).toEqual([0, true, true]);
    const fields = ['model', 'challenger', 'request', 'approvals', 'explanation', 'dataset'];
    expect(lines.map((line) => line.split(' ')[0] ?? '').filter((word) => fields.includes(word))).toEqual(
      expect.arrayContaining(fields),
    );
    expect(text.out).toMatch(/approve: person \S+ with [a-z-]+.* \d{4}-\d\d-\d\dT/);
    expect(lines.at(-1)).toMatch(/--json/);
  });

  it('R18 verify: 0 with trust, 3 without, 2 when something was changed, one line each', async () => {
    const yes = await countersign(['verify', evidence(), '--trust', trust]);
    // Twelve of the event, its entry in the log, and eight of the pack around it.
    expect([yes.exit, yes.out.split('\n').filter((line) => line.startsWith('ok ')).length]).toEqual([0, 21]);
    // Said beside the ticks: what nobody can check from these files.
    expect(yes.out).toMatch(/^not proven here +who announced it/m);
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
    expect(checks.filter((check) => !check.ok).map((check) => check.name)).toEqual(['approvals', 'index']);
    expect((await countersign(['replay', tampered, '--trust', trust])).exit).toBe(2);
  });

  it('R18a replay: the sealed diff and routing again, byte for byte', async () => {
    const ran = await countersign(['replay', evidence(), '--trust', trust]);
    expect([ran.exit, ran.err]).toEqual([0, '']);
    expect(ran.out).toMatch(/routing +committee, byte for byte/);
    expect((await countersign(['replay', evidence()])).exit).toBe(3);
    const without = join(folder, 'without');
    await cp(evidence(), without, { recursive: true });
    // The incumbent's own event: without it nobody can say what this one was compared with.
    for (const name of await readdir(join(without, 'events')))
      if (name !== `${event.slice(7)}.dsse.json`) await rm(join(without, 'events', name));
    const lacking = await countersign(['verify', without, '--trust', trust]);
    expect([lacking.exit, lacking.out]).toEqual([2, expect.stringMatching(/baselines.*is not here/)]);
    expect((await countersign(['replay', without, '--trust', trust])).exit).toBe(2);
  });

  it.each([
    ['a pipe', async (at: string) => void execFileSync('mkfifo', [at])],
    ['a device', (at: string) => symlink('/dev/zero', at)],
    ['a folder', async (at: string) => void (await mkdir(at))],
  ])('R18 verify does not wait for %s in the folder, nor read it', async (_, put) => {
    const strange = await mkdtemp(join(folder, 'strange-'));
    await cp(evidence(), strange, { recursive: true });
    const [vote = ''] = await readdir(join(strange, 'votes'));
    await rm(join(strange, 'votes', vote));
    await put(join(strange, 'votes', vote));
    const ran = await countersign(['verify', strange, '--trust', trust]);
    expect([ran.exit, ran.err]).toEqual([3, expect.stringContaining('is not a plain file')]);
  });

  it('R18 verify does not follow a link out of the folder', async () => {
    const linked = join(folder, 'linked');
    await cp(evidence(), linked, { recursive: true });
    await rename(join(linked, 'votes'), join(folder, 'votes-elsewhere'));
    await symlink(join(folder, 'votes-elsewhere'), join(linked, 'votes'));
    const ran = await countersign(['verify', linked, '--trust', trust]);
    expect([ran.exit, ran.err]).toEqual([3, expect.stringContaining('lies outside the folder')]);
  });

  it('R18 screen: the exact bytes whose digest was sealed', async () => {
    const { predicate } = JSON.parse((await countersign(['show', event, '--json'], env)).out) as {
      predicate: { request: { screen: string } };
    };
    const out = await countersign(['screen', evidence(), '--stdout']);
    expect([out.exit, digestOf(out.bytes)]).toEqual([0, predicate.request.screen]);
    const file = join(folder, 'screen.html');
    const written = await countersign(['screen', evidence(), '--out', file]);
    // A terminal gets the name of the file, never the page.
    expect([written.exit, written.out]).toEqual([0, `${file}\n`]);
    expect(digestOf(await readFile(file))).toBe(predicate.request.screen);
    const changed = join(folder, 'changed');
    await cp(evidence(), changed, { recursive: true });
    await writeFile(join(changed, 'blobs', predicate.request.screen.slice(7)), 'another screen');
    expect((await countersign(['screen', changed, '--stdout'])).exit).toBe(2);
  });

  it('R22 gate: 0 for the bytes that were approved, 2 for a no, 3 when it cannot tell', async () => {
    const { predicate } = JSON.parse((await countersign(['show', event, '--json'], env)).out) as {
      predicate: {
        model: { root: string; manifest: string; name: string; files: { path: string; digest: string }[] };
        scope: { line: string };
      };
    };
    const model = join(folder, 'model');
    for (const { path, digest } of predicate.model.files) {
      await mkdir(join(model, path, '..'), { recursive: true });
      await cp(join(evidence(), 'blobs', digest.slice(7)), join(model, path));
    }
    const { root, manifest, name } = predicate.model;
    const { line } = predicate.scope;
    const gate = (...flags: string[]) =>
      countersign(['gate', event, '--server', server.baseUrl, '--line', line, '--environment', ...flags]);
    const bytes = ['--model', model, '--name', name];
    const digests = ['--root', root, '--manifest', manifest];
    const allow = await gate('sandbox', ...bytes, '--json');
    expect([allow.exit, JSON.parse(allow.out)]).toMatchObject([0, { verdict: 'allow', code: 'OK' }]);
    expect((await gate('sandbox', ...digests)).exit).toBe(0);
    expect((await gate('production', ...digests)).exit).toBe(2);
    expect((await gate('nowhere', ...digests)).exit).toBe(3);
    const other = await gate('sandbox', ...digests, '--line', 'another-line');
    expect([other.exit, other.out]).toEqual([2, expect.stringContaining('OUT_OF_SCOPE')]);
    await rename(join(model, 'config.json'), join(model, 'config.json5'));
    const renamed = await gate('sandbox', ...bytes);
    expect([renamed.exit, renamed.out]).toEqual([2, expect.stringContaining('same bytes, other names')]);
    await writeFile(join(model, 'extra.txt'), 'one file more');
    expect((await gate('sandbox', ...bytes)).exit).toBe(2);
    const silent = await countersign([
      'gate',
      event,
      '--environment',
      'sandbox',
      '--line',
      line,
      ...digests,
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
    ['a gate without bytes', 1, ['gate', `sha256:${'0'.repeat(64)}`, '--environment', 'sandbox', '--line', 'a'], /--model/],
    ['a gate without a line', 1, ['gate', 'x', '--environment', 'sandbox'], /--line/],
    [
      'a root that is none',
      1,
      ['gate', 'x', '--environment', 'sandbox', '--line', 'a', '--root', 'latest', '--manifest', 'x'],
      /sha256/,
    ],
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
        expect(ran.err).toMatch(/^sign-in needed: [^\n]*\n$/);
      }
    }
  });

  it('3 when no server answers, 4 when the secret is wrong: one sentence that says what to do', async () => {
    const nobody = await countersign(['show', 'req-x'], {
      ...env,
      COUNTERSIGN_SERVER: 'http://127.0.0.1:9',
      COUNTERSIGN_TOKEN: 'x',
    });
    expect([nobody.exit, nobody.err]).toEqual([
      3,
      expect.stringMatching(/^cannot tell: no answer from .*countersign serve.*\n$/),
    ]);
    const secret = await countersign(['show', 'req-x'], { ...env, COUNTERSIGN_CLIENT_SECRET: 'wrong' });
    expect([secret.exit, secret.err]).toEqual([4, expect.stringMatching(/^sign-in needed: .*COUNTERSIGN_CLIENT_SECRET.*\n$/)]);
    const issuer = await countersign(['show', 'req-x'], { ...env, COUNTERSIGN_ISSUER: `${server.baseUrl}/nowhere` });
    expect([issuer.exit, issuer.err]).toEqual([4, expect.stringMatching(/^sign-in needed: .*COUNTERSIGN_ISSUER.*\n$/)]);
    const gone = await countersign(['show', 'req-x'], { ...env, COUNTERSIGN_ISSUER: 'http://127.0.0.1:9/idp' });
    expect([gone.exit, gone.err]).toEqual([3, expect.stringMatching(/^cannot tell: no answer from .*\n$/)]);
  });
});
