import { describe, expect, it } from 'vitest';
import { contradictionsOf } from '../../../functions/compare/contradictions.ts';
import { diffOf } from '../../../functions/compare/diff.ts';
import { loadComparison } from '../../../functions/compare/load.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { blobKey } from '../../../functions/domain/vault-keys.ts';
import { baselineOf, comparisonOf, RULES } from '../../support/comparison.ts';
import { LINE, requestOf } from '../../support/request.ts';

const first = requestOf();
const incumbent = baselineOf(first);
const payload = canonicalBytes(first.request);
const ref = { event: incumbent.event, payload: digestOf(payload), decidedAt: incumbent.decidedAt };

function stored(): Map<string, Uint8Array> {
  const blobs = new Map<Digest, Uint8Array>([...first.blobs, ...comparisonOf().blobs, [ref.payload, payload]]);
  return new Map([...blobs].map(([digest, bytes]) => [blobKey(digest), bytes]));
}

const load = (objects: Map<string, Uint8Array>) => {
  const vault = { get: async (key: string) => objects.get(key), size: async (key: string) => objects.get(key)?.length };
  const { request, receivedAt } = comparisonOf();
  return loadComparison(
    { vault },
    {
      request,
      line: LINE,
      rules: RULES,
      receivedAt,
      incumbent: ref,
      lastHumanApproved: ref,
      automatedSinceHuman: 0,
      standing: [],
    },
  );
};

describe('loading a comparison from the vault', () => {
  it('R31 R54 gives the same diff as the objects it was stored from', async () => {
    const c = await load(stored());
    expect(diffOf(c)).toEqual(diffOf(comparisonOf()));
    expect(contradictionsOf(c)).toEqual([]);
    expect(c.lastHumanApproved).toBe(c.incumbent);
  });

  it.each([
    ['request', ref.payload],
    ['profile', first.request.profiles[0] ?? ref.payload],
    ['predictions', first.request.predictions ?? ref.payload],
  ])('R23 a baseline whose %s is not there is a fault to try again, one that changed is not', async (_what, digest) => {
    const gone = stored();
    gone.delete(blobKey(digest));
    await expect(load(gone)).rejects.toMatchObject({ name: 'InfrastructureError', retryable: true });
    const changed = stored().set(blobKey(digest), new Uint8Array([1]));
    const fault = await load(changed).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(InfrastructureError);
    expect(fault).toMatchObject({ retryable: false });
  });

  it('R31 the candidate’s own bytes may be missing: the comparison says unknown', async () => {
    const objects = stored();
    const { request } = comparisonOf();
    for (const digest of [...request.profiles, request.predictions]) if (digest) objects.delete(blobKey(digest));
    const diff = diffOf(await load(objects));
    expect([diff.population.why, diff.metrics.why]).toEqual([['profile-unreadable'], ['predictions-unreadable']]);
  });
});
