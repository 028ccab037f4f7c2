// `countersign rebuild`: the index made again from the vault alone is the index there was, open requests included.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rebuildIndex } from '../../../cli/rebuild.ts';
import { SqliteIndex } from '../../../functions/adapters/local/sqlite-index.ts';
import { auditSealed } from '../../../functions/audit/audit.ts';
import { auditLog } from '../../../functions/audit/log.ts';
import { drive, sweep } from '../../../functions/drive.ts';
import { journalled } from '../../../functions/journal.ts';
import type { Index, Vault } from '../../../functions/ports.ts';
import { storeEnvelope } from '../../../functions/seal/seal.ts';
import { readHead } from '../../../functions/store.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload, vote } from '../../support/promote.ts';
import { drifted, STEPS, said } from '../../support/standing.ts';
import { ALICE, BOB, CAROL, openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let path: string;
beforeEach(async () => {
  world = await openWorld({ journal: true });
  path = join(world.folder, 'index.db');
});
afterEach(() => world.close());

const rowsAt = (file: string) => {
  const index = new SqliteIndex(file);
  const rows = [...index.rows()];
  index.close();
  return rows;
};

const rebuild = (vault: Vault = world.vault) =>
  rebuildIndex({ path, vault, signer: async () => world.signer, progress: () => undefined });

async function announced(name: string) {
  const { request, blobs } = await built(world, await manifestAt(name));
  await upload(world, blobs);
  return announce(world, request);
}

/** The stores as a start after the rebuild opens them. */
function after(): TestWorld {
  const again: TestWorld = {
    ...world,
    index: journalled(world.vault, new SqliteIndex(path)),
    run: async () => {
      for (const id of world.woken) {
        world.woken.delete(id);
        await drive(again, id);
      }
      if (world.woken.size > 0) await again.run();
    },
  };
  return again;
}

describe('R14 R15 an index made again from the vault', { timeout: 120_000 }, () => {
  it('has every row of promotions, records, an open request with a vote, and the log; then the open one goes on', async () => {
    for (const step of STEPS.slice(0, 2)) await promote(world, await manifestAt(step));
    await drifted(world);
    await said(world, 'suspended');
    const open = await announced('scenarios/12-no-incumbent/1-v01.yaml');
    await explain(world, open);
    await vote(world, open, ALICE);
    await sweep(world);
    const before = rowsAt(path);
    const built_ = await rebuild();
    expect(rowsAt(path)).toEqual(before);
    expect(built_).toMatchObject({
      sealed: 6,
      open: 1,
      unfinished: [],
      replaced: expect.stringContaining('index.db.replaced-'),
    });

    const again = after();
    for (const voter of [BOB, CAROL]) await vote(again, open, voter);
    const dossier = await dossierOf(again, open);
    expect([dossier.decision?.outcome, dossier.votes.length]).toEqual(['approved', 3]);
    expect((await readHead(again.index, dossier.request.line, 'sandbox')).head.incumbent).toBe(dossier.seal?.eventHash);
    await sweep(again);
    expect(await again.index.list('UNLOGGED')).toEqual([]);
  });

  it('random histories over the stages: the same rows, at whatever moment it is made', async () => {
    const ids: Awaited<ReturnType<typeof announced>>[] = [];
    const LINES = ['01-in-band-retrain', '02-threshold-moved', '08-population-psi', '12-no-incumbent'];
    const acts: (() => Promise<unknown>)[] = [
      async () => ids.push(await announced(`scenarios/${LINES[ids.length % LINES.length]}/1-v01.yaml`)),
      async () => ids.length > 0 && explain(world, ids.at(-1) as never),
      async () => ids.length > 0 && vote(world, ids.at(-1) as never, ALICE),
      async () => ids.length > 0 && vote(world, ids.at(-1) as never, BOB, 'reject'),
      async () => world.later(40 * 86_400_000),
      async () => {
        await sweep(world);
        await world.run();
      },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(acts.length - 1), { minLength: 2, maxLength: 8 }), async (turns) => {
        // Where nothing waits for it an act is refused or has no screen yet: that is part of a history too.
        for (const turn of turns) await acts[turn]?.().catch(() => undefined);
        const before = rowsAt(path);
        const beside = join(world.folder, 'beside.db');
        await rebuildIndex({ path: beside, vault: world.vault, signer: async () => world.signer, progress: () => undefined });
        expect(rowsAt(beside)).toEqual(before);
      }),
      { numRuns: 12 },
    );
  });

  it('interrupted at any object it reads, leaves the old index byte for byte, and the next try succeeds', async () => {
    await promote(world, await manifestAt(STEPS[0] ?? ''));
    const before = rowsAt(path);
    const bytes = await readFile(path);
    let reads = 0;
    const counting: Vault = {
      ...vaultOf(world.vault),
      get: async (key) => {
        reads++;
        return world.vault.get(key);
      },
    };
    await rebuildIndex({
      path: join(world.folder, 'x.db'),
      vault: counting,
      signer: async () => world.signer,
      progress: () => undefined,
    });
    for (let k = 1; k <= reads; k += 7) {
      let n = 0;
      const dying: Vault = {
        ...vaultOf(world.vault),
        get: async (key) => {
          if (++n === k) throw new Error('died here');
          return world.vault.get(key);
        },
      };
      await expect(rebuild(dying)).rejects.toThrow('died here');
    }
    expect(await readFile(path)).toEqual(bytes);
    expect((await readdir(world.folder)).filter((name) => name.includes('building'))).toEqual([]);
    await rebuild();
    expect(rowsAt(path)).toEqual(before);
  });

  it('what a killed rebuild left beside it is not built upon', async () => {
    await promote(world, await manifestAt(STEPS[0] ?? ''));
    const before = rowsAt(path);
    await writeFile(`${path}.building`, 'half a database');
    await rebuild();
    expect(rowsAt(path)).toEqual(before);
  });

  it('refuses, and names it, when a journal entry says what no envelope says', async () => {
    const { seal } = await promote(world, await manifestAt(STEPS[0] ?? ''));
    const key = seal?.key ?? '';
    await rm(join(world.folder, 'vault', key));
    await expect(rebuild()).rejects.toThrow(`rowWithoutObject EVENT#${seal?.eventHash} / event: names ${key}`);
  });

  it('refuses when the end of the journal is gone: an event of this store has no row', async () => {
    await promote(world, await manifestAt(STEPS[0] ?? ''));
    const entries = (await readdir(join(world.folder, 'vault', 'journal'), { recursive: true }))
      .filter((name) => /\d{3}\/\d{3}\/\d{3}$/.test(name))
      .sort();
    for (const entry of entries.slice(8)) await rm(join(world.folder, 'vault', 'journal', entry));
    await expect(rebuild()).rejects.toThrow(/foreignEnvelope events\/.*no row asked for it/);
  });
});

describe('what an audit tells apart', { timeout: 60_000 }, () => {
  const found = async () => (await auditSealed(world, rowsAt(path))).faults.map(({ kind }) => kind);

  it('an envelope whose rows a crash left unwritten heals with the sweep', async () => {
    await sweep(world);
    const manifest = await manifestAt(STEPS[0] ?? '');
    const { request, blobs } = await built(world, manifest);
    await upload(world, blobs);
    const id = await announce(world, request);
    await explain(world, id);
    for (const voter of [ALICE, BOB]) await vote(world, id, voter);
    const crashing = {
      ...world,
      index: {
        ...indexOf(world.index),
        commit: async (writes: Parameters<typeof world.index.commit>[0]) => {
          if (writes.some(({ key }) => key.sk === 'seal')) throw new Error('died before the rows of the seal');
          return world.index.commit(writes);
        },
      },
      run: () => drive(crashing, id).then(() => undefined),
    };
    await expect(vote(crashing, id, CAROL)).rejects.toThrow('died before the rows');
    expect(await found()).toEqual(['orphanEnvelope']);
    expect((await rebuild()).unfinished).toMatchObject([{ kind: 'orphanEnvelope' }]);
    const again = after();
    await sweep(again);
    await again.run();
    expect((await dossierOf(again, id)).seal?.eventHash).toBeDefined();
    expect((await auditSealed(again, rowsAt(path))).faults).toEqual([]);
  });

  it('an envelope that nothing asked for does not, though it is signed by our key', async () => {
    const at = world.clock.now();
    await storeEnvelope(world, { kind: 'start', organisation: 'Nobody', retentionOwner: 'nobody', statement: 'no', at });
    expect((await found()).filter((kind) => kind !== 'unlogged')).toEqual(['foreignEnvelope']);
    await expect(rebuild()).rejects.toThrow('foreignEnvelope');
  });

  it('what is sealed and not in the log is found, and the log takes it', async () => {
    expect(await found()).toEqual(['unlogged', 'unlogged']);
    await sweep(world);
    expect(await found()).toEqual([]);
    expect((await auditLog(world, rowsAt(path))).faults).toEqual([]);
  });
});

const indexOf = (index: Index): Index => ({
  get: (key) => index.get(key),
  list: (pk, prefix) => index.list(pk, prefix),
  commit: (writes) => index.commit(writes),
});

const vaultOf = (vault: Vault): Vault => ({
  putOnce: (key, bytes) => vault.putOnce(key, bytes),
  get: (key) => vault.get(key),
  size: (key) => vault.size(key),
  list: (prefix) => vault.list(prefix),
});
