// Each call to AWS may fail, or take effect and lose its answer. The faults stand between the SDK and a real engine, so that the
// SDK's own trying again is part of what is tried.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { CreateKeyCommand, DisableKeyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbClient, kmsClient, s3Client } from '../../functions/adapters/aws/clients.ts';
import { DynamoDbIndex } from '../../functions/adapters/aws/dynamodb-index.ts';
import { dynamoDbSpool, dynamoDbTokens } from '../../functions/adapters/aws/dynamodb-private.ts';
import { openKmsSigner } from '../../functions/adapters/aws/kms-signer.ts';
import { S3Vault } from '../../functions/adapters/aws/s3-vault.ts';
import { systemClock } from '../../functions/adapters/local/clock.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import type { Write } from '../../functions/ports.ts';
import { ENGINES_COLD_MS, type Engines, startEngines } from '../support/aws/engines.ts';
import { type Fate, inTurn, withFates } from '../support/aws/fates.ts';
import { makeBucket, makeTable, placeAt } from '../support/aws/stores.ts';

const UNAVAILABLE = { name: 'InfrastructureError', retryable: true };
const SET_RIGHT_FIRST = { name: 'InfrastructureError', retryable: false };
const settings = { random: () => 0.01, unique: () => randomUUID() };
const bytes = (text: string) => new TextEncoder().encode(text);

let engines: Engines;
let bucket: string;
let table: string;

beforeAll(async () => {
  engines = await startEngines();
  bucket = await makeBucket(s3Client(engines.places.versitygw, true), 'faults');
  table = await makeTable(dynamoDbClient(engines.places.dynamodb), 'faults');
}, ENGINES_COLD_MS);
afterAll(() => engines.stop());

const many = (fate: Fate) => Array.from({ length: 40 }, () => fate);

describe('one object, with a fault at its put', () => {
  let n = 0;
  const key = () => `blobs/${(++n).toString(16).padStart(64, 'a')}`;
  const vaultWith = (fates: readonly Fate[], command = 'PutObject') =>
    new S3Vault(withFates(s3Client(engines.places.versitygw, true), inTurn(command, fates)), { ...settings, bucket });
  const calm = () => vaultWith([]);

  it.each<[string, readonly Fate[]]>([
    ['it never arrived', ['before']],
    ['its answer was lost', ['lost']],
    ['its answer was lost twice', ['lost', 'lost']],
    ['it was answered 500 although it took effect', ['broken']],
    ['another put was under way', ['busy', 'busy']],
    ['a 412, and then nothing was there', ['exists']],
    ['too fast', ['throttled']],
  ])('%s: tried again, it is stored, and by nobody else', async (_, fates) => {
    const at = key();
    expect(await vaultWith(fates).putOnce(at, bytes('mine'))).toEqual({ kind: 'stored' });
    expect(await calm().get(at)).toEqual(bytes('mine'));
  });

  it.each<Fate>(['lost', 'broken'])('%s, but somebody else was first: their bytes, not ours', async (fate) => {
    const at = key();
    await calm().putOnce(at, bytes('theirs'));
    expect(await vaultWith([fate]).putOnce(at, bytes('mine'))).toEqual({ kind: 'already', bytes: bytes('theirs') });
    // The same bytes of somebody else are still somebody else's.
    expect((await vaultWith([fate]).putOnce(at, bytes('theirs'))).kind).toBe('already');
  });

  it.each<[Fate, object]>([
    ['before', UNAVAILABLE],
    ['busy', UNAVAILABLE],
    ['exists', UNAVAILABLE],
    ['throttled', UNAVAILABLE],
    ['refused', SET_RIGHT_FIRST],
  ])('%s, always: it ends as a fault that says whether to try again', async (fate, fault) => {
    await expect(vaultWith(many(fate)).putOnce(key(), bytes('mine'))).rejects.toMatchObject(fault);
  });

  it('a store that keeps other bytes than were sent is not believed', async () => {
    const client = s3Client(engines.places.versitygw, true);
    const lying = (next: (args: object) => Promise<{ output: object }>) => async (args: object) => {
      const { output } = await next(args);
      return { output: { ...output, ChecksumSHA256: 'c29tZXRoaW5nIGVsc2U=' } };
    };
    client.middlewareStack.add(lying as never, { step: 'initialize' });
    const vault = new S3Vault(client, { ...settings, bucket });
    await expect(vault.putOnce(key(), bytes('mine'))).rejects.toMatchObject(SET_RIGHT_FIRST);
  });

  it('a bucket that is not there is a fault, not an object that is not there', async () => {
    const vault = new S3Vault(s3Client(engines.places.versitygw, true), { ...settings, bucket: 'nowhere' });
    for (const asked of [() => vault.get(key()), () => vault.size(key()), () => vault.putOnce(key(), bytes('x'))])
      await expect(asked()).rejects.toMatchObject(SET_RIGHT_FIRST);
  });
});

describe('one transaction, with a fault at its commit', () => {
  let n = 0;
  const at = () => ({ pk: `FAULT#${++n}`, sk: 'row' });
  const fact = (key: Write['key'], body: unknown): Write => ({ kind: 'fact', key, body });
  const indexWith = (fates: readonly Fate[], forgetful = true) => {
    const client = withFates(dynamoDbClient(engines.places.dynamodb), inTurn('TransactWriteItems', fates), { forgetful });
    return new DynamoDbIndex(client, { ...settings, table });
  };

  it.each<[string, readonly Fate[], boolean]>([
    ['it never arrived', ['before'], true],
    ['its answer was lost, and DynamoDB knows the token', ['lost'], false],
    ['its answer was lost, and DynamoDB has forgotten the token', ['lost'], true],
    ['it was answered 500 although it took effect', ['broken'], true],
    ['another transaction held a row', ['busy', 'busy'], true],
    ['lost, then held, then in its own way', ['lost', 'busy'], true],
    ['too fast', ['throttled'], true],
  ])('%s: tried again, it is committed, not a conflict with itself', async (_, fates, forgetful) => {
    const [one, other] = [at(), at()];
    const writes: Write[] = [fact(one, 1), { kind: 'register', key: other, body: 2, expected: 'absent' }];
    expect(await indexWith(fates, forgetful).commit(writes)).toEqual({ kind: 'committed' });
    const calm = indexWith([]);
    expect([(await calm.get(one))?.body, (await calm.get(other))?.body]).toEqual([1, 2]);
  });

  it.each<Fate>(['lost', 'broken', 'busy'])(
    '%s, but somebody else wrote the fact: a conflict that names theirs',
    async (fate) => {
      const [key, beside] = [at(), at()];
      await indexWith([]).commit([fact(key, 'same')]);
      const outcome = await indexWith([fate]).commit([fact(beside, 1), fact(key, 'same')]);
      expect(outcome).toEqual({ kind: 'conflict', key, found: { key, body: 'same', revision: 0 } });
      expect(await indexWith([]).get(beside)).toBeUndefined();
    },
  );

  it('of a register alone that others changed since, nobody can tell: it is said, and not guessed', async () => {
    const key = at();
    const calm = indexWith([]);
    await calm.commit([{ kind: 'register', key, body: 1, expected: 'absent' }]);
    await calm.commit([{ kind: 'register', key, body: 2, expected: 1 }]);
    const late = indexWith(['before']).commit([{ kind: 'register', key, body: 3, expected: 1 }]);
    await expect(late).rejects.toMatchObject(UNAVAILABLE);
    // Where no answer was lost it is a conflict as ever.
    expect((await calm.commit([{ kind: 'register', key, body: 3, expected: 1 }])).kind).toBe('conflict');
  });

  it.each<[Fate, object]>([
    ['before', UNAVAILABLE],
    ['busy', UNAVAILABLE],
    ['throttled', UNAVAILABLE],
    ['refused', SET_RIGHT_FIRST],
  ])('%s, always: it ends as a fault that says whether to try again', async (fate, fault) => {
    await expect(indexWith(many(fate)).commit([fact(at(), 1)])).rejects.toMatchObject(fault);
  });

  it('a table that is not there is a fault that somebody has to set right', async () => {
    const index = new DynamoDbIndex(dynamoDbClient(engines.places.dynamodb), { ...settings, table: 'nowhere' });
    for (const asked of [() => index.get(at()), () => index.list('X'), () => index.commit([fact(at(), 1)])])
      await expect(asked()).rejects.toMatchObject(SET_RIGHT_FIRST);
  });
});

describe('notes and tokens, with a fault', () => {
  it.each<Fate>(['before', 'lost', 'broken', 'throttled'])('%s: a note is written once', async (fate) => {
    const place = engines.places.dynamodb;
    const notes = await makeTable(dynamoDbClient(place), `notes-${fate}`);
    const client = withFates(dynamoDbClient(place), inTurn('PutItem', [fate]));
    const spool = dynamoDbSpool({ client, table: notes }, settings.unique);
    await spool.append('one');
    await dynamoDbSpool({ client: dynamoDbClient(place), table: notes }, settings.unique).append('two');
    await spool.append('three');
    expect(await spool.read()).toEqual(['one', 'two', 'three']);
  });

  it('a token stands in no error, whatever goes wrong with it', async () => {
    const secret = 'the-secret-token-of-this-test';
    const request = `req-${'a'.repeat(26)}` as RequestId;
    const place = { ...engines.places.dynamodb, maxAttempts: 1 };
    // A table that is not there, then the network, and somebody's policy.
    const worlds = [
      dynamoDbClient(place),
      ...(['before', 'refused'] as const).map((fate) => withFates(dynamoDbClient(place), () => fate)),
    ];
    for (const [i, client] of worlds.entries()) {
      const tokens = dynamoDbTokens({ client, table: i === 0 ? 'nowhere' : table }, systemClock());
      for (const asked of [() => tokens.put(request, secret), () => tokens.clear(request, secret)]) {
        const error = await asked().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({ name: 'InfrastructureError', cause: undefined });
        expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret);
      }
    }
  });
});

describe('a key that does not sign', () => {
  const made = async () => {
    const client = kmsClient(engines.places.ministack);
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
    return { client, key: KeyMetadata?.Arn ?? '' };
  };
  const p256 = { algorithm: 'p256', keyClass: 'prod' } as const;

  it.each<[Fate, object]>([
    ['refused', SET_RIGHT_FIRST],
    ['throttled', UNAVAILABLE],
    ['before', UNAVAILABLE],
  ])('%s: nothing is signed, and the fault says whether to try again', async (fate, fault) => {
    const { client, key } = await made();
    const signer = await openKmsSigner(withFates(client, inTurn('Sign', many(fate))), { key, ...p256 });
    await expect(signer.sign(bytes('statement'))).rejects.toMatchObject(fault);
  });

  it('a lost answer is a signature nobody saw: signing again is right', async () => {
    const { client, key } = await made();
    const signer = await openKmsSigner(withFates(client, inTurn('Sign', ['lost'])), { key, ...p256 });
    expect((await signer.sign(bytes('statement'))).byteLength).toBeGreaterThan(60);
  });

  it('a key that was disabled, and one that is not there, are faults that somebody has to set right', async () => {
    const { client, key } = await made();
    const signer = await openKmsSigner(client, { key, ...p256 });
    await client.send(new DisableKeyCommand({ KeyId: key }));
    await expect(signer.sign(bytes('statement'))).rejects.toMatchObject(SET_RIGHT_FIRST);
    // The message is read by whoever asks how the store is; account and region stay in the cause, for the log.
    const fault = (await signer.sign(bytes('statement')).catch((error: unknown) => error)) as Error;
    expect(fault.message).not.toMatch(/arn:|:\d{12}:/);
    expect(fault.cause).toBeInstanceOf(Error);
    const nowhere = key.replace(/[0-9a-f]{12}$/, '000000000000');
    await expect(openKmsSigner(client, { key: nowhere, ...p256 })).rejects.toMatchObject(SET_RIGHT_FIRST);
  });

  it('a key of another kind than is needed is refused at the start', async () => {
    const { client, key } = await made();
    await expect(openKmsSigner(client, { key, algorithm: 'ed25519', keyClass: 'prod' })).rejects.toMatchObject(SET_RIGHT_FIRST);
  });

  it('R12 what another key signed is not passed on, though KMS answered it', async () => {
    const [one, other] = [await made(), await made()];
    const swapped = (next: (args: { input: object }) => Promise<unknown>) => (args: { input: object }) =>
      next('Message' in args.input ? { ...args, input: { ...args.input, KeyId: other.key } } : args);
    one.client.middlewareStack.add(swapped as never, { step: 'initialize' });
    const signer = await openKmsSigner(one.client, { key: one.key, ...p256 });
    await expect(signer.sign(bytes('statement'))).rejects.toMatchObject(SET_RIGHT_FIRST);
  });

  it('4 097 bytes are more than KMS takes for Ed25519', async () => {
    const client = kmsClient(engines.places.ministack);
    const { KeyMetadata } = await client.send(
      new CreateKeyCommand({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }),
    );
    const signer = await openKmsSigner(client, { key: KeyMetadata?.Arn ?? '', algorithm: 'ed25519', keyClass: 'prod' });
    await expect(signer.sign(new Uint8Array(4097))).rejects.toMatchObject(SET_RIGHT_FIRST);
  });
});

describe('a service that does not answer', () => {
  it('is given up after the time that is set, and may be tried again', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const client = dynamoDbClient({ ...placeAt(`http://127.0.0.1:${port}`), maxAttempts: 1 });
    const begun = performance.now();
    await expect(new DynamoDbIndex(client, { ...settings, table }).list('X')).rejects.toMatchObject(UNAVAILABLE);
    expect(performance.now() - begun).toBeLessThan(5_000);
    client.destroy();
    silent.close();
  });
});
