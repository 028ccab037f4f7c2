// An audit pack as an auditor gets it: the same bytes each time, and verified by people who do not have us.
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paths } from '../../cli/embedded.ts';
import { openPack } from '../../cli/pack/open.ts';
import { digestsOf, toolFiles } from '../../cli/pack/tools.ts';
import { writeZip } from '../../cli/pack/write.ts';
import { type Digest, digestOf } from '../../functions/domain/digest.ts';
import { INDEX, listingFaults } from '../../functions/domain/pack/listing.ts';
import { Trust } from '../../functions/domain/trust.ts';
import { cosignBinary } from '../cosign/binary.ts';
import { failingIn, filesUnder, reindexed } from '../support/audit-pack.ts';
import { countersign } from '../support/command.ts';
import { flippedAt } from '../support/evidence.ts';
import { approved, serviceEnvironment, startTestServer, type TestServer } from '../support/server.ts';
import { startTsa, type Tsa } from '../support/tsa.ts';

const run = promisify(execFile);
const SEED = Number(process.env['FLIP_SEED'] ?? 20261121);

let server: TestServer;
let tsa: Tsa;
let folder: string;
let event: string;
let tools: ReadonlyMap<string, Digest>;
let trust: Trust;
const at = (name: string) => join(folder, name);
const trustFile = () => at('trust.json');
/** All files of the pack, by name. */
const files = new Map<string, Uint8Array>();

const exported = (name: string, env: Record<string, string> = {}) =>
  countersign(['export', event, '--out', at(name)], { ...serviceEnvironment(server.baseUrl), ...env });

const failing = (all: ReadonlyMap<string, Uint8Array>, believed = trust) => failingIn(all, believed, tools);

const changed = (name: string, position: number) =>
  new Map(files).set(name, flippedAt(files.get(name) ?? new Uint8Array(), position));

const namesUnder = (root: string) => [...filesUnder(root).keys()];

/** Positions in a file, the same for the same seed. */
const sampled = (name: string, count: number): number[] =>
  fc.sample(fc.nat((files.get(name)?.byteLength ?? 1) - 1), { numRuns: count, seed: SEED + name.length });

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'countersign-pack-'));
  tsa = await startTsa(at('tsa'));
  writeFileSync(paths(server.data).timestamping, JSON.stringify([{ url: tsa.url, certificate: tsa.certificate }]));
  await server.restart();
  const first = await approved(server, 'scenarios/02-threshold-moved/1-v01.yaml');
  expect(first.status.outcome).toBe('approved');
  event = (await approved(server, 'scenarios/02-threshold-moved/2-v03.yaml')).status.eventHash ?? '';
  // The next start asks the authority again, as every tick does, and stops only when that is done.
  await server.restart();
  await server.restart();
  const own = Trust.parse(JSON.parse(readFileSync(paths(server.data).trust('sandbox'), 'utf8')));
  trust = { ...own, timestampAuthorities: [tsa.certificate] };
  writeFileSync(trustFile(), `${JSON.stringify(trust, null, 2)}\n`);
  expect(await exported('pack.zip')).toMatchObject({ exit: 0 });
  expect(spawnSync('python3', ['-m', 'zipfile', '-e', at('pack.zip'), at('pack')]).status).toBe(0);
  for (const [name, bytes] of filesUnder(at('pack'))) files.set(name, bytes);
  tools = digestsOf(await toolFiles());
  process.stderr.write(`flips of the pack: FLIP_SEED=${SEED}\n`);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await tsa?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('R12 R59 an audit pack', { timeout: 120_000 }, () => {
  it('is the same bytes in any time zone, and as a folder', async () => {
    await exported('again.zip', { TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8' });
    await exported('west.zip', { TZ: 'America/Lima' });
    await exported('folder');
    const bytes = readFileSync(at('pack.zip'));
    expect(readFileSync(at('again.zip')).equals(bytes)).toBe(true);
    expect(readFileSync(at('west.zip')).equals(bytes)).toBe(true);
    await writeZip(at('folder'), namesUnder(at('folder')), at('from-folder.zip'));
    expect(readFileSync(at('from-folder.zip')).equals(bytes)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('.countersign'))).toEqual([]);
  });

  it('verifies as a zip and as a folder, and replays; every check says what it looked at', async () => {
    for (const name of ['pack.zip', 'pack']) {
      const said = await countersign(['verify', at(name), '--trust', trustFile()]);
      expect([said.exit, said.err]).toEqual([0, '']);
      for (const check of ['index', 'contents', 'objects', 'policies', 'envelopes', 'copies', 'checkpoint', 'keys.json', 'log'])
        expect(said.out).toMatch(new RegExp(`^ok {3}${check} `, 'm'));
      expect(said.out).toMatch(/^ok {3}timestamp +the tree of \d+ existed at 20\S+ by TSA of a test/m);
      expect((await countersign(['replay', at(name), '--trust', trustFile()])).exit).toBe(0);
    }
  });

  it('what is no pack, or holds what does not belong, is refused and named', async () => {
    writeFileSync(at('odd.zip'), Buffer.concat([readFileSync(at('pack.zip')), Buffer.from('x')]));
    const odd = await countersign(['verify', at('odd.zip'), '--trust', trustFile()]);
    expect([odd.exit, odd.err]).toEqual([2, expect.stringContaining('PACK_INVALID')]);
    const extra = new Map(files).set('blobs/extra', Uint8Array.of(1)).set('notes.txt', Uint8Array.of(2));
    expect(await failing(extra)).toMatch(/index: .*blobs\/extra is not in index\.txt; notes\.txt is not in index\.txt/);
    expect(await failing(reindexed(extra))).toMatch(/contents: does not belong to this event: blobs\/extra; notes\.txt/);
    const hidden = Uint8Array.of(1, 2, 3);
    const named = `blobs/${digestOf(hidden).slice('sha256:'.length)}`;
    expect(await failing(reindexed(new Map(files).set(named, hidden)))).toBe(
      `contents: does not belong to this event: ${named}`,
    );
  });

  it('shows keys, and believes only those of the trust', async () => {
    const stranger = { ...trust, keys: [] };
    const said = await failing(files, stranger);
    expect(said).toMatch(/^signature: /m);
    expect(said).toMatch(/^keys\.json: whose key [0-9a-f]{40} is; your trust does not know it$/m);
    const claimed = new TextDecoder().decode(files.get('keys.json')).replace('"class": "dev"', '"class": "prod"');
    const promoted = reindexed(new Map(files).set('keys.json', new TextEncoder().encode(claimed)));
    expect(await failing(promoted)).toMatch(/^keys\.json: .* of another class than in your trust$/m);
  });
});

describe('R12 any byte flipped', { timeout: 300_000 }, () => {
  it('is named by the index: every byte of every small file, samples of large ones', () => {
    const digests = new Map([...files].map(([name, bytes]) => [name, digestOf(bytes)]));
    const listing = new TextDecoder().decode(files.get(INDEX));
    const passed: string[] = [];
    for (const [name, bytes] of files) {
      if (name === INDEX) continue;
      const positions = bytes.byteLength <= 20_000 ? [...bytes.keys()] : sampled(name, 20);
      for (const position of positions) {
        const faults = listingFaults(listing, new Map(digests).set(name, digestOf(flippedAt(bytes, position))));
        if (faults.join() !== `${name} was changed`) passed.push(`${name} at ${position}: ${faults.join()}`);
      }
    }
    const index = files.get(INDEX) ?? new Uint8Array();
    for (const position of index.keys())
      if (listingFaults(new TextDecoder().decode(flippedAt(index, position)), digests).length === 0)
        passed.push(`index ${position}`);
    expect(passed).toEqual([]);
  });

  it('is refused also where the index was made to fit: a second check names what broke', async () => {
    expect(await failing(reindexed(files))).toBe('none');
    const passed: string[] = [];
    for (const name of files.keys()) {
      // In a token of RFC 3161 some bytes are signed by nobody and read by nobody; test/unit/log/timestamp.test.ts has those.
      if (name === INDEX || name.startsWith('log/timestamps/')) continue;
      for (const position of sampled(name, 3)) {
        const said = await failing(reindexed(changed(name, position)));
        if (said === 'none') passed.push(`${name} at ${position}`);
      }
    }
    expect(passed).toEqual([]);
  });

  it('of the zip itself is refused', async () => {
    const bytes = readFileSync(at('pack.zip'));
    for (const position of fc.sample(fc.nat(bytes.byteLength - 1), { numRuns: 60, seed: SEED })) {
      writeFileSync(at('flipped.zip'), flippedAt(bytes, position));
      const opened = await openPack(at('flipped.zip'));
      expect([position, opened.ok]).toEqual([position, false]);
    }
  });
});

describe('R14a by openssl and a shell', { timeout: 120_000 }, () => {
  const recipe = (where: string) =>
    spawnSync('sh', ['verify.sh', trustFile()], { cwd: where, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } });

  it('the script of the pack says the same, and calls nothing of ours', () => {
    const { stdout, stderr, status } = recipe(at('pack'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').map((line) => line.split(':')[0])).toEqual([
      ...['ok   index', 'ok   objects and policies are the bytes that their names say'],
      ...['ok   every envelope is signed by a key of your trust file', `ok   event ${event.slice('sha256:'.length)}`],
      ...['ok   log', 'ok   timestamp', 'verified', ''],
    ]);
    expect(readFileSync(join(at('pack'), 'verify.sh'), 'utf8').replace(/^#.*$/gm, '')).not.toMatch(
      /countersign|node |npx|python/,
    );
  });

  it('a file of each kind, one byte flipped and the index made to fit, is refused by what covers it', () => {
    const kinds: [RegExp, RegExp][] = [
      [/^blobs\//, /not the bytes that its name says/],
      [/^packs\/.*manifest\.json$/, /^FAIL packs\//m],
      [/^packs\/.*policy\.wasm$/, /not the file that its manifest names/],
      [/^events\//, /^FAIL events\//m],
      [/^statement\.json$/, /statement\.json is not what was signed/],
      [/^event\.sigstore\.json$/, /event\.sigstore\.json is not the envelope/],
      [/^event\.txt$/, /^FAIL/m],
      [/^screen\.html$/, /screen\.html is not the page that was sealed/],
      [/^votes\//, /not a vote that was sealed/],
      // Proofs of the events it was compared with are for `verify`: the script leaves them, and its page says so.
      [new RegExp(`^log/proofs/${event.slice('sha256:'.length)}`), /^FAIL/m],
      [/^log\/checkpoints\//, /is not that of the proof/],
    ];
    for (const [kind, why] of kinds) {
      const name = [...files.keys()].find((one) => kind.test(one)) ?? '';
      const [position = 0] = sampled(name, 1);
      cpSync(at('pack'), at('flipped'), { recursive: true });
      for (const [file, bytes] of reindexed(changed(name, position))) {
        mkdirSync(dirname(join(at('flipped'), file)), { recursive: true });
        writeFileSync(join(at('flipped'), file), bytes);
      }
      const { status, stdout } = recipe(at('flipped'));
      expect([name, position, status]).toEqual([name, position, 1]);
      expect(stdout).toMatch(why);
      rmSync(at('flipped'), { recursive: true });
    }
    cpSync(at('pack'), at('flipped'), { recursive: true });
    writeFileSync(join(at('flipped'), 'notes.txt'), 'beside');
    expect(recipe(at('flipped')).stdout).toMatch(/FAIL index\.txt and these files differ: notes\.txt/);
    rmSync(at('flipped'), { recursive: true });
  });
});

describe('R14a by cosign, unmodified', { timeout: 900_000 }, () => {
  let cosign: string;
  beforeAll(async () => {
    cosign = await cosignBinary();
    writeFileSync(at('key.pem'), trust.keys[0]?.spki ?? '');
  }, 900_000);

  const statement = () => JSON.parse(new TextDecoder().decode(files.get('statement.json')));
  const EVENT_TYPE = 'https://countersign.dev/promotion-event/v0';
  const verify = async (bundle: string, type: string, ...what: string[]) => {
    const args = [
      'verify-blob-attestation',
      '--key',
      at('key.pem'),
      '--bundle',
      bundle,
      '--type',
      type,
      '--insecure-ignore-tlog',
      ...what,
    ];
    // No home and no proxy of anybody: it must need nothing but these files.
    const env = { HOME: at('nobody'), PATH: '', HTTPS_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' };
    return run(cosign, args, { env }).then(
      ({ stderr }) => stderr,
      (error: { stderr?: string }) => error.stderr ?? String(error),
    );
  };

  it('verifies the bundle: for the manifest as a file, and for the model root as a digest', async () => {
    const bundle = join(at('pack'), 'event.sigstore.json');
    const [root, manifest] = statement().subject.map((one: { digest: { sha256: string } }) => one.digest.sha256);
    expect(await verify(bundle, EVENT_TYPE, join(at('pack'), 'blobs', manifest))).toMatch(/Verified OK/);
    expect(await verify(bundle, EVENT_TYPE, '--digest', root, '--digestAlg', 'sha256')).toMatch(/Verified OK/);
    expect(await verify(bundle, EVENT_TYPE, join(at('pack'), 'event.txt'))).toMatch(/digests do not match/);
    expect(await verify(bundle, 'https://countersign.dev/record/v0', join(at('pack'), 'blobs', manifest))).toMatch(
      /invalid predicate type/,
    );
  });

  it('refuses any other payload or signature', async () => {
    const bundle = new TextDecoder().decode(files.get('event.sigstore.json'));
    const [root] = statement().subject.map((one: { digest: { sha256: string } }) => one.digest.sha256);
    for (const field of ['payload', 'sig']) {
      const start = bundle.indexOf(`"${field}":"`) + field.length + 4;
      const end = bundle.indexOf('"', start);
      for (const offset of fc.sample(fc.nat(end - start - 3), { numRuns: 10, seed: SEED })) {
        const letter = bundle[start + offset] === 'A' ? 'B' : 'A';
        writeFileSync(at('flipped.json'), `${bundle.slice(0, start + offset)}${letter}${bundle.slice(start + offset + 1)}`);
        const said = await verify(at('flipped.json'), EVENT_TYPE, '--digest', root, '--digestAlg', 'sha256');
        expect([field, offset, /Verified OK/.test(said)]).toEqual([field, offset, false]);
      }
    }
  });
});
