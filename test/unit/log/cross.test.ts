// Countersign's log beside golang.org/x/mod/sumdb and transparency-dev/formats: each checks what the other wrote.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openNoteSigner } from '../../../functions/adapters/local/note-signer.ts';
import { hexOf } from '../../../functions/domain/digest.ts';
import { cosignedBy, parseCheckpoint, parseHash, signedByLog } from '../../../functions/domain/log/checkpoint.ts';
import { type Hash, leafHash, verifyConsistency, verifyInclusion } from '../../../functions/domain/log/merkle.ts';
import { noteKey, noteKeyOf, parseVkey, SIGNATURE_TYPES, signatureLine, vkeyOf } from '../../../functions/domain/log/note.ts';
import { hashLine, parseProof } from '../../../functions/domain/log/proof.ts';
import { consistencyPath, inclusionPath, readEdge, rootOfEdge } from '../../../functions/domain/log/prove.ts';
import { proofKey } from '../../../functions/domain/vault-keys.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { cosign } from '../../../functions/log/cosign.ts';
import { readPublished } from '../../../functions/log/log.ts';
import { logKeyOf } from '../../../functions/log/publish.ts';
import { proofOf } from '../../../functions/proofs.ts';
import { addCheckpoint, type WitnessWorld } from '../../../functions/witness/add-checkpoint.ts';
import { logGo } from '../../log-go/binary.ts';
import { sealRecord } from '../../support/log.ts';
import { openTestLog, openWorld, type TestWorld } from '../../support/world.ts';

const run = promisify(execFile);

let go: string;
let folder: string;
beforeAll(async () => {
  go = await logGo();
  folder = await mkdtemp(join(tmpdir(), 'countersign-cross-'));
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const Checked = z.object({
  checkpoints: z.number(),
  entries: z.number(),
  pairs: z.number(),
  proofs: z.number(),
  cosignatures: z.number(),
});

describe('R14a others verify ours', { timeout: 120_000 }, () => {
  let world: TestWorld;
  let witness: WitnessWorld;
  let log: string;
  const vkey = () => vkeyOf(logKeyOf(world.tlog));
  const check = async () => Checked.parse(JSON.parse((await run(go, ['check', log, vkey(), vkeyOf(witness.key)])).stdout));

  beforeAll(async () => {
    world = await openWorld({ begun: false });
    log = join(world.folder, 'vault', 'log');
    await mkdir(join(world.folder, 'witness'));
    const own = await openTestLog(join(world.folder, 'witness'));
    const key = noteKeyOf('audit.example.test/w1', SIGNATURE_TYPES.cosignature, own.signer.spki);
    const logs = new Map([[world.tlog.origin, [logKeyOf(world.tlog)]]]);
    witness = { index: world.index, clock: world.clock, key, signer: own.signer, logs };
    const hashes = [];
    for (const [n, count] of [1, 1, 2, 3, 40, 209, 1, 30].entries()) {
      for (let i = 0; i < count; i++) hashes.push(await sealRecord(world, n * 1000 + i));
      await appendToLog(world);
      expect(await cosign(world, [{ key, ask: (body) => addCheckpoint(witness, body) }])).toEqual([]);
    }
    const keep = async (path: string, text: string) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    };
    for (const hash of hashes.filter((_, i) => i % 9 === 0)) {
      const text = (await proofOf(world, hash)) ?? '';
      await keep(join(log, 'proofs', `${hexOf(hash)}.tlog-proof`), text);
      expect(proofKey(hash)).toBe(`log/proofs/${hexOf(hash)}.tlog-proof`);
    }
    const sizes = (await readdir(join(log, 'checkpoints'))).map(Number);
    for (const older of sizes)
      for (const newer of sizes.filter((size) => size >= older)) {
        const path = await consistencyPath((key) => world.vault.get(key), older, newer);
        await keep(join(log, 'consistency', `${older}-${newer}`), path.map(hashLine).join(''));
      }
  }, 120_000);
  afterAll(() => world.close());

  it('sumdb/tlog and note: every entry, checkpoint, consistency proof, tlog-proof and cosignature', async () => {
    const size = (await readPublished(world.index))?.size ?? 0;
    expect(size).toBe(287);
    const checked = await check();
    expect(checked).toMatchObject({ entries: 287, proofs: 32 });
    expect(checked.cosignatures).toBe(32);
    expect(checked.checkpoints).toBeGreaterThan(8);
    expect(checked.pairs).toBe((checked.checkpoints * (checked.checkpoints + 1)) / 2);
  });

  it.each([
    'tile/0/000',
    'tile/0/001.p/31',
    'tile/1/000.p/1',
    'tile/entries/000',
    'tile/entries/001.p/31',
    'checkpoints/287',
    'checkpoints/2',
    'consistency/7-287',
  ])('a bit flipped in %s is found by them', async (name) => {
    const path = join(log, name);
    const bytes = await readFile(path);
    const bad = Buffer.from(bytes);
    const at = name.startsWith('checkpoints') ? bad.indexOf('\n') + 1 : 20;
    bad[at] = (bad[at] ?? 0) ^ 1;
    await chmod(path, 0o644);
    await writeFile(path, bad);
    await expect(check()).rejects.toThrow();
    await writeFile(path, bytes);
    await expect(check()).resolves.toMatchObject({ entries: 287 });
  });

  it('our key file is theirs: they sign the same bytes with it', async () => {
    const text = join(folder, 'text');
    await writeFile(text, `${world.tlog.origin}\n7\n${Buffer.alloc(32, 7).toString('base64')}\n`);
    const signed = (await run(go, ['sign', join(world.folder, 'log.key'), text])).stdout;
    const body = await readFile(text);
    const ours = signatureLine(logKeyOf(world.tlog), await world.tlog.signer.sign(body));
    expect(signed).toBe(`${body}\n${ours}`);
  });
});

const Made = z.object({
  LogKey: z.string(),
  WitnessKey: z.string(),
  SignerKey: z.string(),
  Roots: z.record(z.string(), z.string()),
  Pairs: z.array(z.object({ Older: z.number(), Newer: z.number(), Path: z.array(z.string()) })),
});

describe('R14a we verify theirs', { timeout: 120_000 }, () => {
  const SIZES = [1, 2, 3, 5, 64, 255, 256, 257, 600, 70_000];
  let made: z.infer<typeof Made>;
  let log: string;
  const read = (key: string) => readFile(join(log, key.slice('log/'.length))).catch(() => undefined);
  const rootAt = (size: number): Hash => parseHash(made.Roots[size] ?? '') ?? Buffer.alloc(32);
  const keyOf = (text: string) => {
    const key = parseVkey(text);
    if (!key.ok) throw new Error(`${text} does not read`);
    return key.value;
  };

  beforeAll(async () => {
    log = join(folder, 'theirs');
    made = Made.parse(JSON.parse((await run(go, ['make', log, SIZES.join(',')])).stdout));
  }, 120_000);

  it('their tiles give their roots, over full tiles of two levels', async () => {
    for (const size of SIZES) expect(rootOfEdge(await readEdge(read, size)), `${size}`).toEqual(rootAt(size));
  });

  it('their checkpoints and cosignatures', async () => {
    const cosigner = keyOf(made.WitnessKey);
    // sumdb/note writes every key as type 1; as a cosigner the same key is of type 4.
    const { name, publicKey } = cosigner;
    const witness = noteKey(name, SIGNATURE_TYPES.cosignature, publicKey);
    for (const size of SIZES) {
      const parsed = parseCheckpoint(await readFile(join(log, 'checkpoints', `${size}`), 'utf8'));
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      expect(parsed.value).toMatchObject({ size, origin: 'go.example.test/log' });
      expect(parsed.value.root).toEqual(rootAt(size));
      expect(signedByLog(parsed.value, keyOf(made.LogKey))).toBe(true);
      expect(cosignedBy(parsed.value, witness)).toBe(true);
      expect(signedByLog(parsed.value, cosigner)).toBe('absent');
    }
  });

  it('their tlog-proofs; and the path is the one that we make from their tiles', async () => {
    const names = await readdir(join(log, 'proofs'));
    expect(names.length).toBeGreaterThan(50);
    for (const name of names) {
      const proof = parseProof(await readFile(join(log, 'proofs', name), 'utf8'));
      if (!proof.ok) throw new Error(`${name}: ${JSON.stringify(proof.problems)}`);
      const { index, path, checkpoint } = proof.value;
      const leaf = leafHash(Buffer.from(`record ${index}`));
      expect(verifyInclusion(leaf, index, checkpoint.size, path, checkpoint.root), name).toBe(true);
      expect(await inclusionPath(read, index, checkpoint.size)).toEqual(path.map((hash) => Buffer.from(hash)));
    }
  });

  it('their consistency proofs; and ours from their tiles are the same', async () => {
    expect(made.Pairs).toHaveLength((SIZES.length * (SIZES.length - 1)) / 2);
    for (const { Older, Newer, Path } of made.Pairs) {
      const path = Path.map((text) => parseHash(text) ?? Buffer.alloc(32));
      const [older, newer] = [Older, Newer].map((size) => ({ size, root: rootAt(size) }));
      expect(older && newer && verifyConsistency(older, newer, path), `${Older} ${Newer}`).toBe(true);
      expect((await consistencyPath(read, Older, Newer)).map(hashLine)).toEqual(path.map(hashLine));
    }
  });

  it('their key file is ours', async () => {
    const path = join(folder, 'theirs.key');
    await writeFile(path, made.SignerKey);
    const opened = await openNoteSigner(path);
    if (!opened) throw new Error('not opened');
    expect(vkeyOf(noteKeyOf(opened.name, SIGNATURE_TYPES.note, opened.signer.spki))).toBe(made.LogKey);
  });
});
