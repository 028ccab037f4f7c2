// An index of many events made again from the vault alone: does it stay linear, and in how much memory.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { init } from '../../cli/commands/init.ts';
import { openVault, paths } from '../../cli/embedded.ts';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import { keys } from '../../functions/domain/rows.ts';
import type { Suspension } from '../../functions/domain/standing.ts';
import { instantOf } from '../../functions/domain/text.ts';
import { journalled } from '../../functions/journal.ts';
import type { Vault, World } from '../../functions/ports.ts';
import { storeEnvelope } from '../../functions/seal/seal.ts';
import { eventWrites } from '../../functions/store.ts';
import { ALICE } from '../support/world.ts';
import { progress } from './harness.ts';
import { measured } from './measured.ts';

const BIN = join(import.meta.dirname, '../../cli/bin.js');
const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');

/** The store's own layout, without waiting for the disk at each object: the making is not what is measured. */
function quickVault(root: string, vault: Vault): Vault {
  return {
    get: (key) => vault.get(key),
    size: (key) => vault.size(key),
    list: (prefix) => vault.list(prefix),
    putOnce: async (key, bytes) => {
      const path = join(root, key);
      if (existsSync(path)) return { kind: 'already', bytes: new Uint8Array(readFileSync(path)) };
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
      return { kind: 'stored' };
    },
  };
}

/** Sealed as the product seals: each a signed record, and one journalled transaction with its rows. */
async function grow(world: Omit<World, 'workflow'>, from: number, to: number): Promise<void> {
  const { actor, auth } = ALICE.principal;
  let previous: EventHash | null = null;
  for (let n = from; n < to; n++) {
    const record: Suspension = {
      kind: 'suspension',
      line: 'german-credit',
      environment: 'sandbox',
      state: n % 2 === 0 ? 'suspended' : 'resumed',
      reason: `A drill of the monitoring team, number ${n}.`,
      ownerOfRecord: { iss: actor.iss, sub: actor.sub },
      previous,
      actor,
      auth,
      at: instantOf(BEGIN + n * 1000),
    };
    const { eventHash, key } = await storeEnvelope(world, record);
    const row = { request: null, key, kind: 'suspension', outcome: null };
    const done = await world.index.commit([
      ...eventWrites(eventHash, row),
      // As if the log had it: what it lacks is kept as a finding of the audit, and there would be one for each event.
      { kind: 'fact', key: keys.leaf(eventHash), body: { index: n } },
    ]);
    if (done.kind === 'conflict') throw new Error(`event ${n} was there before`);
    previous = eventHash;
    if (n % 1000 === 999) progress(`rebuild: ${n + 1} events made`, n + 1 === to);
  }
}

export async function rebuildNotes(sizes: readonly number[]): Promise<string[]> {
  const data = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const notes: string[] = [];
  try {
    const asked = { data, baseUrl: 'http://127.0.0.1:9', organisation: 'Test Bank', retentionOwner: 'model-risk' };
    if ((await init(asked, () => undefined)) !== 0) throw new Error('init failed');
    const at = paths(data);
    const signer = await openDevSigner(at.signer);
    let before = 0;
    for (const size of sizes) {
      const rows = new SqliteIndex(at.index, { sync: 'none' });
      const vault = quickVault(at.vault, openVault(data));
      const world = { vault, index: journalled(vault, rows), signer, clock: { now: () => instantOf(BEGIN) } };
      await grow(world, before, size);
      rows.close();
      before = size;
      const started = performance.now();
      const { peak, cpu } = measured([process.execPath, BIN, 'rebuild', '--data', data, '--json']);
      const seconds = (performance.now() - started) / 1000;
      if (peak === 0) throw new Error('the rebuild printed nothing');
      notes.push(
        `rebuild ${size.toLocaleString('en')} events: ${(size / seconds).toFixed(0)} a second, ${(peak / 1024).toFixed(0)} MB peak, ` +
          `${((cpu / size) * 1e6).toFixed(0)} µs of processor each`,
      );
    }
    return notes;
  } finally {
    rmSync(data, { recursive: true });
  }
}
