// R44 from end to end: which band decides is what the previous promotion sealed, never what the candidate brings along.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../cli/manifest.ts';
import { Decimal } from '../../../functions/domain/decimal.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { announce, built, dossierOf, manifestAt, promote, upload } from '../../support/promote.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const SCENARIO = 'scenarios/01-in-band-retrain';

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Families as they are, and one band on the approval rate, which the retrain moves by 0.016667. */
function withBand(manifest: Manifest, maxWorse: string, terms = manifest.terms): Manifest {
  if (terms === 'carry') throw new Error('terms of its own');
  const others = terms.bands.filter(({ metric, segment }) => metric !== 'approval_rate' || segment !== undefined);
  const band = { metric: 'approval_rate', maxWorse: Decimal.parse(maxWorse) };
  return { ...manifest, terms: { ...terms, bands: [...others, band] } };
}

async function routed(manifest: Manifest) {
  const { request, blobs } = await built(world, manifest);
  await upload(world, blobs);
  const { path, findings } = await readRouting(world, await dossierOf(world, await announce(world, request)));
  const bands = findings.filter(({ pointer }) => pointer.includes('/metrics/') || pointer.includes('/terms/'));
  return { path, findings: bands.map(({ code, observed, limit }) => [code, observed, limit]) };
}

const first = () => manifestAt(`${SCENARIO}/1-v01.yaml`);
const retrain = () => manifestAt(`${SCENARIO}/2-v02.yaml`);

describe('R44 the bands of the next promotion are those sealed at the previous one', () => {
  it('carried: the sealed band decides', async () => {
    await promote(world, withBand(await first(), '0.010000'));
    const { path, findings } = await routed(await retrain());
    expect(path).not.toBe('automated');
    expect(findings).toContainEqual([expect.stringMatching(/^MET-/), 16667, 10000]);
  });

  it('another band sealed, another decision, for the very same candidate', async () => {
    await promote(world, withBand(await first(), '0.020000'));
    expect(await routed(await retrain())).toEqual({ path: 'automated', findings: [] });
  });

  it('a candidate that brings a wider band is held against the sealed one, and asked about the wider one too', async () => {
    const before = withBand(await first(), '0.010000');
    await promote(world, before);
    const { findings } = await routed(withBand(await retrain(), '0.500000', before.terms));
    expect(findings).toContainEqual([expect.stringMatching(/^MET-/), 16667, 10000]);
    expect(findings.map(([code]) => code)).toContain('TER-001');
  });

  it('a candidate that brings a tighter band is not held against it: that one is for the promotion after', async () => {
    const before = withBand(await first(), '0.020000');
    await promote(world, before);
    const { findings } = await routed(withBand(await retrain(), '0.001000', before.terms));
    expect(findings.filter(([code]) => String(code).startsWith('MET-'))).toEqual([]);
  });
});
