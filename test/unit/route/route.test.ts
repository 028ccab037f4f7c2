import { describe, expect, it } from 'vitest';
import type { Diff } from '../../../functions/domain/diff.ts';
import { Routing } from '../../../functions/domain/routing.ts';
import type { Engine } from '../../../functions/route/engine.ts';
import { lineOf, type Pack } from '../../../functions/route/pack.ts';
import { route, routeInput } from '../../../functions/route/route.ts';
import { clearDiff, DIFF_LINE, diffWith, figuresOf, firstDiff, metricFigure, psiFigure } from '../../support/diff.ts';
import { decimal, limitAt } from '../../support/limits.ts';
import { committedPack } from '../../support/pack.ts';

const pack = committedPack();
const set = <T extends object>(target: T, change: Partial<T>): void => void Object.assign(target, change);
const factsOf = (diff: Diff) => ({ diff, line: DIFF_LINE, environment: 'sandbox', evaluatedAtDay: 20_777 });
const routed = (diff: Diff, by: Pack = pack) => route(by, factsOf(diff));
const codes = (routing: Routing) => routing.findings.map((finding) => finding.code);
const answering = (evaluate: Engine['evaluate']): Pack => ({ ...pack, engine: { evaluate } });

const SCORE = limitAt('/limits/population/score_reviewer_ppm');

describe('R31 R32 the path follows from the diff', () => {
  it('an ordinary retrain is automated, with every dimension cleared and its headroom shown', () => {
    const routing = routed(clearDiff());
    expect(Routing.parse(routing)).toEqual(routing);
    expect(routing.path).toBe('automated');
    expect(routing.findings).toEqual([]);
    expect(routing.cleared).toHaveLength(20);
    const population = routing.cleared.find((entry) => entry.dimension === 'population');
    expect(population?.headroom).toContainEqual({
      code: 'POP-002',
      pointer: '/population/against/incumbent/figures/score/psi_ppm',
      observed: 18_525,
      limit: SCORE,
      unit: 'ppm',
    });
    expect(routing.notJudged).toHaveLength(5);
  });

  it('R5 a first promotion goes to the committee for one reason only', () => {
    const routing = routed(firstDiff());
    expect([routing.path, codes(routing)]).toEqual(['committee', ['HIS-001']]);
    expect(routing.groups).toEqual([
      { role: 'model-risk', min: 2, from: 'retail-credit' },
      { role: 'business-owner', min: 1, from: 'retail-credit' },
    ]);
    expect(routing.obligations.map(({ code }) => code)).toEqual(['OBL-001', 'OBL-004', 'OBL-005', 'OBL-007']);
  });

  const cases: [string, (diff: Diff) => void, string, string[]][] = [
    ['R41 another class', (d) => set(figuresOf(d.modelClass), { class: { from: 'a', to: 'b' } }), 'committee', ['MOD-001']],
    ['R42 another loss', (d) => set(figuresOf(d.loss), { loss: { from: 'a', to: 'b' } }), 'committee', ['LOS-001']],
    [
      'R36 a feature of a known family and source',
      (d) => addFeature(d, { familyKnown: true, sourceKnown: true }),
      'reviewer',
      ['FEA-001'],
    ],
    [
      'R36 a feature from a new source',
      (d) => addFeature(d, { familyKnown: true, sourceKnown: false }),
      'committee',
      ['FEA-003'],
    ],
    [
      'R37 a segment never validated',
      (d) => d.segments.figures.unregistered.push({ segment: 'foreign_worker', value: 'no', count: 11 }),
      'committee',
      ['SEG-002'],
    ],
    [
      'R38 score PSI at the limit',
      (d) => set(figuresOf(d.population), { score: psiFigure('score', decimal(SCORE)) }),
      'automated',
      ['POP-001'],
    ],
    [
      'R38 score PSI just over',
      (d) => set(figuresOf(d.population), { score: psiFigure('score', `${decimal(SCORE)}1`) }),
      'reviewer',
      ['POP-002'],
    ],
    [
      'R38 score PSI far over',
      (d) =>
        set(figuresOf(d.population), {
          score: psiFigure('score', decimal(limitAt('/limits/population/score_committee_ppm') + 1)),
        }),
      'committee',
      ['POP-003'],
    ],
    [
      'R39 a threshold moved',
      (d) => set(figuresOf(d.decisionRule), { thresholds: { from: ['0.50'], to: ['0.45'] } }),
      'reviewer',
      ['DEC-001'],
    ],
    [
      'R44 a protected segment worse while better overall',
      (d) => void (figuresOf(d.metrics).segments[1] ?? { metrics: [] }).metrics.splice(0, 1, metricFigure('auc', '0.036010')),
      'committee',
      ['MET-002'],
    ],
    ['R25 a gate that was not run', (d) => void d.gates.figures.results.pop(), 'committee', ['GAT-001']],
    [
      'R45 another calibration',
      (d) => set(figuresOf(d.calibration), { calibration: { from: 'none', to: 'isotonic' } }),
      'reviewer',
      ['CAL-001'],
    ],
    ['R43 another context', (d) => void figuresOf(d.use).changed.push('context'), 'committee', ['USE-001']],
  ];
  it.each(cases)('%s', (_, change, path, expected) => {
    const routing = routed(diffWith(change));
    expect([routing.path, codes(routing)]).toEqual([path, expected]);
  });

  it('R8b R48 people are not asked without an explanation: a hold, never a path', () => {
    const routing = routed(
      diffWith((d) => {
        d.evidence.figures.explanations = [];
        set(figuresOf(d.loss), { loss: { from: 'a', to: 'b' } });
      }),
    );
    expect(routing.holds).toEqual([{ code: 'EVI-003', artefact: 'explanation', pointer: '/evidence/figures/explanations' }]);
  });

  it('R51 a line that model risk never registered goes to a committee that nobody sits in', () => {
    const routing = route(pack, { ...factsOf(clearDiff()), line: 'unheard-of' });
    expect(routing.path).toBe('committee');
    expect(codes(routing)).toContain('LIN-001');
    expect(routing.holds.map((hold) => hold.code)).toEqual(['LIN-003']);
    expect(lineOf(pack, 'unheard-of')).toBeNull();
    expect(lineOf(pack, DIFF_LINE)?.minRows).toBe(80);
  });

  it('findings and headroom are ordered, whatever order sets have in Wasm (W9)', () => {
    const many = Array.from({ length: 30 }, (_, i) => psiFigure(`f${i}`, '0.300000'));
    const routing = routed(diffWith((d) => set(figuresOf(d.population), { features: many })));
    const keys = routing.findings.map((finding) => `${finding.code} ${finding.pointer}`);
    expect(keys).toHaveLength(30);
    expect(keys).toEqual(keys.toSorted());
  });
});

function addFeature(diff: Diff, known: { familyKnown: boolean; sourceKnown: boolean }): void {
  figuresOf(diff.features).added.push({ name: 'property', family: 'collateral', source: 'land-register', ...known });
  diff.features.figures.count += 1;
}

describe('anything odd is committee, never an exception and never automated', () => {
  const committee = (routing: Routing, code: string) => {
    expect([routing.path, codes(routing)]).toEqual(['committee', [code]]);
    expect(routing.groups).toHaveLength(2);
    expect(Routing.safeParse(routing).success).toBe(true);
  };
  const clear = pack.engine.evaluate(routed(clearDiff()).input as Parameters<Engine['evaluate']>[0]) as [{ result: object }];
  const altered = (change: object) => answering(() => [{ result: { ...clear[0].result, ...change } }]);

  it('the engine throws, whatever it throws', () => {
    for (const thrown of ['a text', { message: 'an object' }, new Error('an error'), undefined]) {
      committee(
        routed(
          clearDiff(),
          answering(() => {
            throw thrown;
          }),
        ),
        'POL-000',
      );
    }
  });

  it.each<[string, unknown]>([
    ['nothing (W1, W4, W16: how an undefined decision looks)', []],
    ['two decisions', [clear[0], clear[0]]],
    ['no array', clear[0]],
    ['null', null],
    ['a result of another key', [{ value: clear[0].result }]],
  ])('the engine answers %s', (_, answer) =>
    committee(
      routed(
        clearDiff(),
        answering(() => answer),
      ),
      'POL-004',
    ),
  );

  it.each<[string, object]>([
    ['an unknown key', { mood: 'good' }],
    ['an unknown path', { path: 'none' }],
    ['a path lighter than its findings', { findings: [finding('committee', '')] }],
    ['automated without every dimension cleared', { cleared: [] }],
    ['a dimension cleared twice', { cleared: Array.from({ length: 20 }, () => ({ dimension: 'loss', headroom: [] })) }],
    ['a pointer to nowhere', { findings: [finding('automated', '/population/figures/nowhere')] }],
    ['a pointer into the prototype', { findings: [finding('automated', '/population/constructor')] }],
    ['a figure that is no integer', { findings: [{ ...finding('automated', ''), observed: 0.5 }] }],
    ['people but nobody to ask', { path: 'reviewer', findings: [finding('reviewer', '')] }],
  ])('the decision has %s', (_, change) => committee(routed(clearDiff(), altered(change)), 'POL-004'));

  it('a diff that is not one', () => {
    for (const odd of [undefined, null, 3, {}, { schema: 'diff/v0' }]) committee(routed(odd as unknown as Diff), 'POL-000');
    const halved = diffWith((d) => set(figuresOf(d.population).score, { psi: '1e-7' as never }));
    committee(routed(halved), 'POL-000');
  });

  it('facts that no request could have', () => {
    for (const evaluatedAtDay of [-1, 0.5, Number.NaN]) {
      const routing = route(pack, { ...factsOf(clearDiff()), evaluatedAtDay });
      committee(routing, 'POL-000');
    }
    expect(route(pack, { ...factsOf(clearDiff()), line: '\ud800' }).path).toBe('committee');
  });

  it('W1 bytes instead of a value, whole or cut short, are not read as "no input"', () => {
    const bytes = new TextEncoder().encode(JSON.stringify(routed(clearDiff()).input));
    for (const odd of [bytes, bytes.buffer, bytes.slice(0, 100).buffer]) {
      expect(codes(routeInput(pack, odd))).toEqual(['POL-000']);
    }
  });

  it('W4 a falsy input is not "no input"', () => {
    for (const odd of [undefined, null, false, 0, '']) expect(codes(routeInput(pack, odd))).toEqual(['POL-000']);
  });

  it('R18 R54 a sealed input routes to the same bytes again', () => {
    const routing = routed(clearDiff());
    expect(routeInput(pack, JSON.parse(JSON.stringify(routing.input)))).toEqual(routing);
  });
});

function finding(minPath: string, pointer: string) {
  return { code: 'POP-001', dimension: 'population', pointer, observed: null, limit: null, unit: 'none', minPath };
}

describe('R32 routing inputs of 2 000 features and 20 segments', () => {
  const large = diffWith((d) => {
    figuresOf(d.population).features = Array.from({ length: 2000 }, (_, i) =>
      psiFigure(`feature_with_a_long_name_${i}`, '0.012345'),
    );
    d.features.figures.count = 2000;
    const metrics = figuresOf(d.metrics);
    const [first] = metrics.segments;
    for (let i = 0; i < 20; i++) {
      figuresOf(d.segments).shares.push(psiFigure(`segment_${i}`, '0.010000'));
      metrics.segments.push({ segment: `segment_${i}=a`, protected: true, n: 100, metrics: [...(first?.metrics ?? [])] });
    }
    for (const name of ['population', 'features', 'segments', 'metrics'] as const) {
      d[name].against.lastHumanApproved = structuredClone(d[name].against.incumbent) as never;
    }
  });

  it('route automated when clear', () => {
    const routing = routed(large);
    expect(JSON.stringify(routing.input).length).toBeGreaterThan(400_000);
    expect(routing.path).toBe('automated');
  });

  it('route to people when the last of them moved, with one finding', () => {
    const moved = structuredClone(large);
    figuresOf(moved.population).features[1999] = psiFigure(
      'feature_1999',
      decimal(limitAt('/limits/population/feature_reviewer_ppm') + 1),
    );
    const routing = routed(moved);
    expect([routing.path, codes(routing)]).toEqual(['reviewer', ['POP-006']]);
  });
});
