// R48: the explanation is made anew before people decide; bytes sealed as the explanation of something else are refused.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../cli/manifest.ts';
import { readEvent } from '../../../functions/baseline.ts';
import { factsOf } from '../../../functions/domain/dossier.ts';
import { stateOf } from '../../../functions/domain/flow.ts';
import { explainedPrefix, linePk } from '../../../functions/domain/rows.ts';
import { deskOf } from '../../support/activation.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload, vote } from '../../support/promote.ts';
import { LEAD, STAGED, staged, withLines } from '../../support/staged-line.ts';
import { ALICE, BOB, CAROL, openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const at = (name: string) => manifestAt(`scenarios/${name}.yaml`);

/** Says that its explanation is what the other one's files hold, made on its own slice. */
const borrowing = (own: Manifest, other: Manifest): Manifest => ({
  ...own,
  explanation: own.explanation.map((one, i) => ({ ...one, artefacts: other.explanation[i]?.artefacts ?? [] })),
});

async function announced(manifest: Manifest) {
  const { request, blobs } = await built(world, manifest);
  await upload(world, blobs);
  return dossierOf(world, await announce(world, request));
}

const reasonsOf = (dossier: Awaited<ReturnType<typeof announced>>) =>
  [...new Set(dossier.decision?.reasons.map(({ code }) => code))].join();

describe('R48 an explanation that was sealed before', () => {
  it('for other weights is refused on a human path before anybody is asked, and sealed as refused', async () => {
    const first = await at('09-model-class/1-v01');
    await promote(world, first);
    const dossier = await announced(borrowing(await at('09-model-class/2-v09'), first));
    expect([dossier.routing?.path, dossier.decision?.outcome, reasonsOf(dossier)]).toEqual([
      'committee',
      'refused',
      'EXPLANATION_REUSED',
    ]);
    expect(dossier.rationale ?? dossier.screen).toBeUndefined();
    const hash = dossier.seal?.eventHash;
    const sealed = hash && (await readEvent(world, hash));
    expect(sealed).toMatchObject({ key: expect.stringMatching(/^records\//), predicate: { outcome: 'refused' } });
    expect(dossier.decision?.reasons.map(({ pointer }) => pointer)).toContain('/explanation/0/artefacts/0/digest');
  }, 30_000);

  it('is no contradiction on the automated path (R34)', async () => {
    const first = await at('01-in-band-retrain/1-v01');
    await promote(world, first);
    const dossier = await announced(borrowing(await at('01-in-band-retrain/2-v02'), first));
    expect([dossier.routing?.path, dossier.decision?.outcome]).toEqual(['automated', 'approved']);
  }, 30_000);

  it('for the same weights on the same slice is the same explanation: a threshold may move', async () => {
    await promote(world, await at('02-threshold-moved/1-v01'));
    const dossier = await announced(await at('02-threshold-moved/2-v03'));
    const [artefact] = (await built(world, await at('02-threshold-moved/2-v03'))).request.explanation[0]?.artefacts ?? [];
    const rows = artefact && (await world.index.list(linePk(dossier.request.line), explainedPrefix(artefact.digest)));
    expect(rows?.length, 'its bytes are those of the incumbent').toBe(1);
    expect([dossier.routing?.path, stateOf(factsOf(dossier))]).toEqual(['reviewer', 'needsRationale']);
  }, 30_000);

  it('in another environment of the line counts too, where there is no incumbent to compare with', async () => {
    await withLines(deskOf(world), { [STAGED]: staged });
    const first = { ...(await at('01-in-band-retrain/1-v01')), line: STAGED };
    const { request } = await announced({ ...first, environment: 'staging' });
    await explain(world, request.id);
    for (const voter of [ALICE, BOB, CAROL, LEAD]) await vote(world, request.id, voter);
    const same = await announced({ ...first, environment: 'production' });
    expect(stateOf(factsOf(same)), 'the same model and slice, one stage on').toBe('needsRationale');
    const other = {
      ...first,
      environment: 'production',
      model: { ...first.model, version: '2', folder: 'versions/v02/model' },
    };
    const dossier = await announced(other);
    expect([dossier.decision?.outcome, reasonsOf(dossier)]).toEqual(['refused', 'EXPLANATION_REUSED']);
  }, 30_000);
});
