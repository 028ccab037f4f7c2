import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventHash, hexOf } from '../../../functions/domain/digest.ts';
import { checkLogged } from '../../../functions/domain/log/check.ts';
import { parseCheckpoint, signedByLog } from '../../../functions/domain/log/checkpoint.ts';
import { leafBytes, leafOf } from '../../../functions/domain/log/leaf.ts';
import { leafHash, rootOf, verifyConsistency } from '../../../functions/domain/log/merkle.ts';
import { vkeyOf } from '../../../functions/domain/log/note.ts';
import { consistencyPath } from '../../../functions/domain/log/prove.ts';
import { bundleKey, parseBundle } from '../../../functions/domain/log/tile.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { checkpointKey, envelopeKey } from '../../../functions/domain/vault-keys.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { readLogHead, readPublished } from '../../../functions/log/log.ts';
import { logKeyOf } from '../../../functions/log/publish.ts';
import { queueUnlogged, refuseOlderIndex } from '../../../functions/log/recover.ts';
import type { Index } from '../../../functions/ports.ts';
import { proofOf } from '../../../functions/proofs.ts';
import { trustIn } from '../../support/evidence.ts';
import { around, failing } from '../../support/faults.ts';
import { sealRecord } from '../../support/log.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld({ begun: false });
});
afterEach(() => world.close());

const seal = async (from: number, count: number): Promise<EventHash[]> => {
  const hashes: EventHash[] = [];
  for (let n = from; n < from + count; n++) hashes.push(await sealRecord(world, n));
  return hashes;
};

/** All entries in their order, out of the bundles of the largest published tree. */
async function entriesOf(): Promise<Uint8Array[]> {
  const size = (await readPublished(world.index))?.size ?? 0;
  const entries: Uint8Array[] = [];
  for (let index = 0; index * 256 < size; index++) {
    const width = Math.min(256, size - index * 256);
    const bytes = await world.vault.get(bundleKey({ index, width }));
    const bundle = bytes && parseBundle(bytes, width);
    if (!bundle?.ok) throw new Error(`bundle ${index} of ${size} does not read`);
    entries.push(...bundle.value);
  }
  return entries;
}

const checkpointAt = async (size: number) => {
  const parsed = parseCheckpoint(new TextDecoder().decode(await world.vault.get(checkpointKey(size))));
  if (!parsed.ok) throw new Error(`no checkpoint of ${size}`);
  return parsed.value;
};

const trust = () => trustIn(world, { proof: 'inclusion', logs: [{ vkey: vkeyOf(logKeyOf(world.tlog)), class: 'dev' }] });

/** Every event is in the tree once, with its own leaf, and its proof holds; nothing else is in it. */
async function expectWhole(hashes: readonly EventHash[]): Promise<void> {
  const entries = await entriesOf();
  const leaves = await Promise.all(
    hashes.map(async (hash) => {
      const envelope = (await world.vault.get(envelopeKey(hash, null))) ?? new Uint8Array();
      expect(checkLogged(envelope, await proofOf(world, hash), trust())).toMatchObject({ ok: true });
      const leaf = leafOf(envelope);
      if (!leaf.ok) throw new Error('no leaf');
      return Buffer.from(leafBytes(leaf.value)).toString();
    }),
  );
  expect(entries.map((entry) => Buffer.from(entry).toString()).sort()).toEqual(leaves.sort());
  const { root, size } = await checkpointAt(entries.length);
  expect(size).toBe(hashes.length);
  expect(root).toEqual(rootOf(entries.map(leafHash)));
  expect(await world.index.list('UNLOGGED')).toEqual([]);
}

describe('R14a the sequencer', () => {
  it('takes what is sealed, in batches, over a full tile; a second run changes nothing', { timeout: 60_000 }, async () => {
    const hashes = await seal(0, 3);
    await appendToLog(world);
    await expectWhole(hashes);
    hashes.push(...(await seal(3, 255)));
    await appendToLog(world);
    const head = await readLogHead(world.index);
    await appendToLog(world);
    expect(await readLogHead(world.index)).toEqual(head);
    await expectWhole(hashes);
  });

  it('every checkpoint ever signed is the beginning of the next', async () => {
    const sizes: number[] = [];
    for (let n = 0; n < 9; n++) {
      await seal(n * 10, (n % 3) + 1);
      await appendToLog(world);
      sizes.push((await readPublished(world.index))?.size ?? 0);
    }
    for (const [i, newer] of sizes.entries())
      for (const older of sizes.slice(0, i)) {
        const proof = await consistencyPath((key) => world.vault.get(key), older, newer);
        expect(verifyConsistency(await checkpointAt(older), await checkpointAt(newer), proof)).toBe(true);
        expect(signedByLog(await checkpointAt(older), logKeyOf(world.tlog))).toBe(true);
      }
  });

  it('R10 each call fails once, before or after it took effect: the same tree as without a fault', {
    timeout: 60_000,
  }, async () => {
    const { hook, calls } = failing(0, 'before');
    const first = await seal(0, 2);
    await appendToLog(world);
    await seal(2, 2);
    await appendToLog({ ...world, ...around(world, hook) });
    const made = calls.length;
    expect(made).toBeGreaterThan(12);
    expect(first).toHaveLength(2);
    for (let k = 1; k <= made; k++)
      for (const moment of ['before', 'after'] as const) {
        await world.close();
        world = await openWorld({ begun: false });
        const hashes = await seal(0, 2);
        await appendToLog(world);
        hashes.push(...(await seal(2, 2)));
        const faulty = failing(k, moment);
        await appendToLog({ ...world, ...around(world, faulty.hook) }).catch((error: Error) =>
          expect(error.message).toContain('injected'),
        );
        // What is published is always whole: tiles first, then the checkpoint, then the row that points at it.
        const published = (await readPublished(world.index))?.size ?? 0;
        expect(rootOf((await entriesOf()).map(leafHash))).toEqual((await checkpointAt(published)).root);
        await appendToLog(world);
        await expectWhole(hashes);
      }
  });

  it('four at once: no leaf twice, no fork', { timeout: 60_000 }, async () => {
    const hashes = await seal(0, 30);
    await Promise.all([1, 2, 3, 4].map(() => appendToLog({ ...world, ...around(world, (_, run) => run()) })));
    hashes.push(...(await seal(30, 60)));
    await Promise.all([1, 2, 3, 4].map(() => appendToLog(world)));
    await expectWhole(hashes);
  });

  it('a sequencer that read an old head commits nothing', async () => {
    await seal(0, 1);
    let late: (() => Promise<unknown>) | undefined;
    const index: Index = {
      get: (key) => world.index.get(key),
      list: (pk, prefix) => world.index.list(pk, prefix),
      commit: async (writes) => {
        if (late === undefined && writes.some(({ key }) => key.sk === 'tree')) {
          late = () => world.index.commit(writes);
          await sealRecord(world, 1);
          await appendToLog(world);
        }
        return world.index.commit(writes);
      },
    };
    await appendToLog({ ...world, index });
    expect(await late?.()).toMatchObject({ kind: 'conflict' });
    expect(await entriesOf()).toHaveLength(2);
  });

  it('two sequencers that took different events: the tree moves for one, and the other looks again', async () => {
    const [mine] = await seal(0, 1);
    const waitsFor = (wanted: (hash: string) => boolean): Index => ({
      get: (key) => world.index.get(key),
      list: async (pk, prefix) => (await world.index.list(pk, prefix)).filter(({ key }) => pk !== 'UNLOGGED' || wanted(key.sk)),
      commit: (writes) => world.index.commit(writes),
    });
    const own = hexOf(mine as EventHash);
    const commits: string[] = [];
    let looked = false;
    const mineOnly = waitsFor((hash) => hash === own);
    const index: Index = {
      ...mineOnly,
      // Between this one's look and its commit the other gets on.
      list: async (pk, prefix) => {
        const rows = await mineOnly.list(pk, prefix);
        if (!looked) {
          looked = true;
          await sealRecord(world, 1);
          await appendToLog({ ...world, index: waitsFor((hash) => hash !== own) });
        }
        return rows;
      },
      commit: async (writes) => {
        const done = await world.index.commit(writes);
        if (writes.some(({ key }) => key.sk === 'tree')) commits.push(done.kind);
        return done;
      },
    };
    await appendToLog({ ...world, index });
    expect(commits).toEqual(['conflict', 'committed']);
    expect(await entriesOf()).toHaveLength(2);
    await refuseOlderIndex(world);
  });

  it.each(['log/tile/0/000.p/3', 'log/tile/entries/000.p/3', 'log/checkpoints/3'])(
    'R12 somebody put %s there before: nothing is published over it',
    async (key) => {
      await seal(0, 2);
      await appendToLog(world);
      await world.vault.putOnce(key, new Uint8Array(96));
      await seal(2, 1);
      await expect(appendToLog(world)).rejects.toThrow(/the log stops: .* a fork/);
      expect((await readPublished(world.index))?.size).toBe(2);
    },
  );

  it('R12 a bit flipped in a tile of the vault: nothing is signed over it', async () => {
    await seal(0, 3);
    await appendToLog(world);
    const path = join(world.folder, 'vault/log/tile/0/000.p/3');
    const bytes = Buffer.from((await world.vault.get('log/tile/0/000.p/3')) ?? []);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await chmod(path, 0o644);
    await writeFile(path, bytes);
    await seal(3, 1);
    await expect(appendToLog(world)).rejects.toThrow('the log stops: the tiles of 3 do not give the committed root');
    expect(existsSync(join(world.folder, 'vault/log/checkpoints/4'))).toBe(false);
  });

  it('R12 an index put back to an older day stops before it signs a fork', async () => {
    await seal(0, 2);
    await appendToLog(world);
    const old = await readLogHead(world.index);
    await seal(2, 1);
    await appendToLog(world);
    const head = await readLogHead(world.index);
    const published = await readPublished(world.index);
    if (!old || !head || !published) throw new Error('not appended');
    await world.index.commit([
      { kind: 'register', key: keys.logTree, body: old.row, expected: head.revision },
      { kind: 'register', key: keys.logPublished, body: { size: 2, root: old.row.root }, expected: published.revision },
    ]);
    await seal(3, 1);
    await expect(refuseOlderIndex(world)).rejects.toThrow('a checkpoint of 3, the index knows of 2');
    await expect(appendToLog(world)).rejects.toThrow('the log stops');
  });

  it('an event that was sealed before there was a log is put before it once', async () => {
    const [old, logged] = await seal(0, 2);
    const row = await world.index.get(keys.unlogged(old as EventHash));
    await world.index.commit([{ kind: 'clear', key: keys.unlogged(old as EventHash), expected: row?.revision ?? 0 }]);
    await appendToLog(world);
    expect(await entriesOf()).toHaveLength(1);
    expect(await queueUnlogged(world)).toBe(1);
    await appendToLog(world);
    expect(await queueUnlogged(world)).toBe(0);
    await expectWhole([old as EventHash, logged as EventHash]);
    await refuseOlderIndex(world);
  });

  it('a note that an event is unlogged, written after it was logged, goes, and stops nobody', async () => {
    const [early] = await seal(0, 1);
    await appendToLog(world);
    const key = envelopeKey(early as EventHash, null);
    // What another server's start writes that looked before the event was logged.
    const late = { kind: 'register', key: keys.unlogged(early as EventHash), body: { key }, expected: 'absent' } as const;
    expect(await world.index.commit([late])).toMatchObject({ kind: 'committed' });
    const [next] = await seal(1, 1);
    await appendToLog(world);
    await expectWhole([early as EventHash, next as EventHash]);
  });

  it('a start that looks through the vault while another server logs leaves no such note for long', async () => {
    const [event] = await seal(0, 1);
    const row = await world.index.get(keys.unlogged(event as EventHash));
    await world.index.commit([{ kind: 'clear', key: keys.unlogged(event as EventHash), expected: row?.revision ?? 0 }]);
    const index: Index = {
      get: (key) => world.index.get(key),
      list: (pk, prefix) => world.index.list(pk, prefix),
      // Between this one's look and its note the other notes it too, and logs it.
      commit: async (writes) => {
        await queueUnlogged(world);
        await appendToLog(world);
        return world.index.commit(writes);
      },
    };
    expect(await queueUnlogged({ ...world, index })).toBe(1);
    expect(await world.index.list('UNLOGGED')).toHaveLength(1);
    await appendToLog(world);
    await expectWhole([event as EventHash]);
  });

  it('a start beside a server that goes on appending takes its own index for no older one', async () => {
    await seal(0, 1);
    await appendToLog(world);
    const vault = Object.assign(Object.create(world.vault) as typeof world.vault, {
      // The other server gets on while this one is listing.
      async *list(prefix: string) {
        await seal(1, 1);
        await appendToLog(world);
        yield* world.vault.list(prefix);
      },
    });
    await refuseOlderIndex({ ...world, vault });
    expect((await readPublished(world.index))?.size).toBe(2);
  });

  it('what was staged and does not give the committed tree stops', async () => {
    await seal(0, 2);
    await appendToLog(world);
    const head = await readLogHead(world.index);
    if (!head) throw new Error('not appended');
    const row = { ...head.row, size: 3, from: 2 };
    await world.index.commit([{ kind: 'register', key: keys.logTree, body: row, expected: head.revision }]);
    await expect(appendToLog(world)).rejects.toThrow('what was staged does not give the committed tree');
  });

  it('an envelope that is not the event it is named after is never logged', async () => {
    const [hash] = await seal(0, 1);
    const path = join(world.folder, 'vault', envelopeKey(hash as EventHash, null));
    await chmod(path, 0o644);
    await writeFile(path, '{}');
    await expect(appendToLog(world)).rejects.toThrow('is not the event');
    expect(await readLogHead(world.index)).toBeUndefined();
  });
});
