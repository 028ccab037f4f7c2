// How large things become: the largest object and answer of a line with thousands of features, sent through the real stages, and the
// largest transaction that a committee of hundreds writes.
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { storeBlob } from '../../../functions/intake/blob.ts';
import { announce, dossierOf, explain } from '../../support/promote.ts';
import { type Built, type Draft, type ProfileDraft, requestOf } from '../../support/request.ts';
import { openMemoryWorld } from '../../support/sim/base.ts';

/** Bytes of what a promotion of so many features stores and answers. */
export type Sizes = {
  readonly features: number;
  readonly request: number;
  readonly profile: number;
  readonly diff: number;
  readonly routing: number;
  readonly screen: number;
  /** GET …/baselines answers two profiles. */
  readonly baselines: number;
};

const DECILES = Array.from({ length: 9 }, (_, i) => `${i}.${'1234567890'.repeat(2).slice(i, i + 12)}`);

/** A numeric feature, binned at its own deciles and at those of two baselines, as a retrain's profile is. */
const columnOf = (name: string): ProfileDraft['columns'][number] => ({
  name,
  kind: 'numeric',
  own: { edges: DECILES, counts: Array.from({ length: 10 }, () => 10) },
  at: [],
  missing: 0,
});

const nameOf = (i: number): string => `bureau_attribute_${String(i).padStart(5, '0')}_last_12_months`;

function wide(features: number): Built {
  const names = Array.from({ length: features - 3 }, (_, i) => nameOf(i));
  const edit = (draft: Draft): void => {
    const [first] = draft.features;
    if (first === undefined) throw new Error('a request has features');
    draft.features.push(
      ...names.map((name) => ({ ...first, name, family: 'finance', transformDigest: digestOf(`transform of ${name}`) })),
    );
    draft.terms.families = { ...draft.terms.families, ...Object.fromEntries(names.map((name) => [name, 'finance'])) };
  };
  return requestOf({ profile: (profile) => void profile.columns.push(...names.map(columnOf)), edit });
}

/** What two baselines more in each column add: their digest, edges and counts. */
const AT_TWO_BASELINES = 2 * canonicalBytes({ profile: digestOf(''), edges: DECILES, counts: Array(10).fill(10) }).byteLength;

export async function sizesOf(features: number): Promise<Sizes> {
  const world = await openMemoryWorld();
  const { request, blobs } = wide(features);
  for (const [digest, bytes] of blobs) await storeBlob(world.vault, digest, bytes);
  const id = await announce(world, request);
  await explain(world, id);
  const { comparison, routing, screen } = await dossierOf(world, id);
  const sizeAt = (digest: string | undefined) => world.objects.get(`blobs/${digest?.slice('sha256:'.length)}`)?.byteLength ?? 0;
  const profile = sizeAt(request.profiles[0]) + features * AT_TWO_BASELINES;
  return {
    features,
    request: canonicalBytes(request).byteLength,
    profile,
    diff: sizeAt(comparison?.diff),
    routing: sizeAt(routing?.routing),
    screen: sizeAt(screen?.screen),
    baselines: 2 * profile,
  };
}
