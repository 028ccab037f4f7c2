import type { Decimal } from '../../functions/domain/decimal.ts';
import type { Diff, DiffDimensions, Dimension, DimensionName, Side } from '../../functions/domain/diff.ts';
import type { EventHash } from '../../functions/domain/digest.ts';

/** Ways to make a promotion worse or to know less about it. None of them may ever lighten a path. */
export type Worse = { readonly name: string; readonly apply: (diff: Diff) => void };

type Figures<K extends keyof DiffDimensions> = DiffDimensions[K] extends Dimension<unknown, infer F> ? F : never;

/** Changes the figures against the incumbent where there still are any. */
function against<K extends DimensionName>(name: K, change: (figures: Figures<K>) => void): (diff: Diff) => void {
  return (diff) => {
    const side = diff[name].against.incumbent as Side<Figures<K>>;
    if (side.state === 'none' || side.state === 'asIncumbent' || side.state === 'unknown') return;
    change(side.figures);
  };
}

const differs = (name: DimensionName) => (diff: Diff) => {
  const side = diff[name].against.incumbent as Side<unknown>;
  if (side.state === 'same' || side.state === 'measured') Object.assign(side, { state: 'differs' });
  if (diff[name].state !== 'unknown') diff[name].state = 'differs';
};

const both =
  (...changes: ((diff: Diff) => void)[]) =>
  (diff: Diff) => {
    for (const change of changes) change(diff);
  };

const unknown = (name: DimensionName) => (diff: Diff) => {
  const dimension = diff[name] as Dimension<unknown, unknown>;
  dimension.state = 'unknown';
  dimension.why = ['baseline-event-unreadable'];
  dimension.against.incumbent = { state: 'unknown', why: ['baseline-event-unreadable'], figures: {} };
};

const raise = (text: Decimal, by: string): Decimal => (Number(text) > Number(by) ? text : (by as Decimal));

const FIRST = ['0.060000', '0.100001', '0.150001', '0.250001'];

const added = (familyKnown: boolean, sourceKnown: boolean): Worse => ({
  name: `feature added (family ${familyKnown}, source ${sourceKnown})`,
  apply: both(
    differs('features'),
    against('features', (f) => {
      f.added.push({ name: `new-${f.added.length}`, family: 'x', source: 'y', familyKnown, sourceKnown });
    }),
    (diff) => {
      diff.features.figures.count += 1;
    },
  ),
});

/** What can be changed in the files and said about them. A function, since `changes` stands below it. */
function artefactChanges(): Worse[] {
  const change = (name: string, edit: (figures: Figures<'artefact'>) => void): Worse => ({
    name,
    apply: both(differs('artefact'), against('artefact', edit)),
  });
  return [
    change('library', (f) => void Object.assign(f.library, { to: 'home-made' })),
    change('model name', (f) => void Object.assign(f.name, { to: 'other' })),
    change('file added', (f) => void f.added.push({ path: 'hook', role: 'other' })),
    change('file removed', (f) => void f.removed.push({ path: 'notes', role: 'other' })),
    change('role of a file', (f) => void f.roles.push({ path: 'config.json', from: 'config', to: 'other' })),
    change('config bytes', (f) => void f.changed.push({ path: 'config.json', role: 'config' })),
    change('program bytes', (f) => void f.changed.push({ path: 'serve.py', role: 'executable' })),
  ];
}

const changes: Worse[] = [
  {
    name: 'class',
    apply: both(
      differs('modelClass'),
      against('modelClass', (f) => void Object.assign(f.class, { to: 'other' })),
    ),
  },
  {
    name: 'loss',
    apply: both(
      differs('loss'),
      against('loss', (f) => void Object.assign(f.loss, { to: 'other' })),
    ),
  },
  {
    name: 'hyperparameter value',
    apply: both(
      differs('hyperparameters'),
      against('hyperparameters', (f) => void f.changed.push({ name: 'C', from: '1', to: '2' })),
    ),
  },
  {
    name: 'hyperparameter added',
    apply: both(
      differs('hyperparameters'),
      against('hyperparameters', (f) => void f.added.push('l1')),
    ),
  },
  added(true, true),
  added(false, true),
  added(true, false),
  {
    name: 'feature removed',
    apply: both(
      differs('features'),
      against('features', (f) => void f.removed.push({ name: 'a', family: 'x', source: 'y' })),
    ),
  },
  {
    name: 'protected',
    apply: both(
      differs('protected'),
      against('protected', (f) => void f.changed.push({ name: 'a', from: 'no', to: 'proxy' })),
    ),
  },
  {
    name: 'transform',
    apply: both(
      differs('transforms'),
      against('transforms', (f) => void f.changed.push('a')),
    ),
  },
  {
    name: 'threshold',
    apply: both(
      differs('decisionRule'),
      against('decisionRule', (f) => void Object.assign(f.thresholds, { to: ['0.45'] })),
    ),
  },
  {
    name: 'adverse action',
    apply: both(
      differs('decisionRule'),
      against('decisionRule', (f) => void Object.assign(f, { adverseActionChanged: true })),
    ),
  },
  {
    name: 'calibration',
    apply: both(
      differs('calibration'),
      against('calibration', (f) => void Object.assign(f.calibration, { to: 'isotonic' })),
    ),
  },
  {
    name: 'evaluation',
    apply: both(
      differs('evaluation'),
      against('evaluation', (f) => void f.changed.push('method')),
    ),
  },
  {
    name: 'population definition',
    apply: both(
      differs('use'),
      against('use', (f) => void f.changed.push('population')),
    ),
  },
  {
    name: 'band loosened',
    apply: both(
      differs('terms'),
      against('terms', (f) => void f.loosened.push({ band: 'auc', from: '0.01', to: '0.02' })),
    ),
  },
  ...artefactChanges(),
  { name: 'regime break', apply: (diff) => void Object.assign(diff.trainingWindow.figures, { fromDay: 18_000 }) },
  {
    name: 'a window a year ahead',
    apply: (diff) => void Object.assign(diff.trainingWindow.figures, { ahead: [{ slice: 'scoring-1', days: 367 }] }),
  },
  { name: 'no row to learn from', apply: (diff) => void Object.assign(diff.trainingWindow.figures, { empty: ['train-1'] }) },
  {
    name: 'a tenth of the rows',
    apply: (diff) => {
      const { incumbent } = diff.trainingWindow.against;
      if ('figures' in incumbent) Object.assign(incumbent.figures, { rows: { from: 1000, to: 100 } });
    },
  },
  {
    name: 'one day to learn from',
    apply: (diff) => {
      const { incumbent } = diff.trainingWindow.against;
      if ('figures' in incumbent) Object.assign(incumbent.figures, { days: { from: 900, to: 1 } });
    },
  },
  {
    name: 'unregistered segment',
    apply: (diff) => void diff.segments.figures.unregistered.push({ segment: 'housing', value: 'boat', count: 1 }),
  },
  { name: 'thirteenth in a row', apply: (diff) => void Object.assign(diff.history.figures, { automatedSinceHuman: 12 }) },
  { name: 'half a year', apply: (diff) => void Object.assign(diff.history.figures, { daysSinceHuman: 181 }) },
  {
    name: 'drift found',
    apply: (diff) => {
      const measured = [{ what: 'score', name: null, psi: '0.110000' as Decimal, n: 900, known: true }];
      const { standing } = diff.history.figures;
      const finding = { event: `sha256:${'d'.repeat(64)}` as EventHash, answered: true, measured };
      const drift = [...(standing?.drift ?? []), finding];
      diff.history.figures.standing = { suspended: standing?.suspended ?? null, drift };
    },
  },
  {
    name: 'automated path suspended',
    apply: (diff) => {
      const suspended = `sha256:${'c'.repeat(64)}` as EventHash;
      diff.history.figures.standing = { drift: diff.history.figures.standing?.drift ?? [], suspended };
    },
  },
  { name: 'gate failed', apply: (diff) => void diff.gates.figures.results.push({ name: 'x', kind: 'other', result: 'fail' }) },
  { name: 'stated metric', apply: (diff) => void Object.assign(diff.metrics.figures, { stated: 1 }) },
  ...FIRST.flatMap((by): Worse[] => [
    {
      name: `score psi ${by}`,
      apply: against('population', (f) => void Object.assign(f.score, { psi: raise(f.score.psi, by) })),
    },
    {
      name: `feature psi ${by}`,
      apply: against('population', (f) => {
        const [first] = f.features;
        if (first) first.psi = raise(first.psi, by);
      }),
    },
    {
      name: `share psi ${by}`,
      apply: against('segments', (f) => {
        const [first] = f.shares;
        if (first) first.psi = raise(first.psi, by);
      }),
    },
    {
      name: `flips ${by}`,
      apply: against('decisionRule', (f) => {
        if (f.flips) f.flips.rate = raise(f.flips.rate, by);
      }),
    },
    {
      name: `auc worse by ${by}`,
      apply: against('metrics', (f) => {
        const [first] = f.overall;
        if (first) first.worse = raise(first.worse, by);
      }),
    },
    {
      name: `segment auc worse by ${by}`,
      apply: against('metrics', (f) => {
        for (const metric of f.segments.at(-2)?.metrics ?? []) metric.worse = raise(metric.worse, by);
      }),
    },
    {
      name: `ratio worse by ${by}`,
      apply: against('fairness', (f) => {
        const [first] = f.ratios;
        if (first) first.worse = raise(first.worse, by);
      }),
    },
  ]),
];

const losses: Worse[] = [
  { name: 'lose a feature figure', apply: against('population', (f) => void f.features.shift()) },
  { name: 'lose a share', apply: against('segments', (f) => void f.shares.shift()) },
  { name: 'lose the flips', apply: against('decisionRule', (f) => void Object.assign(f, { flips: null })) },
  { name: 'lose overall auc', apply: against('metrics', (f) => void f.overall.shift()) },
  { name: 'lose a segment', apply: against('metrics', (f) => void f.segments.shift()) },
  { name: 'lose the pool', apply: against('metrics', (f) => void f.segments.pop()) },
  { name: 'lose a ratio', apply: against('fairness', (f) => void f.ratios.shift()) },
  { name: 'lose a gate', apply: (diff) => void diff.gates.figures.results.shift() },
  { name: 'lose the predictions', apply: (diff) => void Object.assign(diff.evidence.figures, { predictions: false }) },
  { name: 'lose the explanation', apply: (diff) => void Object.assign(diff.evidence.figures, { explanations: [] }) },
  { name: 'lose the incumbent', apply: (diff) => void Object.assign(diff.history.figures, { incumbent: null }) },
  { name: 'lose the last human', apply: (diff) => void Object.assign(diff.history.figures, { lastHumanApproved: null }) },
  { name: 'sample too small', apply: against('population', (f) => void Object.assign(f.score, { null99: '0.100001' })) },
];

const WITH_BASELINE: DimensionName[] = [
  ...(['modelClass', 'hyperparameters', 'loss', 'features', 'protected', 'transforms', 'population', 'segments'] as const),
  ...([
    'decisionRule',
    'calibration',
    'metrics',
    'evaluation',
    'fairness',
    'trainingWindow',
    'use',
    'terms',
    'artefact',
  ] as const),
];

export const WORSE: readonly Worse[] = [
  ...changes,
  ...losses,
  ...WITH_BASELINE.map((name) => ({ name: `${name} unknown`, apply: unknown(name) })),
];
