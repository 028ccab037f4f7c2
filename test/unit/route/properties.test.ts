import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDigest } from '../../../functions/domain/canonical.ts';
import type { Diff } from '../../../functions/domain/diff.ts';
import { PATHS, Routing } from '../../../functions/domain/routing.ts';
import { route, routeInput } from '../../../functions/route/route.ts';
import { clearDiff, DIFF_LINE, figuresOf, firstDiff } from '../../support/diff.ts';
import { limitAt } from '../../support/limits.ts';
import { committedPack } from '../../support/pack.ts';
import { WORSE } from '../../support/worse.ts';

const pack = committedPack();
const routed = (diff: Diff): Routing => route(pack, { diff, line: DIFF_LINE, environment: 'sandbox', evaluatedAtDay: 20_777 });
const weight = (routing: Routing) => PATHS.indexOf(routing.path);
const asked = (routing: Routing) => routing.groups.reduce((sum, group) => sum + group.min, 0);

const some = fc.subarray([...WORSE], { minLength: 0, maxLength: 6 });
const one = fc.constantFrom(...WORSE);
/** With people a version further back than the incumbent, and as the first promotion, too. */
const start = fc.constantFrom<() => Diff>(clearDiff, firstDiff, twoBaselines);

function twoBaselines(): Diff {
  const diff = clearDiff();
  for (const name of ['population', 'features', 'metrics', 'segments', 'fairness', 'artefact'] as const) {
    diff[name].against.lastHumanApproved = structuredClone(diff[name].against.incumbent) as never;
  }
  return diff;
}

function spoilt(begin: () => Diff, worse: typeof WORSE): Diff {
  const diff = begin();
  for (const { apply } of worse) apply(diff);
  return diff;
}

describe('laws of routing', () => {
  it('starts automated with one baseline and with two, and each way of getting worse is one', () => {
    expect(routed(clearDiff()).path).toBe('automated');
    expect(routed(twoBaselines()).path).toBe('automated');
    const without = WORSE.filter(({ apply }) => {
      const diff = clearDiff();
      apply(diff);
      const routing = routed(diff);
      return routing.path === 'automated' && routing.findings.length === 0;
    }).map(({ name }) => name);
    expect(without.sort()).toEqual([
      'feature psi 0.060000',
      'feature psi 0.100001',
      'feature psi 0.150001',
      'flips 0.060000',
      'flips 0.100001',
      'ratio worse by 0.060000',
      'share psi 0.060000',
      'share psi 0.100001',
      'share psi 0.150001',
    ]);
  });

  it('monotone: one more change, or one thing less known, never lightens the path', () => {
    fc.assert(
      fc.property(start, some, one, (begin, before, more) => {
        const lighter = routed(spoilt(begin, before));
        const heavier = routed(spoilt(begin, [...before, more]));
        expect(weight(heavier)).toBeGreaterThanOrEqual(weight(lighter));
        if (heavier.path === lighter.path) {
          expect(asked(heavier)).toBeGreaterThanOrEqual(asked(lighter));
          expect(heavier.holds.length).toBeGreaterThanOrEqual(lighter.holds.length);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('total and strict: every answer has the agreed shape and names its pack', () => {
    fc.assert(
      fc.property(start, some, (begin, worse) => {
        const routing = routed(spoilt(begin, worse));
        expect(Routing.parse(routing)).toEqual(routing);
        expect([routing.pack, routing.inputDigest]).toEqual([pack.digest, canonicalDigest(routing.input)]);
        const known = [...routing.findings, ...routing.holds, ...routing.obligations].map(({ code }) => pack.rules.has(code));
        expect(known.every(Boolean)).toBe(true);
        for (const { code, minPath } of routing.findings) expect(pack.rules.get(code)?.min_path).toBe(minPath);
      }),
      { numRuns: 100 },
    );
  });

  it('deterministic: the same input gives the same bytes, in a fresh instance and after other decisions', () => {
    fc.assert(
      fc.property(start, some, some, (begin, worse, others) => {
        const routing = routed(spoilt(begin, worse));
        routed(spoilt(begin, others));
        expect(canonicalDigest(routeInput(pack, routing.input))).toBe(canonicalDigest(routing));
        expect(canonicalDigest(routeInput(committedPack(), routing.input))).toBe(canonicalDigest(routing));
      }),
      { numRuns: 20 },
    );
  });

  it('total on whatever stands in the place of a part of the diff', () => {
    const names = Object.keys(clearDiff()) as (keyof Diff)[];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything(), (name, odd) => {
        const routing = routed({ ...clearDiff(), [name]: odd } as Diff);
        expect(['automated', 'committee']).toContain(routing.path);
        if (name !== 'schema') expect(routing.path).toBe('committee');
      }),
      { numRuns: 300 },
    );
  });

  it('exact at each limit: at it nothing, one millionth over it the finding', () => {
    const limits: [string, (diff: Diff, text: string) => void, string][] = [
      [
        '/limits/population/score_reviewer_ppm',
        (d, text) => void Object.assign(figuresOf(d.population).score, { psi: text }),
        'POP-002',
      ],
      [
        '/limits/population/score_committee_ppm',
        (d, text) => void Object.assign(figuresOf(d.population).score, { psi: text }),
        'POP-003',
      ],
      [
        '/limits/population/feature_reviewer_ppm',
        (d, text) => void Object.assign(figuresOf(d.population).features[2] ?? {}, { psi: text }),
        'POP-006',
      ],
      [
        '/limits/segments/share_committee_ppm',
        (d, text) => void Object.assign(figuresOf(d.segments).shares[0] ?? {}, { psi: text }),
        'SEG-001',
      ],
      [
        '/limits/metrics/overall_ppm/auc',
        (d, text) => void Object.assign(figuresOf(d.metrics).overall[0] ?? {}, { worse: text }),
        'MET-001',
      ],
      [
        '/limits/fairness/worse_ppm',
        (d, text) => void Object.assign(figuresOf(d.fairness).ratios[0] ?? {}, { worse: text }),
        'FAI-001',
      ],
      [
        '/limits/decision_rule/flips_same_rule_ppm',
        (d, text) => void Object.assign(figuresOf(d.decisionRule).flips ?? {}, { rate: text }),
        'DEC-006',
      ],
    ];
    for (const [pointer, set, code] of limits) {
      const limit = limitAt(pointer);
      for (const [ppm, fires] of [
        [limit - 1, false],
        [limit, false],
        [limit + 1, true],
      ] as const) {
        const diff = clearDiff();
        set(diff, (ppm / 1e6).toFixed(6));
        expect(
          routed(diff).findings.some((finding) => finding.code === code),
          `${code} at ${ppm}`,
        ).toBe(fires);
      }
    }
  });
});
