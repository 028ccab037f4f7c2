// A release from the working copy into force: signed and brought by commands, proposed and confirmed by two people on the page.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportEvent } from '../../cli/commands/export.ts';
import { release, status, upload } from '../../cli/commands/policy-release.ts';
import { verify } from '../../cli/commands/verify.ts';
import { paths } from '../../cli/embedded.ts';
import { readRelease } from '../../cli/release-folder.ts';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { SAMPLE_PEOPLE } from '../../functions/adapters/local/sample-people.ts';
import { handleOf } from '../../functions/domain/actor.ts';
import { digestOf, hexOf } from '../../functions/domain/digest.ts';
import { type Files, nameOf, packWithExpiry, signed } from '../support/release.ts';
import { hidden, serviceEnvironment, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let work: string;

beforeAll(async () => {
  server = await startTestServer();
  work = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
  Object.assign(process.env, serviceEnvironment(server.baseUrl));
});
afterAll(async () => {
  for (const name of Object.keys(serviceEnvironment(''))) delete process.env[name];
  await rm(work, { recursive: true });
  await server.stop();
});

/** What a command says on both streams, with its exit code. */
async function said(command: () => Promise<number>): Promise<{ exit: number; text: string }> {
  const streams = [process.stdout, process.stderr];
  const before = streams.map(({ write }) => write);
  let text = '';
  for (const stream of streams) {
    stream.write = (chunk: string | Uint8Array) => {
      text += String(chunk);
      return true;
    };
  }
  try {
    return { exit: await command(), text };
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = before[i] ?? stream.write;
  }
}

async function folderOf(name: string, files: Files): Promise<string> {
  const folder = join(work, name);
  await mkdir(folder, { recursive: true });
  for (const [file, bytes] of files) await writeFile(join(folder, file), bytes);
  return folder;
}

const flags = () => ({ server: server.baseUrl });
const active = async () => (await (await fetch(`${server.baseUrl}/policy`)).json()) as { pack: string; event: string };
const subOf = (name: string) => SAMPLE_PEOPLE.find(({ username }) => username === name)?.sub ?? '';
const handle = (name: string) => handleOf({ iss: `${server.baseUrl}/idp`, sub: subOf(name) });

const csrfOf = async (person: Awaited<ReturnType<TestServer['as']>>) =>
  hidden(await (await person.get('/policy')).text(), 'csrf');

async function send(name: string, path: string, form: Record<string, string> = {}) {
  const person = await server.as(name);
  const response = await person.post(path, { ...form, csrf: await csrfOf(person) });
  const body = response.status === 303 ? undefined : ((await response.json()) as { problems: { code: string }[] });
  return [response.status, ...(body?.problems.map(({ code }) => code) ?? [])];
}

const termsFor = (pack: string, more: Record<string, string> = {}) => ({
  pack,
  version: '1.1.0',
  commit: 'c'.repeat(40),
  authors: handle('frank'),
  whatIf: '',
  ...more,
});

const confirmPath = async (name: string): Promise<string | undefined> =>
  /action="(\/policy\/proposals\/[^"]+\/confirm)"/.exec(await (await (await server.as(name)).get('/policy')).text())?.[1];

describe('R35 R52 a release goes into force', () => {
  let folder: string;
  let pack: string;

  it('is signed with the key of the data folder, in a folder named by its digest', async () => {
    const built = await folderOf('built', packWithExpiry(7));
    const done = await said(() => release({ from: built, out: join(work, 'releases'), data: server.data }));
    pack = nameOf(packWithExpiry(7));
    folder = join(work, 'releases', hexOf(nameOf(packWithExpiry(7))));
    expect(done).toEqual({ exit: 0, text: expect.stringContaining(pack) });
    expect(done.text).toContain(folder);
  });

  it('is refused when a byte changed, its signature is gone, or a stranger signed it; nothing of it is kept', async () => {
    const files = await readRelease(folder);
    const stranger = await openDevSigner(join(work, 'stranger.pem'));
    const data = Buffer.from(files.get('data.json') ?? '');
    data[10] = (data[10] ?? 0) ^ 1;
    const wrong: [string, Files, string][] = [
      ['changed', new Map(files).set('data.json', new Uint8Array(data)), 'POLICY_BYTES_CHANGED'],
      ['stripped', new Map([...files].filter(([name]) => name !== 'release.dsse.json')), 'POLICY_NOT_SIGNED'],
      ['stranger', await signed(packWithExpiry(7), stranger), 'POLICY_NOT_SIGNED'],
    ];
    await rm(join(work, 'stripped'), { recursive: true, force: true });
    for (const [name, content, code] of wrong) {
      const at = await folderOf(name, content);
      expect([name, await said(() => upload(at, flags()))]).toEqual([name, { exit: 2, text: expect.stringContaining(code) }]);
    }
    expect(await send('frank', '/policy/proposals', termsFor(pack))).toEqual([422, 'POLICY_NOT_UPLOADED']);
  });

  it('is brought by the pipeline, with the report that people read', async () => {
    const report = join(work, 'what-if.md');
    await writeFile(report, 'Of 412 promotions, none would re-route.\n');
    const done = await said(() => upload(folder, { ...flags(), whatIf: report }));
    expect(done).toEqual({ exit: 0, text: expect.stringContaining(`${server.baseUrl}/policy`) });
    expect((await active()).pack).not.toBe(pack);
    for (const path of ['/policy/releases', '/policy/proposals', `/policy/proposals/${pack}/confirm`])
      expect((await fetch(server.baseUrl + path, { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('is proposed by an owner only, in words that make sense', async () => {
    expect(await send('alice', '/policy/proposals', termsFor(pack))).toEqual([403, 'NOT_YOURS']);
    const nonsense = termsFor(pack, { version: 'v1', commit: 'main', authors: ' , ' });
    expect(await send('frank', '/policy/proposals', nonsense)).toEqual([
      422,
      'INVALID_VALUE',
      'INVALID_VALUE',
      'INVALID_VALUE',
    ]);
    expect(await send('frank', '/policy/proposals', termsFor(pack, { authors: 'frank@bank.example' }))).toEqual([
      422,
      'INVALID_VALUE',
    ]);
    const foreign = await (await server.as('frank')).post('/policy/proposals', { ...termsFor(pack), csrf: 'guessed' });
    expect(foreign.status).toBe(403);
    const whatIf = digestOf('Of 412 promotions, none would re-route.\n');
    expect(await send('frank', '/policy/proposals', termsFor(pack, { whatIf }))).toEqual([303]);
    expect(await send('frank', '/policy/proposals', termsFor(pack, { whatIf }))).toEqual([303]);
  });

  it('offers the confirmation to the other owner, and to nobody else', async () => {
    expect(await confirmPath('frank')).toBeUndefined();
    expect(await confirmPath('alice')).toBeUndefined();
    const path = (await confirmPath('grace')) ?? '';
    expect(path).not.toBe('');
    expect(await send('frank', path)).toEqual([403, 'SEPARATION']);
    expect(await send('alice', path)).toEqual([403, 'NOT_YOURS']);
    expect((await active()).pack).not.toBe(pack);
  });

  it('routes once the second confirmed, twice sent or not', async () => {
    const path = (await confirmPath('grace')) ?? '';
    expect(await Promise.all([send('grace', path), send('grace', path)])).toEqual([[303], [303]]);
    expect((await active()).pack).toBe(pack);
    expect(await confirmPath('grace')).toBeUndefined();
    await server.restart();
    expect((await active()).pack).toBe(pack);
  });

  it('says who did it, and an auditor verifies it without the server', async () => {
    const told = await said(() => status(flags()));
    expect(told.exit).toBe(0);
    for (const part of [pack, '1.1.0', `proposed by ${handle('frank')}`, `confirmed by ${handle('grace')}`])
      expect(told.text).toContain(part);
    const page = await (await (await server.as('ada')).get('/policy')).text();
    for (const part of [pack, '1.1.0', handle('frank'), handle('grace')]) expect(page).toContain(part);
    expect(page).not.toMatch(/Frank|Grace/);

    const out = join(work, 'evidence');
    expect((await said(async () => exportEvent((await active()).event, { ...flags(), out }))).exit).toBe(0);
    const verified = await said(() => verify(out, { trust: paths(server.data).trust('sandbox') }));
    expect(verified).toEqual({ exit: 0, text: expect.stringContaining('two persons, one of whom did not write 1.1.0') });
  });
});
