// The fourth side of the audit, the chains, and what may not be active: each class by the damage that it names.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SqliteIndex } from '../../../functions/adapters/local/sqlite-index.ts';
import { jsonRegistry } from '../../../functions/adapters/registries/json-file.ts';
import { type AuditFault, auditSealed, healsItself } from '../../../functions/audit/audit.ts';
import { auditLedgers } from '../../../functions/audit/ledger.ts';
import { auditRegistry } from '../../../functions/audit/registry.ts';
import { readPromotion } from '../../../functions/baseline.ts';
import type { Digest, EventHash } from '../../../functions/domain/digest.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { readHead } from '../../../functions/store.ts';
import { value } from '../../support/activation.ts';
import { consent, LINE, OWNER, PLACE, propose, REASON, twoVersions } from '../../support/brakes.ts';
import { DAVE, openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let v1: EventHash;
let v2: EventHash;
let folder: string;
beforeEach(async () => {
  world = await openWorld();
  [v1, v2] = await twoVersions(world);
  folder = await mkdtemp(join(tmpdir(), 'countersign-audit-'));
});
afterEach(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const rows = () => [...(world.index as SqliteIndex).rows()];
const brief = (faults: readonly AuditFault[]) =>
  faults.map((one) => `${one.kind}${healsItself(one) ? ' (heals)' : ''}: ${one.name}`);
const ledgers = () => auditLedgers(world, rows(), world.clock.now());
const NAME = `HEAD#${LINE}#sandbox / head`;

async function rootOf(event: EventHash): Promise<Digest> {
  const { model } = (await readPromotion(world.vault, event)).promotion;
  if (isAbsent(model)) throw new Error('no model');
  return model.root;
}

async function registry(aliases: unknown): Promise<AuditFault[]> {
  const path = join(folder, 'registry.json');
  await writeFile(path, JSON.stringify(aliases));
  return auditRegistry(world.vault, rows(), jsonRegistry(path));
}

async function editHead(change: object): Promise<void> {
  const { head, revision } = await readHead(world.index, LINE, 'sandbox');
  const body = { ...head, ...change };
  await world.index.commit([{ kind: 'register', key: keys.head(LINE, 'sandbox'), body, expected: revision }]);
}

it('R21 a status that was flipped in a registry is an alarm, and heals nothing', async () => {
  const runs = { ...PLACE, root: await rootOf(v2) };
  expect(await registry([runs])).toEqual([]);
  const flipped = await registry([{ ...runs, root: await rootOf(v1) }]);
  expect(brief(flipped)).toEqual([`registryDiffers: ${LINE}/sandbox`]);
  expect(flipped[0]?.detail).toContain(`sealed as active is version`);
  expect(brief(await registry([]))).toEqual([`registryDiffers: ${LINE}/sandbox`]);
  const more = { line: 'unknown-line', environment: 'sandbox', root: runs.root };
  expect(brief(await registry([runs, more]))).toEqual(['registryDiffers: unknown-line/sandbox']);
  await expect(registry([{ ...runs, root: 'latest' }])).rejects.toThrow('no list of aliases: /0/root');
  expect((await readHead(world.index, LINE, 'sandbox')).head.incumbent).toBe(v2);
}, 30_000);

it('R60 an edited head, or one that points at what was taken back, is named', async () => {
  expect(await ledgers()).toEqual([]);
  await editHead({ incumbent: v1 });
  expect(brief(await ledgers())).toEqual([`ledgerBroken: ${NAME}`]);
  await editHead({ incumbent: v2 });
  const revocation = { what: 'revocation' as const, ...PLACE, event: v2, to: v1, reason: REASON };
  value(await consent(world, value(await propose(world, revocation, OWNER)), DAVE));
  expect(await ledgers()).toEqual([]);
  await editHead({ incumbent: v2 });
  expect(brief(await ledgers())).toEqual([`ledgerBroken: ${NAME}`, `revokedActive: ${NAME}`]);
}, 30_000);

it('R60 a row that says a version was revoked, or which entry follows, cannot be left out: the envelope says it too', async () => {
  const revocation = { what: 'revocation' as const, ...PLACE, event: v2, to: v1, reason: REASON };
  value(await consent(world, value(await propose(world, revocation, OWNER)), DAVE));
  expect((await auditSealed(world, rows())).faults.filter((one) => !healsItself(one))).toEqual([]);
  for (const gone of [keys.revoked(v2), keys.entry(LINE, 'sandbox', v1)]) {
    const get: typeof world.index.get = async (key) =>
      key.pk === gone.pk && key.sk === gone.sk ? undefined : world.index.get(key);
    const index = { get, list: world.index.list.bind(world.index), commit: world.index.commit.bind(world.index) };
    const { faults } = await auditSealed({ ...world, index }, rows());
    expect(brief(faults.filter((one) => !healsItself(one)))).toEqual([`rowDiffers: ${gone.pk} / ${gone.sk}`]);
  }
}, 30_000);

it('R14 an act that broke off between its envelope and its rows is an orphan that heals', async () => {
  const terms = { what: 'rollback' as const, ...PLACE, from: v2, to: v1, reason: REASON };
  const id = value(await propose(world, terms, OWNER));
  const { index } = world;
  const broken: TestWorld = {
    ...world,
    index: {
      get: index.get.bind(index),
      list: index.list.bind(index),
      commit: async (writes) => {
        if (writes.some(({ key }) => key.sk === 'seal')) throw new Error('injected');
        return index.commit(writes);
      },
    },
  };
  await expect(consent(broken, id, DAVE)).rejects.toThrow('injected');
  const { faults } = await auditSealed(world, rows());
  expect(faults.filter(({ kind }) => kind !== 'unlogged').map(({ kind }) => kind)).toEqual(['orphanEnvelope']);
}, 30_000);
