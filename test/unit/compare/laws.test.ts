import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contradictionsOf } from '../../../functions/compare/contradictions.ts';
import { diffOf } from '../../../functions/compare/diff.ts';
import type { Comparison } from '../../../functions/compare/types.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { DIMENSIONS } from '../../../functions/domain/diff.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import { baselineOf, comparisonOf, firstComparison } from '../../support/comparison.ts';
import { type Draft, type evaluationRows, LINE, type ProfileDraft, requestOf } from '../../support/request.ts';

const base = comparisonOf({ edit: richer });

/** More than one of everything, so that an order can matter. */
function richer(draft: Draft, blobs: Map<Digest, Uint8Array>): void {
  const stated = (name: string, n: number, more: object = {}) => ({ name, candidate: '0.5', incumbent: '0.4', n, ...more });
  draft.challenger.metrics = [
    stated('gini', 60),
    stated('recall', 60),
    stated('gini', 24, { segment: { column: 'region', value: 'north' } }),
  ];
  const [gate] = draft.gates;
  const [shap] = draft.explanation;
  const report = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    blobs.set(digestOf(bytes), bytes);
    return digestOf(bytes);
  };
  if (gate) {
    draft.gates.push({ ...gate, name: 'fair', kind: 'fairness', report: report('all even') });
    draft.gates.push({ ...gate, name: 'secure', kind: 'security', report: report('nothing found') });
  }
  if (shap) draft.explanation.push({ ...shap, kind: 'importances' }, { ...shap, kind: 'calibration' });
}

/** A seed picks the order of every list: the same seed, the same order. */
const shuffle = <T>(list: readonly T[], seed: number): T[] =>
  list
    .map((item, i) => ({ item, key: digestOf(`${seed} ${i}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);

function shuffleProfile(profile: ProfileDraft, seed: number): void {
  profile.columns = shuffle(profile.columns, seed);
  for (const column of profile.columns) {
    if (column.kind === 'categorical') column.own.values = shuffle(column.own.values, seed);
  }
  profile.shares = shuffle(profile.shares, seed).map((share) => ({ ...share, counts: shuffle(share.counts, seed) }));
  profile.segments = shuffle(profile.segments, seed).map((one) => ({ ...one, scores: shuffle(one.scores, seed) }));
}

function shuffleRequest(draft: Draft, blobs: Map<Digest, Uint8Array>, seed: number): void {
  richer(draft, blobs);
  draft.dataset = shuffle(draft.dataset, seed);
  draft.explanation = shuffle(draft.explanation, seed);
  draft.gates = shuffle(draft.gates, seed);
  draft.terms.bands = shuffle(draft.terms.bands, seed);
  draft.challenger.metrics = shuffle(draft.challenger.metrics, seed);
  draft.model.files = shuffle(draft.model.files, seed);
  draft.evaluationRegime.metrics = shuffle(draft.evaluationRegime.metrics, seed);
}

function shuffleLines(draft: Draft, blobs: Map<Digest, Uint8Array>, seed: number): void {
  const bytes = draft.predictions && blobs.get(draft.predictions as Digest);
  if (!bytes) return;
  const [header = '', ...lines] = new TextDecoder().decode(bytes).trimEnd().split('\n');
  const shuffled = new TextEncoder().encode(`${[header, ...shuffle(lines, seed)].join('\n')}\n`);
  draft.predictions = digestOf(shuffled);
  blobs.set(digestOf(shuffled), shuffled);
}

describe('laws of the comparison', () => {
  it('R31 law: the order of what has no order changes nothing', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const c = comparisonOf({
          profile: (profile) => shuffleProfile(profile, seed),
          edit: (draft, blobs) => {
            shuffleRequest(draft, blobs, seed);
            shuffleLines(draft, blobs, seed);
          },
        });
        const line = { ...LINE, segments: shuffle(LINE.segments, seed) };
        expect(diffOf({ ...c, line })).toEqual(diffOf(base));
        expect(contradictionsOf({ ...c, line })).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('row_id,label,candidate,incumbent,region\nr1,1,0.5,,north\n', '{}', 'id,bad\n'),
  );
  const bytes = fc.oneof(
    fc.uint8Array(),
    text.map((t) => new TextEncoder().encode(t)),
  );
  const count = fc.nat(30);
  const counts = fc.array(count, { minLength: 2, maxLength: 2 });
  const numeric = fc.record({
    name: fc.constantFrom('score', 'income', 'age', 'region'),
    kind: fc.constant('numeric' as const),
    own: fc.record({ edges: fc.constant<string[]>(['1']), counts }),
    at: fc.array(
      fc.record({
        profile: fc.constantFrom(...base.request.profiles, ...(base.incumbent?.request.profiles ?? [])),
        edges: fc.constant<string[]>(['1']),
        counts: fc.array(count, { maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
    missing: count,
  });
  const values = fc.array(fc.record({ value: fc.constantFrom('', 'north', 'x', 'y'), count }), { maxLength: 3 });
  const profile = fc.record({
    rows: count,
    columns: fc.array(numeric, { maxLength: 4 }),
    shares: fc.array(fc.record({ segment: fc.constantFrom('region', 'x'), counts: values }), { maxLength: 2 }),
  });
  const rows = fc.array(
    fc.record({
      id: fc.string(),
      label: fc.constantFrom<0 | 1>(0, 1),
      region: fc.constantFrom('north', 'x'),
      score: fc.double({ min: -9, max: 9, noNaN: true }),
    }),
    { maxLength: 12 },
  );

  it('R31 law: diff and contradictions answer for anything that parses, and every dimension is there', () => {
    const world = fc.record({
      rows: fc.option(rows),
      profile: fc.option(profile),
      garbage: fc.option(bytes),
      lineless: fc.boolean(),
      minRows: fc.integer({ min: 1, max: 200 }),
      first: fc.boolean(),
      human: fc.boolean(),
      drop: fc.subarray(['predictions', 'profiles', 'explanation', 'gates', 'terms'] as const),
    });
    fc.assert(
      fc.property(world, (w) => {
        const c = worldOf(w);
        const diff = diffOf(c);
        expect(Object.keys(diff).sort()).toEqual(['schema', ...DIMENSIONS].sort());
        for (const name of DIMENSIONS) expect(diff[name].state === 'unknown').toBe((diff[name].why ?? []).length > 0);
        expect(canonicalBytes(diff).length).toBeGreaterThan(0);
        contradictionsOf(c);
      }),
      { numRuns: 150 },
    );
  });
});

type Wild = {
  rows: ReturnType<typeof evaluationRows> | null;
  profile: Pick<ProfileDraft, 'rows' | 'columns' | 'shares'> | null;
  garbage: Uint8Array | null;
  lineless: boolean;
  minRows: number;
  first: boolean;
  human: boolean;
  drop: readonly ('predictions' | 'profiles' | 'explanation' | 'gates' | 'terms' | 'train')[];
};

function worldOf(w: Wild): Comparison {
  const parts = {
    ...(w.rows ? { rows: w.rows } : {}),
    profile: (draft: ProfileDraft) => void Object.assign(draft, w.profile ?? {}),
    edit: (draft: Draft, blobs: Map<Digest, Uint8Array>) => {
      if (w.garbage)
        for (const digest of [draft.predictions, draft.evaluationRegime.slice]) blobs.set(digest as Digest, w.garbage);
      if (w.drop.includes('predictions')) delete draft.predictions;
      if (w.drop.includes('profiles')) draft.profiles = [];
      if (w.drop.includes('explanation')) draft.explanation = [];
      if (w.drop.includes('gates')) draft.gates = [];
      if (w.drop.includes('terms')) draft.terms = { bands: [], families: {}, carriedFrom: null };
    },
  };
  const line = w.lineless ? null : { ...LINE, minRows: w.minRows };
  if (w.first) return { ...firstComparison(parts), line };
  const human = baselineOf(requestOf({ version: '0', predictions: false }));
  return comparisonOf(parts, { line, ...(w.human ? { lastHumanApproved: human } : {}) });
}
