// How far a gate and a verifier ask for the log: by the index, in a log that is trusted, or in one that witnesses have seen.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import { checkLogged } from '../../../functions/domain/log/check.ts';
import { cosignatureLine, cosignedBytes, signedCheckpoint } from '../../../functions/domain/log/checkpoint.ts';
import { type NoteKey, noteKeyOf, SIGNATURE_TYPES, vkeyOf } from '../../../functions/domain/log/note.ts';
import { keys, LeafRow } from '../../../functions/domain/rows.ts';
import { Trust } from '../../../functions/domain/trust.ts';
import { proofKey } from '../../../functions/domain/vault-keys.ts';
import { judge } from '../../../functions/gate/gate.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { cosign } from '../../../functions/log/cosign.ts';
import type { LogIdentity } from '../../../functions/log/log.ts';
import { logKeyOf } from '../../../functions/log/publish.ts';
import type { Index, Signer } from '../../../functions/ports.ts';
import { proofOf } from '../../../functions/proofs.ts';
import { addCheckpoint } from '../../../functions/witness/add-checkpoint.ts';
import { evidenceOf, type TestEvidence, trustIn } from '../../support/evidence.ts';
import { sealRecord } from '../../support/log.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { openTestLog, openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let evidence: TestEvidence;
let stranger: LogIdentity;
const witnesses: { key: NoteKey; signer: Signer }[] = [];

beforeAll(async () => {
  world = await openWorld();
  evidence = await evidenceOf(world, await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml')));
  const keyFolder = async (name: string) => {
    const folder = join(world.folder, name);
    await mkdir(folder);
    return openTestLog(folder);
  };
  stranger = await keyFolder('stranger');
  for (const name of ['w1', 'w2', 'w3']) {
    const { signer } = await keyFolder(name);
    witnesses.push({ key: noteKeyOf(`${name}.example.test`, SIGNATURE_TYPES.cosignature, signer.spki), signer });
  }
});
afterAll(() => world.close());

const vkeys = () => witnesses.map(({ key }) => vkeyOf(key));
const inLog = (more: Partial<Trust> = {}): Trust =>
  trustIn(world, { proof: 'inclusion', logs: [{ vkey: vkeyOf(logKeyOf(world.tlog)), class: 'dev' }], ...more });
const seenBy = (required: number, more: Partial<Trust> = {}): Trust =>
  inLog({ proof: 'witnessed', witnesses: { required, vkeys: vkeys() }, ...more });

async function gate(trust: Trust, index: Index = world.index): Promise<string> {
  const { model, scope } = evidence.promotion;
  const { root, manifest } = isAbsent(model) ? { root: digestOf(''), manifest: digestOf('') } : model;
  const store = { vault: world.vault, index, clock: world.clock };
  const { verdict, code } = await judge(
    store,
    { event: evidence.event, root, manifest, line: scope.line, environment: 'sandbox' },
    trust,
  );
  return `${verdict} ${code}`;
}

/** The verifier with these bytes as the proof, or with none. */
async function verifyWith(proof: string | undefined, trust: Trust): Promise<string> {
  const files = new Map(evidence.files);
  if (proof !== undefined) files.set(proofKey(evidence.event), new TextEncoder().encode(proof));
  const envelope = files.get(evidence.key) ?? new Uint8Array();
  const { checks } = await verifyEvent(envelope, evidence.event, trust, async (key) => files.get(key));
  const bad = checks.filter(({ ok }) => !ok);
  return bad.length === 0
    ? `ok ${checks.some(({ name }) => name === 'log') ? 'log' : 'no log'}`
    : bad.map(({ code }) => code).join();
}

const proof = async (): Promise<string> => (await proofOf(world, evidence.event)) ?? '';

async function cosignNow(which: number): Promise<void> {
  const one = witnesses[which];
  if (!one) throw new Error('no such witness');
  const logs = new Map([[world.tlog.origin, [logKeyOf(world.tlog)]]]);
  const own = { index: ownMemory(which), clock: world.clock, key: one.key, signer: one.signer, logs };
  expect(await cosign(world, [{ key: one.key, ask: (body) => addCheckpoint(own, body) }])).toEqual([]);
}
/** Each witness remembers for itself, in the rows of one test index. */
const ownMemory = (which: number): Index => ({
  get: (key) => world.index.get({ ...key, pk: `${key.pk}#${which}` }),
  list: (pk, prefix) => world.index.list(`${pk}#${which}`, prefix),
  commit: (writes) =>
    world.index.commit(writes.map((write) => ({ ...write, key: { ...write.key, pk: `${write.key.pk}#${which}` } }))),
});

describe('R14a R22 the gate asks for the log', () => {
  it('what was promoted is in the log at once, with what was sealed at the start', async () => {
    expect(await gate(inLog())).toBe('allow OK');
    expect(await world.index.list('UNLOGGED')).toEqual([]);
  });

  it('where the index is enough, the log is not asked for', async () => {
    expect(await gate(inLog({ proof: 'index' }))).toBe('allow OK');
    expect(await gate(trustIn(world))).toBe('allow OK');
  });

  it('not in the log yet: unknown, to be asked again', async () => {
    const index: Index = {
      ...readsOf(world.index),
      get: async (key) => (key.sk === 'leaf' ? undefined : world.index.get(key)),
    };
    expect(await gate(inLog(), index)).toBe('unknown NOT_LOGGED');
    expect(await gate(trustIn(world, { proof: 'inclusion' }))).toBe('unknown NO_TRUST');
  });

  it('a row that points at another leaf proves nothing', async () => {
    // Which leaf is its own follows from the hashes of all that was sealed with it.
    const own = LeafRow.parse((await world.index.get(keys.leaf(evidence.event)))?.body).index;
    const body = { index: own === 0 ? 1 : 0 };
    const index: Index = {
      ...readsOf(world.index),
      get: async (key) => (key.sk === 'leaf' ? { key, body, revision: 0 } : world.index.get(key)),
    };
    expect(await gate(inLog(), index)).toBe('deny LOG_INVALID');
  });

  it('a log that is not trusted, and a development log where production is guarded', async () => {
    const other = [{ vkey: vkeyOf(logKeyOf(stranger)), class: 'dev' as const }];
    expect(await gate(inLog({ logs: other }))).toBe('deny KEY_UNTRUSTED');
    const sameName = [{ vkey: vkeyOf(logKeyOf({ ...stranger, origin: world.tlog.origin })), class: 'dev' as const }];
    expect(await gate(inLog({ logs: sameName }))).toBe('deny KEY_UNTRUSTED');
    expect(await verifyWith(await proof(), inLog({ class: 'prod' }))).toContain('KEY_UNTRUSTED');
  });

  it('k of n witnesses, each once', async () => {
    expect(await gate(seenBy(1))).toBe('unknown NOT_WITNESSED');
    expect(await gate(inLog({ proof: 'witnessed' }))).toBe('unknown NO_TRUST');
    await cosignNow(0);
    expect(await gate(seenBy(1))).toBe('allow OK');
    expect(await gate(seenBy(2))).toBe('unknown NOT_WITNESSED');
    const [w1 = ''] = vkeys();
    expect(await gate(seenBy(2, { witnesses: { required: 2, vkeys: [w1, w1] } }))).toBe('unknown NOT_WITNESSED');
    await cosignNow(1);
    expect(await gate(seenBy(2))).toBe('allow OK');
  });

  it('a newer tree that nobody has seen yet does not take the older one away', async () => {
    await sealRecord(world, 1);
    await appendToLog(world);
    expect(await gate(seenBy(2))).toBe('allow OK');
    await cosignNow(2);
    expect(await gate(seenBy(2))).toBe('allow OK');
    expect(await gate(seenBy(3))).toBe('unknown NOT_WITNESSED');
    await cosignNow(0);
    await cosignNow(1);
    expect(await gate(seenBy(3))).toBe('allow OK');
  });
});

describe('R14a the verifier holds the proof against the envelope, offline', () => {
  it('with a proof, and without one where none is asked for', async () => {
    expect(await verifyWith(await proof(), inLog())).toBe('ok log');
    expect(await verifyWith(await proof(), seenBy(3))).toBe('ok log');
    expect(await verifyWith(await proof(), inLog({ proof: 'index' }))).toBe('ok log');
    expect(await verifyWith(undefined, trustIn(world))).toBe('ok no log');
    expect(await verifyWith(undefined, inLog())).toBe('NOT_LOGGED');
  });

  it('the proof of another event is none', async () => {
    const { event } = ((await world.index.get(keys.activation))?.body ?? {}) as { event: EventHash };
    expect(await verifyWith(await proofOf(world, event), inLog())).toBe('LOG_INVALID');
  });

  it('one character changed anywhere in the proof is found', async () => {
    const text = await proof();
    const [envelope, trust] = [evidence.files.get(evidence.key) ?? new Uint8Array(), seenBy(3)];
    expect(checkLogged(envelope, text, trust)?.ok).toBe(true);
    let found = 0;
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A';
      const changed = checkLogged(envelope, `${text.slice(0, at)}${other}${text.slice(at + 1)}`, trust);
      expect(changed?.ok, `${at} ${text[at]}`).toBe(false);
      found++;
    }
    expect(found).toBe(text.length);
  });

  it('a cosignature of a trusted witness over other bytes refuses the whole proof', async () => {
    const [one] = witnesses;
    if (!one) throw new Error('no witness');
    const text = await proof();
    const [head = '', body = ''] = text.split('\n\n');
    const false_ = cosignatureLine(one.key, 7, await one.signer.sign(cosignedBytes('other\n1\n', 7)));
    const note = `${body}\n`;
    const signed = signedCheckpoint(note, logKeyOf(world.tlog), await world.tlog.signer.sign(new TextEncoder().encode(note)));
    expect(await verifyWith(`${head}\n\n${signed}`, inLog())).toBe('ok log');
    expect(await verifyWith(`${head}\n\n${signed}${false_}`, inLog({ witnesses: { required: 1, vkeys: vkeys() } }))).toBe(
      'SIGNATURE_INVALID',
    );
    // Whom the reader does not know counts for nothing, and harms nothing.
    expect(await verifyWith(`${head}\n\n${signed}${false_}`, inLog())).toBe('ok log');
  });

  it('a trusted log speaks for its own name only', async () => {
    const text = await proof();
    const body = (text.split('\n\n')[1] ?? '').replace(world.tlog.origin, 'log.example.test/another');
    const note = `${body}\n`;
    const signed = signedCheckpoint(note, logKeyOf(world.tlog), await world.tlog.signer.sign(new TextEncoder().encode(note)));
    expect(await verifyWith(`${text.split('\n\n')[0]}\n\n${signed}`, inLog())).toBe('KEY_UNTRUSTED');
  });

  it('the key of a log is no witness, and a witness is no log', () => {
    const log = vkeyOf(logKeyOf(world.tlog));
    const [w1 = ''] = vkeys();
    expect(Trust.safeParse(inLog({ witnesses: { required: 1, vkeys: [log] } })).success).toBe(false);
    expect(Trust.safeParse(inLog({ logs: [{ vkey: w1, class: 'dev' }] })).success).toBe(false);
    expect(Trust.safeParse(seenBy(2)).success).toBe(true);
    expect(Trust.safeParse(inLog({ logs: [{ vkey: log.replace('+', '+0').slice(0, -1), class: 'dev' }] })).success).toBe(false);
  });
});

const readsOf = (index: Index): Index => ({
  get: (key) => index.get(key),
  list: (pk, prefix) => index.list(pk, prefix),
  commit: (writes) => index.commit(writes),
});
