import { describe, expect, it } from 'vitest';
import { contradictionsOf, refusalsOf } from '../../../functions/compare/contradictions.ts';
import type { Comparison } from '../../../functions/compare/types.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import { baselineOf, comparisonOf, firstComparison } from '../../support/comparison.ts';
import { type Draft, evaluationRows, type Parts, requestOf } from '../../support/request.ts';

const found = (c: Comparison): string[] => contradictionsOf(c).map(({ code, pointer }) => `${code} ${pointer}`);
const edited = (edit: Parts['edit']) => found(comparisonOf({ edit }));
const other = digestOf('something else');
const of = <T>(list: readonly T[], i = 0): T => {
  const item = list[i];
  if (item === undefined) throw new Error(`the builder has no item ${i}`);
  return item;
};
const metric = (name: string, candidate: string, more: object = {}) => ({ name, candidate, incumbent: null, n: 60, ...more });

describe('contradictions of a request', () => {
  it('R31 an honest request has none, with and without an incumbent', () => {
    expect(contradictionsOf(comparisonOf())).toEqual([]);
    expect(contradictionsOf(firstComparison())).toEqual([]);
  });

  it('R4 R4a R4b root, weights and manifest follow from the files', () => {
    expect(edited(({ model }) => Object.assign(model, { root: other }))).toEqual([
      'MODEL_ROOT_MISMATCH /model/root',
      'PROFILE_MISMATCH /profiles/0',
    ]);
    expect(edited(({ model }) => Object.assign(model, { weights: other }))).toEqual(['MODEL_ROOT_MISMATCH /model/weights']);
    expect(edited((draft, blobs) => Object.assign(draft.model, { manifest: named(blobs, 'no manifest') }))).toEqual([
      'MODEL_ROOT_MISMATCH /model/manifest',
    ]);
  });

  it('R4a weights, config and preprocessor must all be there, each file once and of the stated size', () => {
    const roles = edited(({ model }) => Object.assign(of(model.files, 1), { role: 'other' }));
    expect(roles).toEqual(['MODEL_ROLE_MISSING /model/files']);
    expect(edited(({ model }) => Object.assign(of(model.files), { size: 1 }))).toEqual([
      'MODEL_FILE_MISMATCH /model/files/0/size'.replace('size', 'digest'),
    ]);
    expect(edited(({ model }) => void model.files.push({ ...of(model.files) }))).toContain(
      'MODEL_FILE_MISMATCH /model/files/3/path',
    );
    expect(edited(({ explanation }) => Object.assign(of(of(explanation).artefacts), { size: 1 }))).toEqual([
      'DIGEST_MISMATCH /explanation/0/artefacts/0/digest',
    ]);
  });

  it('R5a R9a the evaluation slice is in the dataset, of its role and rows, and named by the metrics', () => {
    const elsewhere = ({ dataset }: Draft) =>
      void dataset.splice(2, 1, { ...of(dataset, 2), role: 'validation' }, { ...of(dataset, 2), digest: other });
    expect(edited(elsewhere)).toEqual(['EVALUATION_SLICE_MISMATCH /evaluationRegime/slice']);
    expect(edited(({ challenger }) => Object.assign(challenger, { evaluationSlice: other }))).toEqual([
      'EVALUATION_SLICE_MISMATCH /challenger/evaluationSlice',
    ]);
    expect(edited(({ dataset }) => Object.assign(of(dataset, 2), { rows: 61 }))).toEqual([
      'EVALUATION_SLICE_MISMATCH /dataset/2/rows',
    ]);
    expect(edited(({ evaluationRegime }) => Object.assign(evaluationRegime, { label: 'nowhere' }))).toEqual([
      'EVALUATION_SLICE_MISMATCH /evaluationRegime/label',
    ]);
  });

  it.each(['shap', 'importances', 'calibration', 'partial-dependence', 'comparison'] as const)(
    'R8b a %s explanation made on another slice is refused, even on one derived from it',
    (kind) => {
      const derived = (draft: Draft) => Object.assign(of(draft.dataset), { derivedFrom: draft.evaluationRegime.slice });
      expect(edited(({ explanation }) => Object.assign(of(explanation), { kind, slice: other }))).toEqual([
        'EXPLANATION_SLICE_MISMATCH /explanation/0/slice',
      ]);
      expect(
        edited((draft) => {
          derived(draft);
          Object.assign(of(draft.explanation), { kind, slice: of(draft.dataset).digest });
        }),
      ).toEqual(['EXPLANATION_SLICE_MISMATCH /explanation/0/slice']);
    },
  );

  it('R8b fairness may name a slice derived from the evaluation slice, and no other', () => {
    const onTrain = (draft: Draft) =>
      Object.assign(of(draft.explanation), { kind: 'fairness', slice: of(draft.dataset).digest });
    expect(edited(onTrain)).toEqual(['EXPLANATION_SLICE_MISMATCH /explanation/0/slice']);
    expect(
      edited((draft) => {
        onTrain(draft);
        const part = { derivedFrom: draft.evaluationRegime.slice, filters: ['region=north'], rows: 24 };
        Object.assign(of(draft.dataset), part);
      }),
    ).toEqual([]);
  });

  it('R5 what is said of the incumbent is what its event sealed', () => {
    expect(edited(({ challenger }) => Object.assign(challenger.against, { root: other }))).toEqual([
      'INCUMBENT_MISMATCH /challenger/against/root',
    ]);
    const scores = evaluationRows().map(({ score }) => score);
    const flattered = scores.map((score, i) => (i === 7 ? score + 0.00001 : score));
    expect(found(comparisonOf({ incumbent: flattered }))).toEqual(['INCUMBENT_MISMATCH /predictions']);
    expect(found(comparisonOf({ lastHumanApproved: flattered }))).toEqual(['INCUMBENT_MISMATCH /predictions']);
    expect(found(comparisonOf({ incumbent: scores.map((score, i) => (i === 7 ? score + 0.0000009 : score)) }))).toEqual([]);
  });

  it('R63 the active version announced again says so, with its event, and nothing else', () => {
    const again = (edit: Parts['edit'] = () => undefined) => {
      const c = comparisonOf();
      if (!c.incumbent) throw new Error('the builder has an incumbent');
      const { model, decisionRule, use } = c.incumbent.request;
      return comparisonOf({
        edit: (draft, blobs) => {
          Object.assign(draft, structuredClone({ model, decisionRule, use }));
          edit(draft, blobs);
        },
      });
    };
    const problems = refusalsOf(again());
    expect(problems.map(({ code }) => code)).toEqual(['VERSION_ALREADY_APPROVED']);
    expect(problems[0]?.detail).toContain(`by event ${again().incumbent?.event}`);
    // The same bytes under another rule are something new to decide; other bytes under the same id are not.
    const codes = (edit: Parts['edit']) => refusalsOf(again(edit)).map(({ code }) => code);
    expect(codes(({ decisionRule }) => Object.assign(decisionRule, { thresholds: ['0.9'] }))).not.toContain(
      'VERSION_ALREADY_APPROVED',
    );
    const changed = codes(({ model }) => Object.assign(model, { root: other }));
    expect(changed).toContain('VERSION_REUSED');
    expect(changed).not.toContain('VERSION_ALREADY_APPROVED');
    // What was sealed before is replayed under what held then.
    expect(contradictionsOf(again()).map(({ code }) => code)).not.toContain('VERSION_ALREADY_APPROVED');
  });

  it('R25 a failed gate cannot be approved away', () => {
    expect(edited(({ gates }) => Object.assign(of(gates), { result: 'fail' }))).toEqual(['GATE_FAILED /gates/0/result']);
  });

  it('R44 carried terms are the incumbent’s or tighter, and no family is re-invented', () => {
    expect(edited(({ terms }) => Object.assign(of(terms.bands), { maxWorse: '0.02001' }))).toEqual([
      'TERMS_MISMATCH /terms/bands',
    ]);
    expect(edited(({ terms }) => void terms.bands.splice(0, 1))).toEqual(['TERMS_MISMATCH /terms/bands']);
    expect(edited(({ terms }) => Object.assign(terms.families, { age: 'finance' }))).toEqual([
      'TERMS_MISMATCH /terms/families',
    ]);
    expect(edited(({ terms }) => Object.assign(terms, { carriedFrom: other }))).toEqual(['TERMS_MISMATCH /terms/carriedFrom']);
    expect(edited(({ terms }) => Object.assign(of(terms.bands), { maxWorse: '0.01' }))).toEqual([]);
    expect(edited(({ terms }) => Object.assign(terms.families, { job: 'person' }))).toEqual([]);
    expect(edited(({ terms }) => Object.assign(terms, { bands: [], carriedFrom: null }))).toEqual([]);
  });

  it('R5 R31 all contradictions are named at once', () => {
    const problems = edited((draft) => {
      Object.assign(draft.model, { weights: other });
      Object.assign(of(draft.gates), { result: 'fail' });
      Object.assign(of(draft.explanation), { slice: other });
    });
    expect(problems).toHaveLength(3);
  });
});

describe('contradictions of predictions', () => {
  const rows = (change: (rows: ReturnType<typeof evaluationRows>) => void) => {
    const c = comparisonOf();
    const changed = evaluationRows();
    change(changed);
    // The slice stays as it was; only the predictions are of other rows.
    const predictions = requestOf({ rows: changed, baselines: baselines(c) });
    const digest = predictions.request.predictions;
    if (!digest) throw new Error('the builder made no predictions');
    return found(comparisonOf({ edit: (draft, blobs) => give(draft, blobs, predictions.blobs.get(digest)) }));
  };

  it('R5 exactly the rows of the slice, in any order', () => {
    expect(rows((all) => void all.pop())).toEqual(['PREDICTIONS_MISMATCH /predictions']);
    expect(rows((all) => Object.assign(of(all), { id: 'stranger' }))).toHaveLength(2);
    expect(rows((all) => Object.assign(of(all), { id: 'r1' }))).toEqual(['PREDICTIONS_MISMATCH /predictions']);
  });

  it('R5 the same labels and segments as the slice', () => {
    expect(rows((all) => Object.assign(of(all), { label: 0 }))).toEqual(['PREDICTIONS_MISMATCH /predictions']);
    expect(rows((all) => Object.assign(of(all), { region: 'south' }))).toEqual(['PREDICTIONS_MISMATCH /predictions']);
    const text = 'row_id,label,candidate,incumbent,weather\n';
    expect(edited((draft, blobs) => give(draft, blobs, new TextEncoder().encode(text)))).toContain(
      'PREDICTIONS_MISMATCH /predictions',
    );
  });

  it('R5 what does not parse is a mismatch, and nothing of its cells is quoted', () => {
    const secret = 'row_id,label,candidate,incumbent\nJane Doe,secret,1,1\n';
    const c = comparisonOf({ edit: (draft, blobs) => give(draft, blobs, new TextEncoder().encode(secret)) });
    expect(found(c)).toEqual(['PREDICTIONS_MISMATCH /predictions']);
    expect(JSON.stringify(contradictionsOf(c))).not.toMatch(/Jane|secret/);
  });

  it('R5 METRIC_MISMATCH: a stated figure differs from what the predictions give', () => {
    const stated = (one: object, edit: Parts['edit'] = () => {}) =>
      edited((draft, blobs) => {
        Object.assign(draft.challenger, { metrics: [one] });
        edit(draft, blobs);
      });
    const north = { segment: { column: 'region', value: 'north' }, n: 24 };
    expect(stated(metric('approval_rate', '0.666667'))).toEqual([]);
    expect(stated(metric('approval_rate', '0.666668'))).toEqual([]);
    expect(stated(metric('approval_rate', '0.666669'))).toEqual(['METRIC_MISMATCH /challenger/metrics/0/candidate']);
    expect(stated(metric('approval_rate', '0.666667', { n: 61 }))).toEqual(['METRIC_MISMATCH /challenger/metrics/0/n']);
    expect(stated(metric('approval_rate', '0.666667', { incumbent: '0.8' }))).toEqual([
      'METRIC_MISMATCH /challenger/metrics/0/incumbent',
    ]);
    expect(stated(metric('approval_rate', '0.9', north))).toEqual(['METRIC_MISMATCH /challenger/metrics/0/candidate']);
    expect(stated(metric('auc', '0.9', { segment: { column: 'weather', value: 'wet' } }))).toEqual([
      'METRIC_MISMATCH /challenger/metrics/0/segment',
    ]);
    expect(stated(metric('gini', '0.9', { n: 3 }))).toEqual([]);
  });
});

describe('contradictions of profiles', () => {
  const profiled = (profile: Parts['profile']) => found(comparisonOf({ profile }));
  const mismatch = 'PROFILE_MISMATCH /profiles/0';
  type Numeric = Extract<Parameters<Parts['profile']>[0]['columns'][number], { kind: 'numeric' }>;
  const numeric = (profile: Parameters<Parts['profile']>[0], i: number): Numeric => {
    const column = of(profile.columns, i);
    if (column.kind !== 'numeric') throw new Error('not numeric');
    return column;
  };

  it('R31 one profile is of the scoring slice, and it parses', () => {
    expect(profiled((profile) => Object.assign(profile, { slice: other }))).toEqual(['PROFILE_MISMATCH /profiles']);
    expect(profiled((profile) => Object.assign(profile, { convention: 'other/1' }))).toEqual([
      mismatch,
      'PROFILE_MISMATCH /profiles',
    ]);
    expect(edited((draft) => Object.assign(draft, { profiles: [other] }))).toEqual([mismatch, 'PROFILE_MISMATCH /profiles']);
    expect(edited((draft) => Object.assign(draft, { profiles: [] }))).toEqual([]);
    expect(edited(({ dataset }) => Object.assign(of(dataset, 3), { rows: 99 }))).toEqual([mismatch]);
  });

  it.each<[string, Parts['profile']]>([
    ['numeric counts', (p) => Object.assign(numeric(p, 2), { missing: 3 })],
    ['counts at a baseline', (p) => Object.assign(of(numeric(p, 2).at), { counts: [50, 49] })],
    ['categorical counts', (p) => Object.assign(of(p.columns, 4), { missing: 1 })],
    [
      'shares',
      (p) =>
        Object.assign(of(p.shares), {
          counts: [
            { value: 'north', count: 100 },
            { value: 'x', count: 1 },
          ],
        }),
    ],
    ['edges of the baseline', (p) => Object.assign(of(numeric(p, 2).at), { edges: ['1000.0'] })],
    ['the model that scored', (p) => Object.assign(numeric(p, 0), { scoredBy: other })],
    ['one score column a model', (p) => Object.assign(numeric(p, 0), { scoredBy: numeric(p, 1).scoredBy })],
    ['one column a name', (p) => Object.assign(numeric(p, 2), { name: 'age' })],
    ['segment rows', (p) => Object.assign(of(p.segments), { rows: 11 })],
    ['segment counts', (p) => Object.assign(of(of(p.segments).scores), { missing: 1 })],
  ])('R31 PROFILE_MISMATCH: %s', (_what, profile) => {
    expect(new Set(profiled(profile))).toEqual(new Set([mismatch]));
  });
});

const baselines = ({ incumbent, lastHumanApproved }: Comparison) =>
  incumbent && lastHumanApproved ? { incumbent, lastHumanApproved } : null;

function named(blobs: Map<Digest, Uint8Array>, text: string): Digest {
  const bytes = new TextEncoder().encode(text);
  blobs.set(digestOf(bytes), bytes);
  return digestOf(bytes);
}

function give(draft: Draft, blobs: Map<Digest, Uint8Array>, bytes: Uint8Array = new Uint8Array()): void {
  blobs.set(digestOf(bytes), bytes);
  draft.predictions = digestOf(bytes);
}

it('R31 the builder makes baselines the next request can be compared with', () => {
  expect(baselineOf(requestOf()).profile?.rows).toBe(100);
});
