// R63: a version id names one set of bytes, for ever: held against the whole past of the line, not only the two baselines.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../cli/manifest.ts';
import { SqliteIndex } from '../../../functions/adapters/local/sqlite-index.ts';
import { drive } from '../../../functions/drive.ts';
import { journalled } from '../../../functions/journal.ts';
import { deskOf } from '../../support/activation.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload, vote } from '../../support/promote.ts';
import { LEAD, STAGED, staged, withLines } from '../../support/staged-line.ts';
import { ALICE, BOB, CAROL, openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld({ journal: true });
});
afterEach(() => world.close());

const STEPS = 'scenarios/11-many-small-steps';
const at = (name: string) => manifestAt(`${STEPS}/${name}.yaml`);
const called = (manifest: Manifest, version: string): Manifest => ({ ...manifest, model: { ...manifest.model, version } });

async function announced(in_: TestWorld, manifest: Manifest) {
  const { request, blobs } = await built(in_, manifest);
  await upload(in_, blobs);
  return dossierOf(in_, await announce(in_, request));
}

/** Other bytes under the same version id. */
const otherBytes = (manifest: Manifest): Manifest => ({
  ...manifest,
  model: { ...manifest.model, folder: 'versions/v02/model' },
});

const ended = ({ decision }: Awaited<ReturnType<typeof announced>>) => [
  decision?.outcome,
  ...(decision?.reasons ?? []).map(({ code }) => code),
];

/** The same world over an index made from the vault alone. */
const rebuilt = async (): Promise<TestWorld> => {
  const index = journalled(world.vault, new SqliteIndex(':memory:'));
  await index.catchUp();
  const other: TestWorld = { ...world, index, run: async () => undefined };
  return other;
};

describe('R63 a version id is never used again', { timeout: 60_000 }, () => {
  it('for other bytes than an approval between the baselines named: refused, and sealed as refused', async () => {
    // 1 by people, 12 and 13 by policy: 12 is neither the incumbent of the fourth nor its last human-approved.
    for (const step of ['1-v01', '2-v12', '3-v13']) await promote(world, await at(step));
    const used = (await at('2-v12')).model.version;
    const dossier = await announced(world, called(await at('4-v14'), used));
    expect(ended(dossier)).toEqual(['refused', 'VERSION_REUSED']);
    expect(dossier.seal?.key).toMatch(/^records\//);
    // What was refused used no id up: the same bytes under their own are announced and go their way.
    expect(ended(await announced(world, await at('4-v14')))).not.toContain('VERSION_REUSED');
  });

  it('after the index was made anew from the vault', async () => {
    for (const step of ['1-v01', '2-v12', '3-v13']) await promote(world, await at(step));
    const again = await rebuilt();
    const { request, blobs } = await built(again, called(await at('4-v14'), (await at('2-v12')).model.version));
    await upload(again, blobs);
    const id = await announce(again, request);
    await drive(again, id);
    expect(ended(await dossierOf(again, id))).toEqual(['refused', 'VERSION_REUSED']);
  });

  it('for other bytes than people rejected under it', async () => {
    const first = await at('1-v01');
    const no = await announced(world, first);
    await explain(world, no.request.id);
    await vote(world, no.request.id, ALICE, 'reject');
    expect((await dossierOf(world, no.request.id)).decision?.outcome).toBe('rejected');
    expect(ended(await announced(world, otherBytes(first)))).toEqual(['refused', 'VERSION_REUSED']);
    // The same bytes may be announced again under it: they are what it names.
    const again = await announced(world, { ...first, pipelineRun: { ...first.pipelineRun, id: 'a later run' } });
    expect([again.routing?.path, ...ended(again)]).toEqual(['committee', undefined]);
  });

  it('when another environment of the line used it while people were judging', async () => {
    await withLines(deskOf(world), { [STAGED]: staged });
    const first = { ...(await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml')), line: STAGED };
    const judged = await announced(world, { ...first, environment: 'production' });
    const staging = await announced(world, { ...otherBytes(first), environment: 'staging' });
    for (const { request } of [staging, judged]) {
      await explain(world, request.id);
      for (const voter of [ALICE, BOB, CAROL, LEAD]) await vote(world, request.id, voter);
    }
    expect(ended(await dossierOf(world, staging.request.id))).toEqual(['approved']);
    expect(ended(await dossierOf(world, judged.request.id)).slice(0, 2)).toEqual(['refused', 'VERSION_REUSED']);
  });
});
