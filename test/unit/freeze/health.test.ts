import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileSpool } from '../../../functions/adapters/local/spool.ts';
import { HealthLimits, type HealthNote, healthOf } from '../../../functions/domain/health.ts';
import { instantOf } from '../../../functions/domain/text.ts';
import { frozenProblem, wardenOf } from '../../../functions/health.ts';

const LIMITS = HealthLimits.parse({});
const at = (minute: number) => instantOf(Date.parse('2026-11-01T08:00:00.000Z') + minute * 60_000);
const fault = (minute: number): HealthNote => ({ kind: 'fault', at: at(minute), reason: 'disk full' });
const sealed = (minute: number): HealthNote => ({ kind: 'sealed', at: at(minute) });
const seen = (...notes: HealthNote[]) => healthOf(notes, LIMITS, 60_000);

it('R23 a fault degrades, three in a quarter of an hour freeze, and a canary ends only the first', () => {
  expect(seen()).toMatchObject({ state: 'HEALTHY', since: null });
  expect(seen(fault(0))).toMatchObject({ state: 'DEGRADED', since: at(0), reason: 'disk full' });
  expect(seen(fault(0), sealed(1))).toMatchObject({ state: 'HEALTHY', since: at(1) });
  expect(seen(fault(0), fault(1), fault(15))).toMatchObject({ state: 'DEGRADED', since: at(0) });
  expect(seen(fault(0), fault(1), fault(14))).toMatchObject({ state: 'FROZEN', since: at(14), ready: false, eta: null });
  expect(seen(fault(0), fault(1), fault(2), sealed(3))).toMatchObject({ state: 'FROZEN', ready: false, eta: at(5) });
});

it('R23 it may thaw after three canaries in a row, and not while its operator holds it', () => {
  const down = [fault(0), fault(1), fault(2)];
  expect(seen(...down, sealed(3), sealed(4)).ready).toBe(false);
  expect(seen(...down, sealed(3), sealed(4), fault(5), sealed(6)).ready).toBe(false);
  expect(seen(...down, sealed(3), sealed(4), sealed(5)).ready).toBe(true);
  const held: HealthNote = { kind: 'freeze', at: at(2), reason: 'maintenance' };
  const canaries = [sealed(3), sealed(4), sealed(5)];
  expect(seen(held, ...canaries)).toMatchObject({ state: 'FROZEN', held: true, ready: false, eta: null });
  const let_: HealthNote = { kind: 'release', at: at(6), reason: 'done' };
  expect(seen(held, ...canaries, let_).ready).toBe(false);
  expect(seen(held, let_, sealed(7), sealed(8), sealed(9)).ready).toBe(true);
  expect(seen(held, let_, sealed(7), { kind: 'thawed', at: at(8) })).toMatchObject({ state: 'HEALTHY', intents: [] });
});

it('R23 whatever else happens, only "thawed" ends a freeze', () => {
  const note = fc.oneof(
    fc.nat(60).map(fault),
    fc.nat(60).map(sealed),
    fc.nat(60).map((minute): HealthNote => ({ kind: 'release', at: at(minute), reason: 'r' })),
    fc.nat(60).map((minute): HealthNote => ({ kind: 'freeze', at: at(minute), reason: 'f' })),
  );
  fc.assert(
    fc.property(fc.array(note), fc.array(note), (before, after) => {
      const frozen = seen(...before).state === 'FROZEN';
      if (frozen) expect(seen(...before, ...after).state).toBe('FROZEN');
    }),
  );
});

it('R23 the notes survive a restart, and a line that a crash cut off swallows no other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-spool-'));
  const file = join(folder, 'health.jsonl');
  const warden = () => wardenOf(fileSpool(file), LIMITS, 60_000);
  expect((await warden().look()).state).toBe('HEALTHY');
  for (const minute of [0, 1, 2]) await warden().note(fault(minute));
  const again = warden();
  expect((await again.look()).state).toBe('FROZEN');
  await writeFile(file, `${await readFile(file, 'utf8')}{"kind":"thawed","at":"2026`);
  expect((await warden().look()).state).toBe('FROZEN');
  // Another process, as `countersign freeze` is.
  await warden().note({ kind: 'freeze', at: at(3), reason: 'by hand' });
  expect(await again.look()).toMatchObject({ state: 'FROZEN', held: true });
  await writeFile(file, '{"kind":"thawn"}\n');
  await expect(warden().look()).rejects.toThrow('do not read');
  await rm(folder, { recursive: true });
});

it('R23 a fault that cannot be written down is kept in memory, an intent that cannot is not kept at all', async () => {
  const full = { append: async () => Promise.reject(new Error('disk full')), read: async () => [] };
  const warden = wardenOf(full, LIMITS, 60_000);
  for (const minute of [0, 1, 2]) await warden.note(fault(minute));
  expect((await warden.look()).state).toBe('FROZEN');
  await expect(warden.note({ kind: 'freeze', at: at(3), reason: 'by hand' })).rejects.toThrow('disk full');
});

it('R23 faults that could not be written down are, as soon as they can be, and hold nobody frozen for ever', async () => {
  const lines: unknown[] = [];
  let full = true;
  const append = async (line: unknown) => {
    if (full) throw new Error('no room');
    lines.push(line);
  };
  const warden = wardenOf({ append, read: async () => [...lines] }, LIMITS, 60_000);
  for (const minute of [0, 1, 2]) await warden.note(fault(minute));
  expect((await warden.look()).state).toBe('FROZEN');
  await expect(warden.note(sealed(3))).rejects.toThrow('no room');
  full = false;
  for (const minute of [4, 5, 6]) await warden.note(sealed(minute));
  expect(lines).toEqual([fault(0), fault(1), fault(2), sealed(4), sealed(5), sealed(6)]);
  expect((await warden.look()).ready).toBe(true);
  await warden.note({ kind: 'thawed', at: at(7) });
  expect((await warden.look()).state).toBe('HEALTHY');
});

it('R23 strangers are told why, without accounts, roles and keys', async () => {
  const reason =
    'cannot sign with arn:aws:kms:eu-central-1:123456789012:key/1-2: AccessDenied: User: arn:aws:sts::123456789012:assumed-role/Seal/x is not allowed (account 123456789012)\n    at sign (/var/task/index.mjs:1:2)';
  const notes: HealthNote[] = [{ kind: 'freeze', at: at(0), reason }];
  const warden = wardenOf({ append: async () => undefined, read: async () => notes }, LIMITS, 60_000);
  const told = await frozenProblem({ health: warden });
  expect(told?.detail).toMatch(/cannot sign with ….*AccessDenied: User: … is not allowed \(account …\)$/);
});

it('R23 an error that says nothing, as of a connection that failed, is noted so that it reads back', async () => {
  const lines: unknown[] = [];
  const spool = { append: async (line: unknown) => void lines.push(line), read: async () => [...lines] };
  await wardenOf(spool, LIMITS, 60_000).note({ kind: 'fault', at: at(0), reason: new AggregateError([]).message });
  expect(await wardenOf(spool, LIMITS, 60_000).look()).toMatchObject({ state: 'DEGRADED' });
});
