import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { keyIdOf, verifyP256 } from '../../../functions/domain/crypto.ts';
import { digestOf, eventHashOf } from '../../../functions/domain/digest.ts';
import {
  envelopeBytes,
  openEnvelope,
  PAYLOAD_TYPE,
  preAuthEncoding,
  verifyEnvelope,
} from '../../../functions/domain/event/envelope.ts';
import {
  EVENT_TYPE,
  isAbsent,
  type Promotion,
  parseStatement,
  RECORD_TYPE,
  statementBytes,
  statementOf,
} from '../../../functions/domain/event/statement.ts';
import { fieldsOf } from '../../../functions/domain/event/verify.ts';
import { OUTCOMES } from '../../../functions/domain/rows.ts';
import { storeEnvelope } from '../../../functions/seal/seal.ts';
import { sealStep } from '../../../functions/steps/seal.ts';
import { evidenceOf, type TestEvidence, trustIn } from '../../support/evidence.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload, vote } from '../../support/promote.ts';
import { ALICE, BOB, openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let committee: TestEvidence;
beforeAll(async () => {
  world = await openWorld();
  committee = await evidenceOf(world, await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml')));
});
afterAll(() => world.close());

describe('DSSE (secure-systems-lab/dsse, protocol.md)', () => {
  it('pre-authentication encoding is that of the specification’s test vector', () => {
    const bytes = preAuthEncoding(new TextEncoder().encode('hello world'), 'http://example.com/HelloWorld');
    expect(new TextDecoder().decode(bytes)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('counts bytes, not characters, and keeps every byte of the payload', () => {
    const payload = new Uint8Array([0, 255, 10, 0x20]);
    expect([...preAuthEncoding(payload, 'é')]).toEqual([...new TextEncoder().encode('DSSEv1 2 é 4 '), ...payload]);
  });

  it('property: what is put into an envelope is what is read out, under its hash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 1, maxLength: 80 }), (payload, signature) => {
        const opened = openEnvelope(envelopeBytes(payload, 'a'.repeat(64), signature));
        expect(opened).toMatchObject({ ok: true, value: { hash: eventHashOf(payload) } });
        if (opened.ok) expect([...opened.value.payload]).toEqual([...payload]);
        expect(canonicalBytes(opened.ok && opened.value.envelope)).toEqual(envelopeBytes(payload, 'a'.repeat(64), signature));
      }),
    );
  });

  it('property: no two payloads or types have one encoding', () => {
    const pair = fc.tuple(fc.string({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(pair, pair, ([type, payload], [otherType, other]) => {
        fc.pre(type !== otherType || Buffer.compare(payload, other) !== 0);
        expect(Buffer.compare(preAuthEncoding(payload, type), preAuthEncoding(other, otherType))).not.toBe(0);
      }),
    );
  });

  it('R12 a signature is needed: none, an empty list, or another type is no envelope of ours', async () => {
    const payload = new TextEncoder().encode('{}');
    const sig = Buffer.from(await world.signer.sign(preAuthEncoding(payload))).toString('base64');
    const envelope = { payloadType: PAYLOAD_TYPE, payload: 'e30=', signatures: [{ keyid: world.signer.keyid, sig }] };
    const opened = openEnvelope(canonicalBytes(envelope));
    expect(opened.ok && verifyEnvelope(opened.value, trustIn(world), undefined)).toMatchObject({ ok: true });
    for (const wrong of [
      { ...envelope, signatures: [] },
      { ...envelope, payloadType: 'application/json' },
      { payload: 'e30=' },
      [],
    ]) {
      expect(openEnvelope(canonicalBytes(wrong))).toMatchObject({ ok: false, problems: [{ code: 'ENVELOPE_INVALID' }] });
    }
    // The raw payload signed, without the encoding: a signature made for something else is none here.
    const plain = Buffer.from(await world.signer.sign(payload)).toString('base64');
    const other = openEnvelope(canonicalBytes({ ...envelope, signatures: [{ keyid: world.signer.keyid, sig: plain }] }));
    expect(other.ok && verifyEnvelope(other.value, trustIn(world), undefined)).toMatchObject({ ok: false });
  });

  it('the key’s name is the hash of the key, and only P-256 verifies', () => {
    expect(keyIdOf(world.signer.spki)).toBe(world.signer.keyid);
    expect(verifyP256('no key', new Uint8Array(), new Uint8Array())).toBe(false);
    expect(verifyP256(world.signer.spki, new Uint8Array(), new Uint8Array([1, 2]))).toBe(false);
  });
});

describe('the statement is a pure function of frozen rows', () => {
  it('R12 sealing again gives the same payload, and the first envelope stays', async () => {
    const before = await world.vault.get(committee.key);
    const sealed = await storeEnvelope(world, committee.promotion);
    expect(sealed).toEqual({ eventHash: committee.event, key: committee.key });
    expect(await world.vault.get(committee.key)).toEqual(before);
  });

  it('R13 running the whole step again seals nothing else, however late', async () => {
    const id = committee.promotion.requestId;
    world.later(86_400_000);
    const rows = await world.index.list(`REQ#${id}`);
    await sealStep(world, await dossierOf(world, id));
    expect(await world.index.list(`REQ#${id}`)).toEqual(rows);
    const events: string[] = [];
    for await (const key of world.vault.list('events/')) events.push(key);
    expect(events).toEqual([committee.key]);
  });

  it('the signed bytes are what the statement’s own bytes are, and read back to the same', () => {
    const statement = statementOf(committee.promotion);
    expect(eventHashOf(statementBytes(statement))).toBe(committee.event);
    expect(parseStatement(statementBytes(statement))).toEqual({ ok: true, value: statement });
  });

  it('R1 holds no name, no token and no time but those that were frozen', () => {
    const text = new TextDecoder().decode(statementBytes(statementOf(committee.promotion)));
    expect(text).not.toMatch(/token of|@[a-z]+\.(test|example|com)/);
    const { times } = committee.promotion;
    const order = [times.receivedAt, times.routedAt, times.screenStoredAt, times.decidedAt];
    expect([...order].sort()).toEqual(order);
  });
});

describe('R3 six fields, always, and only an approval is an event', () => {
  it('every field is there on the committee’s path, and each is needed', () => {
    expect(fieldsOf(committee.promotion).map(([name]) => name)).toEqual([
      'model',
      'challenger',
      'request',
      'approvals',
      'explanation',
      'dataset',
    ]);
    for (const [name, field] of fieldsOf(committee.promotion)) {
      expect([name, isAbsent(field)]).toEqual([name, false]);
      const without = structuredClone(statementOf(committee.promotion));
      delete (without.predicate as Record<string, unknown>)[name];
      expect(parseStatement(canonicalBytes(without)).ok).toBe(false);
    }
  });

  it('R4 an approval has the model as subject: root, then manifest', () => {
    const { model } = committee.promotion;
    const { subject, predicateType } = statementOf(committee.promotion);
    expect(predicateType).toBe(EVENT_TYPE);
    if (isAbsent(model)) throw new Error('no model');
    expect(subject.map((one) => `sha256:${one.digest.sha256}`)).toEqual([model.root, model.manifest]);
  });

  it.each(OUTCOMES.filter((outcome) => outcome !== 'approved'))(
    '%s is a record about the request, never about the model',
    (outcome) => {
      const promotion: Promotion = { ...committee.promotion, outcome };
      const statement = statementOf(promotion);
      const { model, request } = promotion;
      if (isAbsent(model) || isAbsent(request)) throw new Error('all six');
      expect(statement.predicateType).toBe(RECORD_TYPE);
      expect(statement.subject).toEqual([{ name: promotion.requestId, digest: { sha256: request.payload.slice(7) } }]);
      expect(JSON.stringify(statement.subject)).not.toContain(model.root.slice(7));
    },
  );

  it('R2 a refusal seals the same keys, each said or said to be absent', async () => {
    const line = 'scenarios/13-explanation-other-slice';
    await promote(world, await manifestAt(`${line}/1-v01.yaml`));
    const refused = await evidenceOf(world, await promote(world, await manifestAt(`${line}/2-v10.yaml`)));
    expect(Object.keys(refused.promotion).sort()).toEqual(Object.keys(committee.promotion).sort());
    expect(refused.promotion).toMatchObject({
      approvals: { absent: 'nobody-decided' },
      routing: { absent: 'ended-before-routing' },
      request: { screen: { absent: 'ended-before-the-screen' } },
      reasons: [{ code: 'EXPLANATION_SLICE_MISMATCH' }],
    });
  });

  it('R33 the automated path is approved by service, policy and its owner of record', async () => {
    const line = 'scenarios/01-in-band-retrain';
    await promote(world, await manifestAt(`${line}/1-v01.yaml`));
    const { promotion } = await evidenceOf(world, await promote(world, await manifestAt(`${line}/2-v02.yaml`)));
    expect(promotion.approvals).toEqual([
      expect.objectContaining({
        kind: 'policy',
        actor: expect.objectContaining({ kind: 'service', sub: 'pipeline' }),
        ownerOfRecord: expect.anything(),
      }),
    ]);
    expect(fieldsOf(promotion).filter(([, field]) => isAbsent(field))).toEqual([]);
  });

  it('the votes of a request that ended otherwise stay in its record', async () => {
    const { request, blobs } = await built(world, await manifestAt('scenarios/02-threshold-moved/1-v01.yaml'));
    await upload(world, blobs);
    const id = await announce(world, request);
    await explain(world, id);
    await vote(world, id, ALICE);
    await vote(world, id, BOB, 'return');
    const { promotion } = await evidenceOf(world, await dossierOf(world, id));
    const choices = isAbsent(promotion.approvals) ? [] : promotion.approvals.map((one) => one.kind === 'person' && one.choice);
    expect([promotion.outcome, choices.sort()]).toEqual(['returned', ['approve', 'return']]);
  });
});

describe('R20 the beginning', () => {
  it('is sealed, activates the policy, and refuses to begin again', async () => {
    const kinds: string[] = [];
    for await (const key of world.vault.list('records/')) {
      const opened = openEnvelope((await world.vault.get(key)) ?? new Uint8Array());
      const statement = opened.ok ? parseStatement(opened.value.payload) : opened;
      if (statement.ok) kinds.push(statement.value.predicate.kind);
    }
    expect(kinds.filter((kind) => kind !== 'promotion').sort()).toEqual(['policyActivation', 'start']);
  });

  it('nothing in the sealer asks for the time, for chance or for the environment', () => {
    const folder = join(import.meta.dirname, '../../../functions/seal');
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'utf8');
      expect([name, /Date\.now|new Date\(|Math\.random|randomUUID|process\.env/.exec(text)?.[0]]).toEqual([name, undefined]);
    }
    expect(digestOf('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
