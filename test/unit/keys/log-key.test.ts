// The log's key changes and its name stays. While two keys sign, whoever knows either one is served; after that only who was told.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteIndex } from '../../../functions/adapters/local/sqlite-index.ts';
import { checkLogged } from '../../../functions/domain/log/check.ts';
import { parseCheckpoint, signedByLog } from '../../../functions/domain/log/checkpoint.ts';
import { noteKeyOf, SIGNATURE_TYPES, vkeyOf } from '../../../functions/domain/log/note.ts';
import { keys, LogHeadRow } from '../../../functions/domain/rows.ts';
import type { Instant } from '../../../functions/domain/text.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { checkpointKey } from '../../../functions/domain/vault-keys.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { cosign, type Witness } from '../../../functions/log/cosign.ts';
import type { LogIdentity } from '../../../functions/log/log.ts';
import { logKeyOf, publish } from '../../../functions/log/publish.ts';
import { proofOf } from '../../../functions/proofs.ts';
import { addCheckpoint } from '../../../functions/witness/add-checkpoint.ts';
import { trustIn } from '../../support/evidence.ts';
import { sealRecord } from '../../support/log.ts';
import { openTestLog, openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let older: LogIdentity;
let newer: LogIdentity;
let count = 0;

beforeAll(async () => {
  world = await openWorld();
  older = world.tlog;
  await mkdir(join(world.folder, 'new'));
  newer = { origin: older.origin, signer: (await openTestLog(join(world.folder, 'new'))).signer };
});
afterAll(() => world.close());

/** A witness with its own memory, which was told these keys of the log. */
async function witness(name: string, logs: readonly LogIdentity[]): Promise<Witness> {
  await mkdir(join(world.folder, name));
  const { signer } = await openTestLog(join(world.folder, name));
  const key = noteKeyOf(`${name}.example.test`, SIGNATURE_TYPES.cosignature, signer.spki);
  const known = new Map([[older.origin, logs.map(logKeyOf)]]);
  const memory = { index: new SqliteIndex(':memory:'), clock: world.clock, key, signer, logs: known };
  return { key, ask: (body) => addCheckpoint(memory, body) };
}

/** Seals one record and publishes it under this identity; answers the event. */
async function published(tlog: LogIdentity) {
  const event = await sealRecord(world, count++);
  await appendToLog({ ...world, tlog });
  return event;
}

async function signers(): Promise<boolean[]> {
  const head = LogHeadRow.parse((await world.index.get(keys.logTree))?.body);
  const note = parseCheckpoint(new TextDecoder().decode(await world.vault.get(checkpointKey(head.size))));
  return [older, newer].map((log) => note.ok && signedByLog(note.value, logKeyOf(log)) === true);
}

async function checked(event: Awaited<ReturnType<typeof published>>, logs: Trust['logs'], more: Partial<Trust> = {}) {
  const envelope = (await world.vault.get(`records/${event.slice(7)}.dsse.json`)) ?? new Uint8Array();
  return checkLogged(envelope, await proofOf(world, event), trustIn(world, { proof: 'inclusion', logs, ...more }));
}

const log = (identity: LogIdentity, more: object = {}) => ({
  vkey: vkeyOf(logKeyOf(identity)),
  class: 'dev' as const,
  ...more,
});

describe('R12 the key of the log changes', () => {
  it('both keys sign while it changes: who knows either takes it, and so does a witness', async () => {
    const [knowsOld, knowsNew] = [await witness('w-old', [older]), await witness('w-new', [newer])];
    await published(older);
    expect(await signers()).toEqual([true, false]);
    const during = await published({ ...newer, outgoing: [older.signer] });
    expect(await signers()).toEqual([true, true]);
    expect(await cosign(world, [knowsOld, knowsNew])).toEqual([]);
    expect(await checked(during, [log(older)])).toMatchObject({ ok: true });
    expect(await checked(during, [log(newer)])).toMatchObject({ ok: true });

    const after = await published({ ...newer, former: [older.signer.spki] });
    expect(await signers()).toEqual([false, true]);
    // Who was not told refuses, and says so: nothing is cosigned, and a gate that asks for this witness cannot tell.
    expect(await cosign(world, [knowsOld, knowsNew])).toMatchObject([{ witness: 'w-old.example.test', kind: 'refused' }]);
    expect(await checked(after, [log(newer)])).toMatchObject({ ok: true });
  });

  it('a crash between a checkpoint and the change of its key is no fork', async () => {
    await published(older);
    const head = LogHeadRow.parse((await world.index.get(keys.logTree))?.body);
    const row = await world.index.get(keys.logPublished);
    if (row === undefined) throw new Error('nothing published');
    await world.index.commit([{ kind: 'clear', key: row.key, expected: row.revision }]);
    await publish({ ...world, tlog: { ...newer, former: [older.signer.spki] } }, head);
    await world.index.commit([{ kind: 'clear', key: row.key, expected: (await world.index.get(row.key))?.revision ?? 0 }]);
    // A key that was never the log's is one.
    await expect(publish({ ...world, tlog: newer }, head)).rejects.toThrow('a fork');
    await publish({ ...world, tlog: older }, head);
  });

  it('a stolen log key proves nothing after the theft, and goes on proving what a witness saw before', async () => {
    const seer = await witness('w-seer', [older]);
    const witnesses = { required: 1, vkeys: [vkeyOf(seer.key)] };
    const event = await published(older);
    expect(await cosign(world, [seer])).toEqual([]);
    world.later(5_000);
    const since = world.clock.now();
    const stolen = (compromisedSince: Instant) => [log(older, { status: 'compromised', compromisedSince })];
    expect(await checked(event, stolen(since), { witnesses })).toMatchObject({ ok: true });
    expect(await checked(event, stolen('2026-01-01T00:00:00.000Z' as Instant), { witnesses })).toMatchObject({
      ok: false,
      code: 'KEY_COMPROMISED',
    });
    expect(await checked(event, stolen(since))).toMatchObject({ ok: false, code: 'KEY_COMPROMISED' });
  });

  it('case 19: a development key of the log never opens a production gate', async () => {
    const event = await published(older);
    expect(await checked(event, [log(older)], { class: 'prod' })).toMatchObject({ ok: false, code: 'KEY_UNTRUSTED' });
  });
});
