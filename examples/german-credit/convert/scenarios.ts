// Which promotions are announced in which order. What Countersign answers stands nowhere: it has to find out.

export type Promotion = {
  readonly version: string;
  readonly population: string;
  readonly trigger: 'manual' | 'schedule' | 'drift';
  /** Versions in place when this one is announced, newest first; the last one is what people approved last. */
  readonly over?: readonly string[];
  /** Rows the line knows: only those of foreign workers are evaluated. */
  readonly registered?: boolean;
  readonly explanationSlice?: string;
  /** Figures stated instead of recomputed; a segment's AUC said to be this much higher than it is. */
  readonly stated?: { readonly column: string; readonly value: string; readonly by: number };
  /** A feature said to be of another family than it is. */
  readonly relabelled?: { readonly feature: string; readonly family: string };
};

export type Scenario = { readonly name: string; readonly title: string; readonly promotions: readonly Promotion[] };

const FIRST: Promotion = { version: 'v01', population: 'reference-development', trigger: 'manual' };
const CURRENT = 'current-2026-10';

const second = (
  name: string,
  title: string,
  then: Omit<Promotion, 'over' | 'population'> & { population?: string },
): Scenario => ({
  name,
  title,
  promotions: [FIRST, { population: CURRENT, over: ['v01'], ...then }],
});

export const SCENARIOS: readonly Scenario[] = [
  second('01-in-band-retrain', 'Monthly retrain', { version: 'v02', trigger: 'schedule' }),
  second('02-threshold-moved', 'Refuse from 0.45 instead of 0.50, same weights', { version: 'v03', trigger: 'manual' }),
  second('03-feature-known-family', 'Other instalment plans as one more input', { version: 'v04', trigger: 'manual' }),
  second('04-feature-dropped', 'Retrain without the job', { version: 'v05', trigger: 'manual' }),
  second('05-feature-new-source', 'Property as one more input', { version: 'v06', trigger: 'manual' }),
  second('06-segment-share-moved', 'Retrain after a campaign among the young', {
    version: 'v07',
    trigger: 'schedule',
    population: 'current-2026-10-campaign',
  }),
  {
    name: '07-segment-never-validated',
    title: 'Retrain, now also scoring applicants who are not foreign workers',
    promotions: [
      { ...FIRST, population: 'reference-development-registered', registered: true },
      { version: 'v02', population: CURRENT, over: ['v01'], trigger: 'schedule', registered: true },
    ],
  },
  second('08-population-psi', 'Retrain in a month of riskier applications', {
    version: 'v08',
    trigger: 'drift',
    population: 'current-2026-10-riskier',
  }),
  {
    name: '09-model-class',
    title: 'Gradient boosting instead of logistic regression',
    promotions: [FIRST, { version: 'v09', population: CURRENT, over: ['v01'], trigger: 'manual' }],
  },
  second('10-protected-segment-worse', 'Retrain on another window', { version: 'v11', trigger: 'schedule' }),
  {
    name: '11-many-small-steps',
    title: 'Three monthly retrains in a row',
    promotions: [
      FIRST,
      { version: 'v12', population: 'current-step1', over: ['v01'], trigger: 'schedule' },
      { version: 'v13', population: 'current-step2', over: ['v12', 'v01'], trigger: 'schedule' },
      { version: 'v14', population: 'current-step3', over: ['v13', 'v01'], trigger: 'schedule' },
    ],
  },
  { name: '12-no-incumbent', title: 'First version of a line', promotions: [FIRST] },
  second('13-explanation-other-slice', 'Monthly retrain with its SHAP values', {
    version: 'v10',
    trigger: 'schedule',
    explanationSlice: 'train-2026-07',
  }),
  second('14-flattering-metric', 'Monthly retrain with its own figures', {
    version: 'v02',
    trigger: 'schedule',
    stated: { column: 'sex_as_labelled', value: 'female', by: 0.02 },
  }),
  second('15-flattering-family', 'Property as one more input of the household', {
    version: 'v06',
    trigger: 'manual',
    relabelled: { feature: 'property', family: 'household' },
  }),
];
