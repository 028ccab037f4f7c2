// The stages of the product over the adapters of AWS: a promotion with faults at its calls, and one event in two worlds.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPackFolder, SHIPPED_PACK } from '../../cli/pack-folder.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { drive, sweep } from '../../functions/drive.ts';
import { replayJournal } from '../../functions/journal.ts';
import { begin } from '../../functions/seal/beginning.ts';
import { ENGINES_COLD_MS, type Engines, startEngines } from '../support/aws/engines.ts';
import type { Fate, FateOf } from '../support/aws/fates.ts';
import { awsWorld, deployed } from '../support/aws/world.ts';
import { expectSealedOnce, promoteThroughFaults } from '../support/faults-play.ts';
import { memoryClock } from '../support/memory/clock.ts';
import { announce, built, dossierOf, explain, manifestAt, upload, vote } from '../support/promote.ts';
import { openMemoryWorld } from '../support/sim/base.ts';
import { generator } from '../support/sim/turns.ts';
import { ALICE, BOB, CAROL, type TestWorld } from '../support/world.ts';

const SEED = Number(process.env['AWS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const COMMITTEE = 'scenarios/02-threshold-moved/1-v01.yaml';

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
}, ENGINES_COLD_MS);
afterAll(() => engines.stop());

const FATES: Readonly<Record<string, readonly Fate[]>> = {
  PutObject: ['before', 'lost', 'broken', 'busy', 'exists', 'throttled'],
  TransactWriteItems: ['before', 'lost', 'broken', 'busy', 'throttled'],
  Sign: ['before', 'lost', 'throttled', 'refused'],
};

function oneIn(calls: number, seed: number, seen: { count: number }): FateOf {
  const draw = generator(seed);
  return (command) => {
    if (draw(calls) > 0) return 'well';
    seen.count++;
    const fates = FATES[command] ?? ['before', 'broken'];
    return fates[draw(fates.length)] ?? 'well';
  };
}

describe('the stages on AWS', () => {
  it(`R3 R10 R13 R22 a committee promotion with faults at its calls is sealed once, by its own votes (seed ${SEED})`, async () => {
    const here = await deployed(engines.places, 'stages');
    const calm = await awsWorld(here);
    const { pack, files } = await readPackFolder(SHIPPED_PACK);
    const begun = await begin(
      calm,
      { organisation: 'Test Bank', retentionOwner: 'model-risk' },
      { digest: pack.digest, files },
    );
    expect(begun).toMatchObject({ ok: true });
    const { request, blobs } = await built(calm, await manifestAt(COMMITTEE));
    await upload(calm, blobs);
    const seen = { count: 0 };
    const faulty = await awsWorld(here, { fateOf: oneIn(12, SEED, seen), clock: { ...calm.clock, later: calm.later } });
    const id = await promoteThroughFaults({ ...faulty, real: calm }, request);
    expect(await expectSealedOnce(calm, id)).toMatchObject({ decision: { outcome: 'approved' } });
    expect((await dossierOf(calm, id)).votes).toHaveLength(3);
    process.stdout.write(`stages on AWS: seed ${SEED}, ${seen.count} faults\n`);
    expect(seen.count).toBeGreaterThan(5);
  });

  it('R14 R49 one export of frozen rows, sealed here and through the adapters of AWS: one event, by its hash', async () => {
    const local = await openMemoryWorld();
    const noKey = new InfrastructureError('no key today', { retryable: true });
    const stuck: TestWorld = {
      ...local,
      signer: { ...local.signer, sign: () => Promise.reject(noKey) },
      run: async () => {
        for (const id of local.woken) {
          local.woken.delete(id);
          await drive(stuck, id).catch((error: unknown) => expect(error).toBe(noKey));
        }
      },
    };
    const { request, blobs } = await built(stuck, await manifestAt(COMMITTEE));
    await upload(stuck, blobs);
    const id = await announce(stuck, request);
    await explain(stuck, id);
    for (const voter of [ALICE, BOB, CAROL]) await vote(stuck, id, voter);
    expect(await dossierOf(local, id)).toMatchObject({ decision: { outcome: 'approved' } });
    expect((await dossierOf(local, id)).seal).toBeUndefined();
    const frozen = new Map(local.objects);

    await sweep(local);
    await local.run();
    const here = await expectSealedOnce(local, id);

    const there = await awsWorld(await deployed(engines.places, 'worlds'), {
      // Another key, another day; the log goes on as it was.
      clock: memoryClock(Date.parse('2027-03-01T00:00:00.000Z')),
      former: local.signer,
      tlog: local.tlog,
    });
    for (const [key, bytes] of frozen) expect(await there.vault.putOnce(key, bytes)).toEqual({ kind: 'stored' });
    await replayJournal(there.vault, there.rows, () => undefined);
    await sweep(there);
    await there.run();
    const sealed = await expectSealedOnce(there, id);
    expect([sealed.hash, sealed.seal?.key]).toEqual([here.hash, here.seal?.key]);
    const [ours, theirs] = await Promise.all([local, there].map(({ vault }) => vault.get(here.seal?.key ?? '')));
    const [one, other] = [ours, theirs].map((envelope) => openEnvelope(envelope ?? new Uint8Array()));
    expect(one?.ok && other?.ok && Buffer.compare(one.value.payload, other.value.payload)).toBe(0);
    expect(theirs).not.toEqual(ours);
  });
});
