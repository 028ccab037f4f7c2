// Damaged stores (evidence.md §8, case 28 for the embedded index): each is detected, named and survived.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serviceToken } from '../../cli/commands/context.ts';
import { build } from '../../cli/commands/plan.ts';
import { openStores, openVault, paths } from '../../cli/embedded.ts';
import { activeOf, readRelease } from '../../functions/activation.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { readEvent } from '../../functions/baseline.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import { RequestId } from '../../functions/domain/request.ts';
import { journalKey } from '../../functions/domain/vault-keys.ts';
import { journalEnd, journalled, replayJournal } from '../../functions/journal.ts';
import { packsFrom } from '../../functions/packs.ts';
import { readVotes } from '../../functions/steps/votes.ts';
import { readBlob, readDossier } from '../../functions/store.ts';
import { countersign } from '../support/command.ts';
import { EXAMPLE } from '../support/promote.ts';
import { type Announced, approved, serviceEnvironment, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let sealed: Announced;
let waiting: Announced;
/** A copy for each test; the server goes on over its own. */
let data: string;
let baseUrl: string;

beforeAll(async () => {
  server = await startTestServer();
  sealed = await approved(server, 'scenarios/12-no-incumbent/1-v01.yaml');
  waiting = await server.announced('scenarios/01-in-band-retrain/1-v01.yaml');
  await server.idle();
}, 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'countersign-damage-'));
  await cp(server.data, data, { recursive: true });
  // At an address of its own: the first server goes on at its.
  baseUrl = server.baseUrl.replace(/:\d+$/, `:${20_000 + (process.pid % 100) * 100 + 77}`);
  for (const name of (await readdir(data)).filter((one) => one.endsWith('.json')))
    await writeFile(join(data, name), (await readFile(join(data, name), 'utf8')).replaceAll(server.baseUrl, baseUrl));
  // Everything into the one file, so that damage to it is damage.
  const raw = new DatabaseSync(paths(data).index);
  raw.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  raw.close();
  return () => rm(data, { recursive: true, force: true });
});

const rows = () => {
  const index = new SqliteIndex(paths(data).index);
  const all = [...index.rows()];
  index.close();
  return all;
};
const flip = async (file: string, at: (size: number) => number) => {
  const bytes = await readFile(file);
  const place = at(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ 0x10;
  await chmod(file, 0o600);
  await writeFile(file, bytes);
};
const object = (key: string) => join(paths(data).vault, key);

describe('R14 R27 a damaged index is refused with the command that makes it anew', { timeout: 60_000 }, () => {
  const index = () => paths(data).index;
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['missing', () => rm(index()), /index\.db is missing and the vault is not empty/],
    ['empty', () => writeFile(index(), ''), /nothing is said/],
    ['cut in half', async () => truncate(index(), Math.floor((await readFile(index())).length / 2)), /malformed|damaged/],
    ['not a database', () => writeFile(index(), 'hello '.repeat(1000)), /file is not a database/],
    ['its first bytes flipped', () => flip(index(), () => 3), /file is not a database/],
    ['a page of it flipped', () => flip(index(), (size) => size - (size % 4096 || 4096) - 4096 * 3), /damaged|malformed/],
  ])('%s', async (name, damage, says) => {
    const before = rows();
    await damage();
    const opened = await openStores(data).then(
      (stores) => {
        stores.close();
        return 'opened';
      },
      (error: Error) => error.message,
    );
    // An empty file is an index that follows nothing yet: the journal alone brings it back.
    if (name !== 'empty') {
      expect(opened).toMatch(says);
      expect(opened).toContain(`countersign rebuild --data ${data}`);
      expect((await countersign(['rebuild', '--data', data])).exit).toBe(0);
    }
    expect(rows()).toEqual(before);
    expect((await countersign(['audit', '--data', data])).exit).toBe(0);
  });

  it('serve says it and ends with "cannot tell"; init starts nothing anew over a full vault', async () => {
    await rm(index());
    const served = await countersign(['serve', '--data', data]);
    expect([served.exit, served.err]).toEqual([3, expect.stringContaining(`run \`countersign rebuild --data ${data}\``)]);
    const flags = ['--organisation', 'Another Bank', '--retention-owner', 'somebody'];
    expect((await countersign(['init', '--data', data, ...flags])).exit).toBe(3);
    const built = await countersign(['rebuild', '--data', data, '--json']);
    expect(JSON.parse(built.out)).toMatchObject({ open: 1, replaced: null, unfinished: [] });
  });

  it('an index of an older day catches up with the journal', async () => {
    const before = rows();
    const older = new SqliteIndex(`${index()}.older`);
    const stores = await openStores(data);
    const { n } = await journalEnd(stores.index);
    stores.close();
    await replayJournal(stores.vault, older, () => undefined, n - 5);
    older.finish();
    await rename(`${index()}.older`, index());
    (await openStores(data)).close();
    expect(rows()).toEqual(before);
  });

  it('a body edited in the index is found by the audit, and gone after a rebuild', async () => {
    const raw = new DatabaseSync(index());
    raw.exec('DROP TRIGGER fact_is_never_changed');
    raw.prepare("UPDATE fact SET body = replace(body, '\"approved\"', '\"rejected\"') WHERE sk = 'decision'").run();
    raw.close();
    const found = await countersign(['audit', '--data', data, '--json']);
    expect(found.exit).toBe(2);
    const name = `REQ#${sealed.status.requestId} / decision`;
    expect(JSON.parse(found.out)).toMatchObject({ well: false, faults: [{ kind: 'rowDiffers', name }] });
    const table = await countersign(['audit', '--data', data]);
    expect(Math.max(...table.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    await countersign(['rebuild', '--data', data]);
    expect((await countersign(['audit', '--data', data])).exit).toBe(0);
  });
});

describe('R10 R14 a damaged object is named and read by nobody', { timeout: 60_000 }, () => {
  const inStores = async <T>(work: (stores: Awaited<ReturnType<typeof openStores>>) => Promise<T>): Promise<T> => {
    const stores = await openStores(data);
    try {
      return await work(stores);
    } finally {
      stores.close();
    }
  };
  const hash = () => sealed.status.eventHash as EventHash;
  const middle = (size: number) => Math.floor(size / 2);
  const audited = async () => {
    const ran = await countersign(['audit', '--data', data, '--json']);
    const { faults } = JSON.parse(ran.out) as { faults: { kind: string; name: string; detail: string }[] };
    return { exit: ran.exit, faults: faults.map(({ kind, name, detail }) => `${kind} ${name} ${detail}`).join('\n') };
  };

  it.each(['flipped', 'cut'] as const)('an event, %s', async (how) => {
    const key = `events/${hash().slice(7)}.dsse.json`;
    if (how === 'flipped') await flip(object(key), middle);
    else await chmod(object(key), 0o600).then(() => truncate(object(key), 100));
    await expect(inStores((stores) => readEvent(stores, hash()))).rejects.toThrow(hash());
    expect(await audited()).toMatchObject({ exit: 2, faults: expect.stringContaining(`hashMismatch ${key}`) });
  });

  it.each(['flipped', 'cut'] as const)('a blob, %s', async (how) => {
    await inStores(async (stores) => {
      const screen = (await readDossier(stores.index, RequestId.parse(sealed.status.requestId)))?.screen?.screen;
      if (screen === undefined) throw new Error('no screen');
      const key = `blobs/${screen.slice(7)}`;
      if (how === 'flipped') await flip(object(key), middle);
      else await chmod(object(key), 0o600).then(() => truncate(object(key), 100));
      await expect(readBlob(stores.vault, screen)).rejects.toThrow(screen);
      expect(await audited()).toMatchObject({ exit: 2, faults: expect.stringContaining(`hashMismatch ${key}`) });
    });
  });

  it('a vote', async () => {
    await inStores(async (stores) => {
      const dossier = await readDossier(stores.index, RequestId.parse(sealed.status.requestId));
      const vote = dossier?.votes[0];
      if (dossier === undefined || vote === undefined) throw new Error('no vote');
      await flip(object(`votes/${vote.voteKey}.json`), middle);
      const world = { ...stores, packs: packsFrom(stores.vault), workflow: { wake: () => undefined } };
      await expect(readVotes(world, dossier, [vote.voteKey])).rejects.toThrow(vote.voteKey);
      expect((await audited()).faults).toContain(`hashMismatch votes/${vote.voteKey}.json`);
    });
  });

  it('a file of the policy pack', async () => {
    await inStores(async (stores) => {
      const pack = (await activeOf(stores.index))?.row.pack;
      if (pack === undefined) throw new Error('no pack');
      for (const name of await readdir(object(`packs/${pack.slice(7)}`))) {
        const file = object(`packs/${pack.slice(7)}/${name}`);
        const good = await readFile(file);
        await flip(file, middle);
        const again = { ...stores, packs: packsFrom(stores.vault) };
        const loaded = await again.packs.load(pack).then(
          () => 'loaded',
          (error: Error) => error.message,
        );
        const release = await readRelease({ vault: stores.vault }, pack);
        const problems = release.ok ? '' : release.problems.map(({ code, pointer }) => `${code} ${pointer}`).join();
        expect([loaded === 'loaded' && release.ok, `${loaded} ${problems}`], name).toEqual([
          false,
          expect.stringMatching(/\S/),
        ]);
        await writeFile(file, good);
      }
    });
  });

  it('an entry of the journal: the audit and the rebuild name it, the old index stays', async () => {
    const before = rows();
    await flip(object(journalKey(7)), middle);
    expect(await audited()).toMatchObject({
      exit: 2,
      faults: expect.stringMatching(/hashMismatch journal journal\/000\/000\/007 was changed/),
    });
    const ran = await countersign(['rebuild', '--data', data]);
    expect([ran.exit, ran.err]).toEqual([3, expect.stringContaining(journalKey(7))]);
    expect(rows()).toEqual(before);
  });

  it('a tile of the log', async () => {
    const [bundle] = (await readdir(object('log/tile/entries'), { recursive: true, withFileTypes: true }))
      .filter((one) => one.isFile())
      .slice(-1);
    if (bundle === undefined) throw new Error('no bundle');
    for (const file of await readdir(bundle.parentPath)) await flip(join(bundle.parentPath, file), middle);
    expect(await audited()).toMatchObject({ exit: 2, faults: expect.stringMatching(/leaf(Differs|WithoutEvent) /) });
  });

  it('an envelope that nothing here asked for, and one whose rows are missing', async () => {
    const key = `events/${hash().slice(7)}.dsse.json`;
    await rm(object(key));
    expect(await audited()).toMatchObject({
      exit: 2,
      faults: expect.stringContaining(`rowWithoutObject EVENT#${hash()} / event`),
    });
  });
});

describe.runIf(process.platform === 'linux')('R23 a full disk', { timeout: 60_000 }, () => {
  it('answers 503 CANNOT_TELL; nothing that was answered "ok" is lost; with room again the same call succeeds', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../cli/main.ts'), 'serve', '--data', data, '--demo'], {
      stdio: 'ignore',
    });
    try {
      for (let turn = 0; turn < 400 && !(await fetch(`${baseUrl}/readyz`).catch(() => undefined))?.ok; turn++) await sleep(50);
      const env = serviceEnvironment(baseUrl);
      const token = await serviceToken(`${baseUrl}/idp`, env.COUNTERSIGN_CLIENT_ID, env.COUNTERSIGN_CLIENT_SECRET);
      const headers = { authorization: `Bearer ${token}` };
      const made = await build(EXAMPLE, 'scenarios/02-threshold-moved/1-v01.yaml', server.client);
      if (!made.ok) throw new Error(JSON.stringify(made.problems));
      for (const [digest, blob] of made.value.blobs) {
        const body = blob.kind === 'bytes' ? Buffer.from(blob.bytes) : await readFile(blob.path);
        expect((await fetch(`${baseUrl}/blobs/${digest}`, { method: 'PUT', headers, body })).ok).toBe(true);
      }
      const send = () =>
        fetch(`${baseUrl}/requests`, { method: 'POST', headers, body: Buffer.from(canonicalBytes(made.value.request)) });
      // No file of this process may grow: what a full disk does to it, whoever it runs as.
      const limit = (size: string) => execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${size}`]);
      limit('0:unlimited');
      const refused = await send();
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'CANNOT_TELL']);
      const status = await fetch(`${baseUrl}/requests/${waiting.status.requestId}/status`, { headers });
      expect([status.status, ((await status.json()) as { state: string }).state]).toEqual([200, waiting.status.state]);
      const running = await countersign(['rebuild', '--data', data]);
      expect([running.exit, running.err]).toEqual([1, expect.stringContaining('stop it first')]);
      limit('unlimited:unlimited');
      const taken = await send();
      expect(taken.status).toBeLessThan(300);
      const { requestId } = (await taken.json()) as { requestId: string };
      child.kill('SIGKILL');
      await once(child, 'exit');
      const stores = await openStores(data);
      expect(await readDossier(stores.index, RequestId.parse(requestId))).toBeDefined();
      expect(await readDossier(stores.index, RequestId.parse(waiting.status.requestId))).toBeDefined();
      stores.close();
      expect((await countersign(['audit', '--data', data])).exit).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('R21 R23 an audit that finds what does not heal', { timeout: 60_000 }, () => {
  it('names a registry that says otherwise, and freezes the store where it is asked to', async () => {
    const registry = join(data, 'registry.json');
    await writeFile(registry, '[]');
    const quiet = await countersign(['audit', '--data', data]);
    expect([quiet.exit, quiet.out]).toEqual([0, expect.stringContaining('vault, index and log agree')]);
    const told = await countersign(['audit', '--data', data, '--registry', registry]);
    expect([told.exit, told.out]).toEqual([2, expect.stringContaining('registryDiffers')]);
    expect((await countersign(['audit', '--data', data, '--registry', registry, '--freeze'])).exit).toBe(2);
    const doctor = await countersign(['doctor', '--data', data]);
    expect([doctor.exit, doctor.out.replace(/\s+/g, ' ')]).toEqual([
      2,
      expect.stringMatching(/FROZEN since .* audit: 1 do not heal by themselves/),
    ]);
    expect((await countersign(['thaw', '--data', data, '--reason', 'the registry was put right'])).exit).toBe(0);
  });

  it('a transaction whose rows were not written is named, and heals', async () => {
    const before = `${paths(data).index}.before`;
    await cp(paths(data).index, before);
    const index = new SqliteIndex(paths(data).index);
    const { n } = await journalEnd(index);
    const body = { event: `sha256:${'0'.repeat(64)}` };
    await journalled(openVault(data), index).commit([{ kind: 'fact', key: { pk: 'TEST', sk: 'fact' }, body }]);
    index.close();
    await cp(before, paths(data).index);
    for (const ending of ['-wal', '-shm']) await rm(paths(data).index + ending, { force: true });
    const { exit, out } = await countersign(['audit', '--data', data]);
    expect([exit, out]).toEqual([0, expect.stringContaining('unindexed (heals)')]);
    await flip(object(journalKey(n + 1)), (size) => size >> 1);
    const flipped = await countersign(['audit', '--data', data]);
    expect([flipped.exit, flipped.out]).toEqual([2, expect.stringContaining('hashMismatch')]);
  });
});
