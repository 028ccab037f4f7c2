import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevSigner } from '../../../functions/adapters/local/dev-signer.ts';
import { readPromotion } from '../../../functions/baseline.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import type { Decimal } from '../../../functions/domain/decimal.ts';
import { digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { openEnvelope, preAuthEncoding } from '../../../functions/domain/event/envelope.ts';
import { isAbsent, type Promotion } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { blobKey, voteObjectKey } from '../../../functions/domain/vault-keys.ts';
import { packsFrom } from '../../../functions/packs.ts';
import type { Signer } from '../../../functions/ports.ts';
import { replay } from '../../../functions/replay.ts';
import { evidenceOf, failed, flippedAt, resigned, type TestEvidence, trustIn } from '../../support/evidence.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload, vote } from '../../support/promote.ts';
import { ALICE, BOB, CAROL, ERIN, openWorld, type TestWorld } from '../../support/world.ts';

const LINE = 'scenarios/05-feature-new-source';

let world: TestWorld;
let trust: Trust;
/** A committee event with an incumbent, the first version before it, and one that was rejected. */
let committee: TestEvidence;
let rejected: TestEvidence;

beforeAll(async () => {
  world = await openWorld();
  trust = trustIn(world);
  await promote(world, await manifestAt(`${LINE}/1-v01.yaml`));
  committee = await evidenceOf(world, await promote(world, await manifestAt(`${LINE}/2-v06.yaml`)));
  const { request, blobs } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
  await upload(world, blobs);
  const id = await announce(world, request);
  await explain(world, id);
  await vote(world, id, ALICE, 'reject');
  rejected = await evidenceOf(world, await dossierOf(world, id));
});
afterAll(() => world.close());

type Files = ReadonlyMap<string, Uint8Array>;
const checksOf = async (evidence: TestEvidence, files: Files = evidence.files, by = trust) =>
  (await verifyEvent(files.get(evidence.key) ?? new Uint8Array(), evidence.event, by, async (key) => files.get(key))).checks;
const replayed = (files: Files, promotion: Promotion) => {
  const vault = { get: async (key: string) => files.get(key), size: async (key: string) => files.get(key)?.byteLength };
  return replay({ vault, packs: packsFrom(vault) }, promotion);
};
const withFile = (files: Files, key: string, bytes: Uint8Array | undefined): Files => {
  const copy = new Map(files);
  if (bytes === undefined) copy.delete(key);
  else copy.set(key, bytes);
  return copy;
};

/** Fields that vouch for each key of the exported set, as the promotion says. */
function fieldsOfKey(promotion: Promotion): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  const add = (field: string, key: string) => void fields.set(key, [...(fields.get(key) ?? []), field]);
  const { model, challenger, request, approvals, explanation, dataset, routing } = promotion;
  if (isAbsent(model) || isAbsent(challenger) || isAbsent(request) || isAbsent(approvals)) throw new Error('all six');
  if (isAbsent(explanation) || isAbsent(dataset) || isAbsent(routing)) throw new Error('all six');
  add('model', blobKey(model.manifest));
  for (const file of model.files) add('model', blobKey(file.digest));
  if (challenger.predictions) add('challenger', blobKey(challenger.predictions));
  for (const digest of [request.payload, request.screen, request.approvalRequest])
    if (!isAbsent(digest)) add('request', blobKey(digest));
  for (const one of approvals) if (one.kind === 'person') add('approvals', voteObjectKey(one.voteKey));
  for (const one of explanation) for (const artefact of one.artefacts) add('explanation', blobKey(artefact.digest));
  for (const gate of promotion.provenance.gates) add('request', blobKey(gate.report));
  add('dataset', blobKey(dataset.evaluationRegime.slice));
  for (const digest of challenger.profiles) add('dataset', blobKey(digest));
  return fields;
}

describe('R18 an event verifies with its bytes and a trust, and with nothing else', () => {
  it('all checks pass, the six fields and the routing among them', async () => {
    const checks = await checksOf(committee);
    expect(failed(checks)).toEqual([]);
    expect(checks.map((check) => check.name)).toEqual(
      [
        ['envelope', 'signature', 'event hash', 'statement'],
        ['model', 'challenger', 'request', 'approvals', 'explanation', 'dataset', 'routing', 'baselines'],
      ].flat(),
    );
  });

  it('a rejection verifies as a record, and never says that something was approved', async () => {
    const checks = await checksOf(rejected);
    expect(failed(checks)).toEqual([]);
    expect(checks.find((check) => check.name === 'statement')?.detail).toBe('a record: promotion rejected');
    expect(rejected.key).toMatch(/^records\//);
  });

  it('one flipped byte anywhere in any object of the set is found, and the six fields are named', async () => {
    const named = fieldsOfKey(committee.promotion);
    for (const [key, bytes] of committee.files) {
      const positions = [0, 1, bytes.length >> 2, bytes.length >> 1, bytes.length - (bytes.length >> 2), -2, -1];
      for (const position of positions) {
        const files = withFile(committee.files, key, flippedAt(bytes, position));
        const names = failed(await checksOf(committee, files));
        expect([key, position, names]).not.toEqual([key, position, []]);
        for (const field of named.get(key) ?? [])
          expect([key, position, names]).toEqual([key, position, expect.arrayContaining([field])]);
      }
    }
    expect(new Set([...named.values()].flat())).toEqual(
      new Set(['model', 'challenger', 'request', 'approvals', 'explanation', 'dataset']),
    );
  });

  it('each object that is not there is missed by name', async () => {
    for (const [key, fields] of fieldsOfKey(committee.promotion)) {
      const names = failed(await checksOf(committee, withFile(committee.files, key, undefined)));
      for (const field of fields) expect([key, names]).toEqual([key, expect.arrayContaining([field])]);
    }
    expect(
      failed(await checksOf(committee, new Map([[committee.key, committee.files.get(committee.key) ?? new Uint8Array()]]))),
    ).toEqual(['model', 'challenger', 'request', 'approvals', 'explanation', 'dataset', 'routing', 'baselines']);
  });

  it('two votes that changed places are found', async () => {
    const [one = '', two = ''] = [...committee.files.keys()].filter((key) => key.startsWith('votes/'));
    const swapped = withFile(withFile(committee.files, one, committee.files.get(two)), two, committee.files.get(one));
    expect(failed(await checksOf(committee, swapped))).toEqual(['approvals']);
  });

  it('another event, under a hash that was asked for, is not that event', async () => {
    const files = withFile(committee.files, committee.key, rejected.files.get(rejected.key));
    expect(failed(await checksOf(committee, files))).toContain('event hash');
  });
});

describe('trust is the reader’s own', () => {
  let stranger: Signer;
  beforeAll(async () => {
    stranger = await openDevSigner(join(world.folder, 'stranger.pem'));
  });
  const key = (more: object) => [{ keyid: world.signer.keyid, spki: world.signer.spki, class: 'dev' as const, ...more }];
  const signatureOf = async (by: Trust) =>
    (await checksOf(committee, committee.files, by)).find((one) => one.name === 'signature');

  it.each([
    ['no keys', () => ({ keys: [] })],
    ['another key', () => ({ keys: [{ keyid: stranger.keyid, spki: stranger.spki, class: 'dev' as const }] })],
    ['our key’s name on another key', () => ({ keys: key({ spki: stranger.spki }) })],
    ['production and a development key', () => ({ class: 'prod' as const })],
    ['a key not yet in use', () => ({ keys: key({ notBefore: '2030-01-01T00:00:00.000Z' }) }), 'KEY_OUT_OF_WINDOW'],
    ['a key no longer in use', () => ({ keys: key({ notAfter: '2020-01-01T00:00:00.000Z' }) }), 'KEY_OUT_OF_WINDOW'],
    ['a key for policy releases', () => ({ keys: key({ use: ['release'] }) }), 'KEY_WRONG_USE'],
    [
      'a stolen key',
      () => ({ keys: key({ status: 'compromised', compromisedSince: '2030-01-01T00:00:00.000Z' }) }),
      'KEY_COMPROMISED',
    ],
  ])('R12 %s: not believed', async (_, more, code = 'KEY_UNTRUSTED') => {
    expect(await signatureOf(trustIn(world, more() as Partial<Trust>))).toMatchObject({ ok: false, code });
  });

  it('a key in use at that time is trusted', async () => {
    const times = { notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2027-01-01T00:00:00.000Z' };
    expect(await signatureOf(trustIn(world, { keys: key(times) as Trust['keys'] }))).toMatchObject({ ok: true });
  });

  it('R7 an issuer nobody told us to trust is no approval', async () => {
    expect(failed(await checksOf(committee, committee.files, trustIn(world, { issuers: ['https://other.example'] })))).toEqual([
      'request',
      'approvals',
    ]);
  });

  it('another key under the trusted name, other bytes under the signature', async () => {
    const { envelope, event } = await resigned(
      { ...stranger, keyid: world.signer.keyid },
      committee.promotion,
      () => undefined,
    );
    const { checks } = await verifyEvent(envelope, event, trust, async (path) => committee.files.get(path));
    expect(failed(checks)).toEqual(['signature']);
    expect(checks[1]).toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});

describe('what a signer that went wrong could sign, the bytes contradict', () => {
  type Change = Parameters<typeof resigned>[2];
  type Shape = Parameters<typeof resigned>[3];
  const digest = digestOf('something else');
  const field = <K extends 'model' | 'challenger' | 'request' | 'approvals' | 'dataset' | 'routing'>(
    promotion: Promotion,
    name: K,
  ) => {
    const value = promotion[name];
    if (isAbsent(value)) throw new Error(`no ${name}`);
    return value as Exclude<Promotion[K], { absent: string }>;
  };
  const cases: [string, string[], Change, Shape?][] = [
    [
      'a better AUC than the predictions give',
      ['challenger'],
      (p) => {
        const auc = field(p, 'challenger').metrics.find((metric) => metric.name === 'auc' && metric.source === 'recomputed');
        if (auc) auc.candidate = '0.999000' as Decimal;
      },
    ],
    ['another root', ['model', 'request'], (p) => void Object.assign(field(p, 'model'), { root: digest })],
    [
      'other predictions than were stated',
      ['request'],
      (p) => void Object.assign(field(p, 'challenger'), { predictions: null }),
    ],
    ['another environment', ['request', 'baselines'], (p) => void Object.assign(p.scope, { environment: 'production' })],
    ['another incumbent', ['request'], (p) => void Object.assign(p.lineage, { incumbent: null })],
    ['another commit', ['request'], (p) => void Object.assign(p.provenance.code, { commit: '0'.repeat(40) })],
    ['no profiles', ['request'], (p) => void Object.assign(field(p, 'challenger'), { profiles: [] })],
    [
      'fewer seats than were asked',
      ['request'],
      (p) => {
        field(p, 'routing').groups = field(p, 'routing').groups.slice(0, 1);
      },
    ],
    ['a diff that nobody saw', ['request'], (p) => void Object.assign(p, { diff: {} })],
    ['one vote of the three', ['approvals'], (p) => void Object.assign(p, { approvals: field(p, 'approvals').slice(0, 1) })],
    [
      'one vote three times',
      ['approvals'],
      (p) => {
        const [one] = field(p, 'approvals');
        Object.assign(p, { approvals: [one, one, one] });
      },
    ],
    [
      'a vote that says something else',
      ['approvals'],
      (p) => void Object.assign(field(p, 'approvals')[0] ?? {}, { castAt: p.times.decidedAt }),
    ],
    [
      'a rejection as an approval',
      ['approvals'],
      (p) => void Object.assign(field(p, 'approvals')[0] ?? {}, { choice: 'reject' }),
    ],
    ['a decision before the votes', ['approvals'], (p) => void Object.assign(p.times, { decidedAt: p.times.receivedAt })],
    [
      'approved by policy on a path of people',
      ['approvals'],
      (p) => {
        const { requester } = field(p, 'request');
        Object.assign(p, {
          approvals: [
            { kind: 'policy', ...requester, pack: field(p, 'routing').pack, ownerOfRecord: { iss: 'urn:x', sub: 'y' } },
          ],
        });
      },
    ],
    ['another screen', ['request', 'approvals'], (p) => void Object.assign(field(p, 'request'), { screen: digest })],
    ['no screen', ['request', 'approvals'], (p) => void Object.assign(field(p, 'request'), { screen: { absent: 'lost' } })],
    ['another request id', ['request', 'approvals'], (p) => void Object.assign(p, { requestId: `req-${'a'.repeat(26)}` })],
    ['an approval without its model', ['statement'], (p) => void Object.assign(p, { model: { absent: 'lost' } })],
    ['an approval without a diff', ['statement', 'request'], (p) => void Object.assign(p, { diff: { absent: 'lost' } })],
    [
      'an approval without a routing',
      ['statement', 'request', 'approvals'],
      (p) => void Object.assign(p, { routing: { absent: 'lost' } }),
    ],
    ['another policy pack', ['request', 'routing'], (p) => void Object.assign(field(p, 'routing'), { pack: digest })],
    ['another routing input', ['request', 'routing'], (p) => void Object.assign(field(p, 'routing'), { input: {} })],
    [
      'R3 an approval as a record',
      ['statement'],
      () => undefined,
      (s) => void Object.assign(s, { predicateType: 'https://countersign.dev/record/v0' }),
    ],
    [
      'another subject',
      ['model'],
      () => undefined,
      (s) => void Object.assign(s.subject[0]?.digest ?? {}, { sha256: '0'.repeat(64) }),
    ],
    ['a key too many', ['statement'], () => undefined, (s) => void Object.assign(s.predicate, { note: 'trust me' })],
  ];

  it.each(cases)('%s', async (_, expected, change, shape) => {
    const { envelope, event } = await resigned(world.signer, committee.promotion, change, shape);
    const { checks } = await verifyEvent(envelope, event, trust, async (key) => committee.files.get(key));
    expect(failed(checks)).toEqual(expected);
  });

  it('R3 a rejection sealed as an approval', async () => {
    const { envelope, event } = await resigned(
      world.signer,
      rejected.promotion,
      (p) => void Object.assign(p, { outcome: 'approved' }),
    );
    const { checks } = await verifyEvent(envelope, event, trust, async (key) => rejected.files.get(key));
    expect(failed(checks)).toEqual(['approvals']);
  });
});

describe('R18 what it was compared with is verified as well', () => {
  const incumbentOf = (promotion: Promotion) => promotion.lineage.incumbent ?? '';

  it('the incumbent’s event is missed by name, and so are its bytes', async () => {
    const key = `events/${incumbentOf(committee.promotion).slice(7)}.dsse.json`;
    expect(failed(await checksOf(committee, withFile(committee.files, key, undefined)))).toEqual(['baselines']);
    const own = new Set(fieldsOfKey(committee.promotion).keys());
    const theirs = [...committee.files.keys()].filter((one) => one.startsWith('blobs/') && !own.has(one));
    const missed = await Promise.all(
      theirs.map(async (one) => failed(await checksOf(committee, withFile(committee.files, one, undefined)))),
    );
    // Request, profile and predictions of the incumbent; the last is the key of the sign-ins.
    expect(missed.filter((names) => names.join() === 'baselines')).toHaveLength(3);
  });

  it('R12 an incumbent that somebody else signed is no incumbent', async () => {
    const stranger = await openDevSigner(join(world.folder, 'stranger-baseline.pem'));
    const incumbent = await readPromotion(world.vault, incumbentOf(committee.promotion) as EventHash);
    const { envelope, event } = await resigned(stranger, incumbent.promotion, () => undefined);
    expect(event).toBe(incumbent.hash);
    const checks = await checksOf(committee, withFile(committee.files, `events/${event.slice(7)}.dsse.json`, envelope));
    expect(checks.find(({ name }) => name === 'baselines')).toMatchObject({ ok: false, code: 'KEY_UNTRUSTED' });
  });
});

describe('what travels in an envelope beside the signed bytes', () => {
  type Loose = { signatures: Record<string, unknown>[]; [key: string]: unknown };
  const changed = async (change: (envelope: Loose) => void) => {
    const envelope = JSON.parse(new TextDecoder().decode(committee.files.get(committee.key))) as Loose;
    change(envelope);
    return checksOf(committee, withFile(committee.files, committee.key, canonicalBytes(envelope)));
  };

  it.each<[string, (envelope: Loose) => void]>([
    ['a key of its own', (one) => void Object.assign(one, { note: 'approved by the board' })],
    ['a key beside a signature', (one) => void Object.assign(one.signatures[0] ?? {}, { cert: 'none' })],
    ['base64 written otherwise', (one) => void Object.assign(one.signatures[0] ?? {}, { sig: 'QR==' })],
  ])('R12 %s is refused', async (_, change) => {
    expect(await changed(change)).toMatchObject([{ name: 'envelope', ok: false, code: 'ENVELOPE_INVALID' }]);
  });

  it('R12 a further signature is named as not checked', async () => {
    const checks = await changed(({ signatures }) => void signatures.push({ keyid: 'the board', sig: 'AAAA' }));
    expect(failed(checks)).toEqual([]);
    expect(checks.find(({ name }) => name === 'signature')?.detail).toContain('1 further signature not checked');
    expect((await checksOf(committee)).find(({ name }) => name === 'signature')?.detail).not.toContain('further');
  });
});

describe('R57 people who did not sign themselves', () => {
  it('do not verify where their own signature is required, with the gate’s code', async () => {
    const checks = await checksOf(committee, committee.files, trustIn(world, { humanSignature: 'required' }));
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([{ name: 'approvals', code: 'HUMAN_SIGNATURE_MISSING' }]);
    expect(failed(await checksOf(rejected, rejected.files, trustIn(world, { humanSignature: 'required' })))).toEqual([]);
  });
});

describe('R7 R46 who wrote the rationale', () => {
  it('signed in like a voter: the key that verified it is exported, and checked', async () => {
    const jwk = canonicalBytes({ kty: 'EC', crv: 'P-256', x: 'author', y: 'author' });
    const { actor, auth } = ERIN.principal;
    const author = { ...ERIN, jwk, principal: { actor, auth: { ...auth, jwk: digestOf(jwk) } } };
    const { request, blobs } = await built(world, await manifestAt('scenarios/04-feature-dropped/1-v01.yaml'));
    await upload(world, blobs);
    const id = await announce(world, request);
    await explain(world, id, author);
    for (const person of [ALICE, BOB, CAROL]) await vote(world, id, person);
    const evidence = await evidenceOf(world, await dossierOf(world, id));
    expect(failed(await checksOf(evidence))).toEqual([]);
    const key = blobKey(digestOf(jwk));
    expect([...evidence.files.keys()]).toContain(key);
    for (const bytes of [undefined, flippedAt(jwk, 3)])
      expect(failed(await checksOf(evidence, withFile(evidence.files, key, bytes)))).toEqual(['request']);
  });
});

describe('R12 without us: openssl', () => {
  it('verifies the signature over the DSSE bytes with the public key, and no other bytes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-openssl-'));
    const opened = openEnvelope(committee.files.get(committee.key) ?? new Uint8Array());
    if (!opened.ok) throw new Error('no envelope');
    const { payload, envelope } = opened.value;
    const at = (name: string) => join(folder, name);
    await writeFile(at('pae.bin'), preAuthEncoding(payload));
    await writeFile(at('payload.bin'), payload);
    await writeFile(at('sig.der'), Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64'));
    await writeFile(at('key.pem'), world.signer.spki);
    const openssl = (file: string) =>
      execFileSync('openssl', ['dgst', '-sha256', '-verify', at('key.pem'), '-signature', at('sig.der'), at(file)], {
        stdio: 'pipe',
      }).toString();
    expect(openssl('pae.bin').trim()).toBe('Verified OK');
    expect(() => openssl('payload.bin')).toThrow();
    const sum = execFileSync('openssl', ['dgst', '-sha256', '-r', at('payload.bin')])
      .toString()
      .slice(0, 64);
    expect(`sha256:${sum}`).toBe(committee.event);
    await rm(folder, { recursive: true });
  });
});

describe('R18a replay', () => {
  it('gives byte for byte what was sealed', async () => {
    const checks = await replayed(committee.files, committee.promotion);
    expect(failed(checks)).toEqual([]);
    expect(checks.map((check) => check.name)).toEqual(['recomputed', 'diff', 'routing']);
  });

  it('R54 says so when another diff or routing was sealed', async () => {
    const changed = structuredClone(committee.promotion);
    if (!isAbsent(changed.routing)) changed.routing.path = 'reviewer';
    expect(failed(await replayed(committee.files, changed))).toEqual(['routing']);
    const { population } = changed.diff as { population: { figures: { rows: number } } };
    population.figures.rows += 1;
    expect(failed(await replayed(committee.files, changed))).toEqual(['diff', 'routing']);
  });

  it('refuses to run a pack of which one byte changed', async () => {
    for (const [key, bytes] of committee.files) {
      if (!key.startsWith('packs/')) continue;
      const changed = withFile(committee.files, key, flippedAt(bytes, bytes.length >> 1));
      await expect(replayed(changed, committee.promotion)).rejects.toThrow();
    }
  });
});
