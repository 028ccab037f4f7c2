// Who lies to a frozen store, and what comes at the worst moment of a thaw.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPromotion } from '../../../functions/baseline.ts';
import { digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { envelopeBytes, openEnvelope } from '../../../functions/domain/event/envelope.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { INTENT_TYPE } from '../../../functions/domain/intent.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { judge, type Question } from '../../../functions/gate/gate.ts';
import { readHead } from '../../../functions/store.ts';
import { watch } from '../../../functions/thaw.ts';
import { deskOf, value } from '../../support/activation.ts';
import { appOf } from '../../support/app.ts';
import { consent, gate, LINE, ledger, OWNER, PLACE, propose, REASON, twoVersions } from '../../support/brakes.ts';
import { trustIn } from '../../support/evidence.ts';
import { intentFor, MINUTE, SIGNER, type Watched, watched } from '../../support/frozen.ts';
import { announce, built, dossierOf, manifestAt, promote, upload } from '../../support/promote.ts';
import { withLines } from '../../support/staged-line.ts';
import { DAVE, openWorld, PIPELINE, type TestWorld } from '../../support/world.ts';

let world: Watched<TestWorld>;
beforeEach(async () => {
  world = watched(await openWorld());
});
afterEach(() => world.close());

const freeze = () => world.health.note({ kind: 'freeze', at: world.clock.now(), reason: 'the disk is being replaced' });
const release = () => world.health.note({ kind: 'release', at: world.clock.now(), reason: 'replaced' });
const state = async () => (await world.health.look()).state;

async function looks(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    world.later(MINUTE);
    await watch(world, world.clock.now());
  }
}

async function questionFor(event: EventHash): Promise<Question> {
  const { model } = (await readPromotion(world.vault, event)).promotion;
  if (isAbsent(model)) throw new Error('no model');
  return { event, root: model.root, manifest: model.manifest, ...PLACE };
}

async function asked(event: EventHash, intent: Uint8Array): Promise<string> {
  const question = { ...(await questionFor(event)), presented: { intent } };
  const { verdict, code } = await judge(world, question, trustIn(world, { intents: [SIGNER] }));
  return `${verdict} ${code}`;
}

function payloadOf(intent: Uint8Array): Uint8Array {
  const opened = openEnvelope(intent, INTENT_TYPE);
  if (!opened.ok) throw new Error('not an intent');
  return opened.value.payload;
}

describe('R23 the notes beside the store', () => {
  it('an intent that was written into them, signed by nobody whom the gate trusts, is not sealed and moves nothing', async () => {
    const [v1, v2] = await twoVersions(world);
    await freeze();
    const payload = payloadOf(intentFor(world, v1));
    const envelope = envelopeBytes(payload, 'ab'.repeat(32), new Uint8Array(64), INTENT_TYPE);
    const text = Buffer.from(envelope).toString('base64');
    await world.health.note({ kind: 'intent', at: world.clock.now(), intent: digestOf(payload), envelope: text });
    await release();
    await expect(looks()).rejects.toThrow('signed by nobody whom its gate trusts');
    expect([await state(), (await ledger(world)).active]).toEqual(['FROZEN', v2]);
  }, 30_000);

  it('what the operator holds while it thaws stays held', async () => {
    const at = world.clock.now();
    await world.health.note({ kind: 'freeze', at, reason: 'once more' });
    await world.health.note({ kind: 'thawed', at });
    expect(await world.health.look()).toMatchObject({ state: 'FROZEN', held: true });
  });
});

describe('R23 intents at the worst moment', () => {
  it('one that the gate allows while the store thaws is sealed by the next look', async () => {
    const [v1] = await twoVersions(world);
    await freeze();
    await release();
    await looks(2);
    const intent = intentFor(world, v1);
    const { sign } = world.signer;
    const answers: string[] = [];
    // The second signature of that look is the one of the freeze: the intents of the thaw are read by then.
    const meanwhile = async (bytes: Uint8Array) => {
      if (answers.push('') === 2) answers[1] = await asked(v1, intent);
      return sign.call(world.signer, bytes);
    };
    Object.assign(world.signer, { sign: meanwhile });
    await looks(1);
    Object.assign(world.signer, { sign });
    expect([answers[1], await state()]).toEqual(['allow INTENT', 'HEALTHY']);
    await looks(1);
    const { entries, active, broken } = await ledger(world);
    expect({ last: entries.at(-1)?.what, active, broken }).toEqual({ last: 'intent', active: v1, broken: null });
    expect((await world.health.look()).intents).toEqual([]);
  }, 30_000);

  it('one that holds the head since a turn that broke off, and was presented again, holds up no other', async () => {
    const [v1, v2] = await twoVersions(world);
    await freeze();
    const first = intentFor(world, v1);
    world.later(1000);
    expect([await asked(v1, first), await asked(v2, intentFor(world, v2))]).toEqual(['allow INTENT', 'allow INTENT']);
    const { head, revision } = await readHead(world.index, LINE, 'sandbox');
    const body = { ...head, reservedBy: digestOf(payloadOf(first)) };
    await world.index.commit([{ kind: 'register', key: keys.head(LINE, 'sandbox'), body, expected: revision }]);
    expect(await asked(v1, first)).toBe('allow INTENT');
    await release();
    await looks();
    const { entries, broken } = await ledger(world);
    expect([await state(), entries.slice(2).map(({ to }) => to), broken]).toEqual(['HEALTHY', [v1, v2], null]);
  }, 30_000);
});

describe('R23 while frozen', () => {
  it('a revocation is not held up by what was decided and could not be sealed', async () => {
    await withLines(deskOf(world), { [LINE]: (line) => line });
    const manifest = async (step: string) => ({ ...(await manifestAt(`scenarios/01-in-band-retrain/${step}.yaml`)), ...PLACE });
    const v1 = (await promote(world, await manifest('1-v01'))).seal?.eventHash as EventHash;
    const { request, blobs } = await built(world, await manifest('2-v02'));
    await upload(world, blobs);
    const { sign } = world.signer;
    const dead = async () => {
      throw new InfrastructureError('the key does not answer', { retryable: true });
    };
    Object.assign(world.signer, { sign: dead });
    await expect(announce(world, request)).rejects.toThrow('the key does not answer');
    Object.assign(world.signer, { sign });
    await freeze();
    const terms = { what: 'revocation' as const, ...PLACE, event: v1, to: null, reason: REASON };
    expect(value(await consent(world, value(await propose(world, terms, OWNER)), DAVE)).event).not.toBeNull();
    expect([await gate(world, v1), await asked(v1, intentFor(world, v1))]).toEqual(['deny REVOKED', 'deny REVOKED']);
    const { entries, broken } = await ledger(world);
    expect([entries.map(({ what }) => what), broken]).toEqual([['promotion', 'promotion', 'revocation'], null]);
  }, 30_000);

  it('to withdraw is a decision too', async () => {
    const { request, blobs } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    await upload(world, blobs);
    const id = await announce(world, request);
    await freeze();
    expect((await appOf(world).by(PIPELINE, `/requests/${id}/withdraw`, request)).status).toBe(503);
    expect((await dossierOf(world, id)).decision).toBeUndefined();
  }, 30_000);
});
