// R3 the seal is one transaction, and a table takes a hundred rows in one.
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { storeBlob } from '../../../functions/intake/blob.ts';
import { receive } from '../../../functions/intake/intake.ts';
import { counter } from '../../bench/aws/counting.ts';
import { built, dossierOf, explain, manifestAt, upload, vote } from '../../support/promote.ts';
import { openMemoryWorld } from '../../support/sim/base.ts';
import { ALICE, BOB, CAROL, PIPELINE } from '../../support/world.ts';

/** The first version of a line, explained by so many different files. */
async function explainedBy(artefacts: number) {
  const count = counter();
  const world = await openMemoryWorld(count.seen);
  const { request, blobs } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
  await upload(world, blobs);
  const [first] = request.explanation;
  const [artefact] = first?.artefacts ?? [];
  if (first === undefined || artefact === undefined) throw new Error('the example is explained');
  const there = new Set(request.explanation.flatMap((one) => one.artefacts.map(({ digest }) => digest))).size;
  const more = Array.from({ length: artefacts - there }, (_, i) => new TextEncoder().encode(`{"feature":"${i}"}`));
  for (const bytes of more) await storeBlob(world.vault, digestOf(bytes), bytes);
  const others = more.map((bytes, i) => ({
    ...artefact,
    name: `more-${i}.json`,
    mediaType: 'application/json' as const,
    size: bytes.byteLength,
    digest: digestOf(bytes),
  }));
  const pages = Array.from({ length: Math.ceil(others.length / 50) }, (_, i) => ({
    ...first,
    artefacts: others.slice(50 * i, 50 * i + 50),
  }));
  const wide = { ...request, explanation: [...request.explanation, ...pages] };
  return { world, count, taken: await receive(world, canonicalBytes(wide), PIPELINE) };
}

describe('R3 R8 as many artefacts as one transaction can seal', () => {
  it('takes 80 and seals them in one transaction of a hundred rows at most', async () => {
    const { world, count, taken } = await explainedBy(80);
    if (!taken.ok) throw new Error(JSON.stringify(taken.problems));
    await world.run();
    await explain(world, taken.value.id);
    for (const voter of [ALICE, BOB, CAROL]) await vote(world, taken.value.id, voter);
    expect((await dossierOf(world, taken.value.id)).decision?.outcome).toBe('approved');
    expect(count.largest.transactionItems.size).toBeGreaterThan(80);
    // Ten rows more than for the artefacts; so an answered finding, which takes the place of an artefact, fits as well.
    expect(count.largest.transactionItems.size).toBeLessThanOrEqual(100);
  });

  it('refuses 81 before anything is stored, and says why', async () => {
    const { world, taken } = await explainedBy(81);
    expect(taken.ok ? [] : taken.problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'INVALID_VALUE /explanation',
    ]);
    expect([...world.rows.rows()].filter(({ key }) => key.pk.startsWith('REQ#'))).toEqual([]);
  });
});
