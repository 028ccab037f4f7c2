// R14 One event, two worlds: rows that were frozen on a laptop are taken over by the adapters of AWS, each on the engine where it
// is faithful, and both sides seal. The hash is of the payload, so it is the same; only the signatures differ.
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbClient, kmsClient, s3Client } from '../../functions/adapters/aws/clients.ts';
import { DynamoDbIndex } from '../../functions/adapters/aws/dynamodb-index.ts';
import { openKmsSigner } from '../../functions/adapters/aws/kms-signer.ts';
import { S3Vault } from '../../functions/adapters/aws/s3-vault.ts';
import { factsOf } from '../../functions/domain/dossier.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { STATES, type Step, stateOf, stepOf } from '../../functions/domain/flow.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { envelopeKey } from '../../functions/domain/vault-keys.ts';
import { drive } from '../../functions/drive.ts';
import { journalled } from '../../functions/journal.ts';
import { type DriveWorld, packsFrom } from '../../functions/packs.ts';
import { readDossier } from '../../functions/store.ts';
import { startDynamodbLocal } from '../support/aws/dynamodb-local.ts';
import { COLD_MS, type Started } from '../support/aws/engine.ts';
import { startMinistack } from '../support/aws/ministack.ts';
import { makeBucket, makeTable, placeAt, versitygwAt } from '../support/aws/stores.ts';
import { startVersitygw } from '../support/aws/versitygw.ts';
import { announce, built, explain, manifestAt, promote, upload, vote } from '../support/promote.ts';
import { ALICE, BOB, CAROL, openWorld, type TestWorld } from '../support/world.ts';

const NOT_SEAL: ReadonlySet<Step> = new Set(STATES.map(stepOf).filter((step) => step !== 'seal'));

let engines: Started[] = [];
let laptop: TestWorld;
let aws: DriveWorld;
/** Decided on the laptop and sealed by nobody yet. */
const frozen: Record<string, RequestId> = {};

/** The laptop, stopping before each seal. */
const unsealed = (world: TestWorld): TestWorld => ({
  ...world,
  run: async () => {
    for (const id of [...world.woken]) {
      world.woken.delete(id);
      await drive(world, id, NOT_SEAL);
    }
  },
});

async function announced(world: TestWorld, manifest: string): Promise<RequestId> {
  const { request, blobs } = await built(world, await manifestAt(`scenarios/${manifest}.yaml`));
  await upload(world, blobs);
  return announce(world, request);
}

async function take(world: TestWorld): Promise<void> {
  const held = unsealed(world);
  frozen['an automated approval'] = await announced(held, '01-in-band-retrain/2-v02');
  const committee = await announced(held, '12-no-incumbent/1-v01');
  await explain(held, committee);
  for (const voter of [ALICE, BOB, CAROL]) await vote(held, committee, voter);
  frozen['an approval by a committee'] = committee;
  const rejected = await announced(held, '05-feature-new-source/1-v01');
  await explain(held, rejected);
  await vote(held, rejected, ALICE, 'reject');
  frozen['a rejection'] = rejected;
  frozen['a refusal'] = await announced(held, '14-flattering-metric/2-v02');
}

/** All objects, and the rows that follow from them. */
async function takeOver(from: TestWorld, urls: readonly string[]): Promise<DriveWorld> {
  const [ministack = '', versitygw = '', dynamodb = ''] = urls;
  const s3 = s3Client(versitygwAt(versitygw), true);
  const chance = { random: Math.random, unique: () => crypto.randomUUID() };
  const vault = new S3Vault(s3, { ...chance, bucket: await makeBucket(s3, 'evidence') });
  for await (const key of from.vault.list('')) await vault.putOnce(key, (await from.vault.get(key)) ?? new Uint8Array());
  const ddb = dynamoDbClient(placeAt(dynamodb));
  const index = journalled(vault, new DynamoDbIndex(ddb, { ...chance, table: await makeTable(ddb, 'index') }));
  expect(await index.catchUp()).toBeGreaterThan(20);
  const kms = kmsClient(placeAt(ministack));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
  const key = await openKmsSigner(kms, { key: KeyMetadata?.Arn ?? '', algorithm: 'p256', keyClass: 'dev' });
  // What the laptop's key sealed before is believed here too.
  const { keyid, spki } = from.signer;
  const workflow = { wake: () => undefined };
  return { ...from, vault, index, workflow, packs: packsFrom(vault), signer: { ...key, former: [{ keyid, spki }] } };
}

beforeAll(async () => {
  engines = await Promise.all([startMinistack(), startVersitygw(), startDynamodbLocal()]);
  laptop = await openWorld({ journal: true });
  await promote(laptop, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
  await promote(laptop, await manifestAt('scenarios/14-flattering-metric/1-v01.yaml'));
  await take(laptop);
  aws = await takeOver(
    laptop,
    engines.map(({ url }) => url),
  );
}, COLD_MS);
afterAll(async () => {
  await laptop?.close();
  await Promise.all(engines.map((engine) => engine.stop()));
});

/** The payload under its hash, after this world sealed it with its own key. */
async function sealedBy(world: DriveWorld, id: RequestId) {
  const before = await readDossier(world.index, id);
  expect(before && stateOf(factsOf(before))).toBe('decided');
  expect(await drive(world, id)).toBe('sealed');
  const { seal, decision } = (await readDossier(world.index, id)) ?? {};
  if (seal === undefined || decision === undefined) throw new Error(`${id} is not sealed`);
  const envelope = await world.vault.get(envelopeKey(seal.eventHash, decision.outcome));
  const opened = openEnvelope(envelope ?? new Uint8Array());
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const { payload, hash } = opened.value;
  return { hash, payload: Buffer.from(payload).toString(), keyid: opened.value.envelope.signatures[0]?.keyid };
}

describe('R14 one event, two worlds', () => {
  it.each(['an automated approval', 'an approval by a committee', 'a rejection', 'a refusal'])('%s', async (name) => {
    const id = frozen[name];
    if (id === undefined) throw new Error(`nothing was frozen as ${name}`);
    const here = await sealedBy(laptop, id);
    const there = await sealedBy(aws, id);
    expect(there.hash).toBe(here.hash);
    expect(there.payload).toBe(here.payload);
    expect([here.keyid, there.keyid]).toEqual([laptop.signer.keyid, aws.signer.keyid]);
  });
});
