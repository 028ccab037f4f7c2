import type { ScreenView } from '../../../functions/approve/screen/view.ts';
import type { ApprovalRequest } from '../../../functions/domain/approval-request.ts';
import { decimal6 } from '../../../functions/domain/decimal.ts';
import type { Diff, Dimension, MetricFigure, PsiFigure, Side } from '../../../functions/domain/diff.ts';
import { type Digest, digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import type { ModelLine } from '../../../functions/domain/line.ts';
import { PromotionRequest, requestIdOf } from '../../../functions/domain/request.ts';
import { Routing } from '../../../functions/domain/routing.ts';
import { Instant } from '../../../functions/domain/text.ts';

const at = (text: string) => Instant.parse(text);
const event = (name: string) => digestOf(name) as string as EventHash;
const d = (value: number) => decimal6(value);

/** A 1 × 1 picture. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const FEATURES = [
  'status',
  'duration',
  'credit_history',
  'purpose',
  'amount',
  'savings',
  'employment',
  'age',
  'housing',
  'bureau_score',
];
const EVALUATION = digestOf('evaluation');
const INCUMBENT = event('incumbent');

export function requestOf(features: readonly string[] = FEATURES): PromotionRequest {
  return PromotionRequest.parse({
    schema: 'promotion-request/v0',
    line: 'german-credit',
    environment: 'production',
    comparedWith: { incumbent: INCUMBENT, lastHumanApproved: event('human') },
    trigger: { kind: 'drift', ref: 'monitor-17' },
    model: {
      name: 'german-credit-pd',
      version: '7',
      root: digestOf('root'),
      manifest: digestOf('manifest'),
      weights: digestOf('weights'),
      files: [
        { path: 'model.json', role: 'weights', size: 48_213, digest: digestOf('w'), custody: 'vault' },
        { path: 'preprocess.json', role: 'preprocessor', size: 9120, digest: digestOf('p'), custody: 'vault' },
        {
          path: 'embeddings.bin',
          role: 'other',
          size: 734_003_200,
          digest: digestOf('e'),
          custody: {
            system: 's3',
            uri: 's3://models/german-credit/7/embeddings.bin',
            immutableId: 'v-3HL4kqtJ',
            expiresAt: '2027-03-31T00:00:00.000Z',
          },
        },
      ],
      class: 'logistic regression',
      family: 'linear',
      loss: 'log loss',
      hyperparameters: { C: '0.5' },
      calibration: 'none',
      library: 'scikit-learn 1.7.2',
    },
    features: features.map((name) => ({
      name,
      type: 'numeric',
      required: true,
      family: name === 'bureau_score' ? 'bureau' : 'application',
      source: name === 'bureau_score' ? 'credit-bureau' : 'loan-form',
      transformDigest: digestOf(`transform ${name}`),
      protected: name === 'age' ? 'attribute' : 'no',
    })),
    decisionRule: {
      score: 'probability of default',
      thresholds: ['0.32'],
      actions: [
        { from: '0', to: '0.32', action: 'approve' },
        { from: '0.32', to: '1', action: 'decline' },
      ],
      adverseAction: ['decline'],
    },
    terms: {
      bands: [
        { metric: 'auc', maxWorse: '0.010000' },
        { metric: 'auc', segment: '*', maxWorse: '0.030000' },
      ],
      families: { status: 'application' },
      carriedFrom: INCUMBENT,
    },
    dataset: [
      slice('train-2026q3', 'train', digestOf('train'), 700),
      slice('validation-2026q3', 'validation', digestOf('validation'), 100),
      slice('holdout-2026q3', 'evaluation', EVALUATION, 300),
      slice('scored-2026-10', 'scoring', digestOf('scoring'), 1000),
    ],
    evaluationRegime: {
      method: 'holdout',
      slice: EVALUATION,
      rowId: 'row',
      label: 'default',
      positive: '1',
      metrics: ['auc', 'ks', 'approval_rate'],
    },
    challenger: {
      against: { kind: 'incumbent', event: INCUMBENT, root: digestOf('incumbent root') },
      evaluationSlice: EVALUATION,
      metrics: [{ name: 'auc', candidate: '0.779100', incumbent: '0.771200', n: 300 }],
    },
    profiles: [digestOf('profile')],
    predictions: digestOf('predictions'),
    explanation: [
      {
        kind: 'shap',
        slice: EVALUATION,
        artefacts: [
          {
            name: 'beeswarm.png',
            mediaType: 'image/png',
            size: PNG.length,
            digest: digestOf(PNG),
            alt: 'Status, duration and credit history move the score most; long duration raises the predicted default rate.',
          },
          {
            name: 'shap.csv',
            mediaType: 'text/csv',
            size: 1200,
            digest: digestOf('csv'),
            alt: 'Mean contribution per feature.',
          },
        ],
        tool: 'shap 0.49.1',
        background: digestOf('background'),
        summary: features.map((feature, i) => ({ feature, value: (0.4 / (i + 1)).toFixed(6) })),
      },
    ],
    gates: [{ name: 'bias scan', kind: 'fairness', result: 'pass', tool: 'fairlearn 0.13', report: digestOf('gate') }],
    use: {
      intended: 'Decide consumer loans up to 20 000 EUR.',
      context: 'branch',
      population: 'Adults who apply in a branch.',
    },
    code: { repository: 'risk/german-credit', commit: 'a'.repeat(40) },
    pipelineRun: { system: 'airflow', id: 'run-8812' },
  });
}

function slice(name: string, role: string, digest: Digest, rows: number) {
  return {
    name,
    role,
    digest,
    rows,
    filters: ['product = instalment'],
    window: { from: '2026-07-01', to: '2026-09-30' },
    locator: { system: 'lake', uri: `https://lake.example/${name}`, immutableId: `snap-${rows}` },
  };
}

const psi = (name: string, value: number): PsiFigure => ({
  name,
  psi: d(value),
  null99: d(0.0439),
  n: 1000,
  m: 1000,
  bins: 10,
});

const metric = (name: string, candidate: number, baseline: number, worse: number, n: number): MetricFigure => ({
  name,
  candidate: d(candidate),
  baseline: d(baseline),
  worse: d(worse),
  n,
  limit: name === 'auc' ? d(0.03) : null,
  source: name === 'ks' ? 'stated' : 'recomputed',
});

const twice = <F>(side: Side<F>): { incumbent: Side<F>; lastHumanApproved: Side<F> } => ({
  incumbent: side,
  lastHumanApproved: { state: 'asIncumbent' },
});
const same = <Own, F>(figures: Own, side: F): Dimension<Own, F> => ({
  state: 'same',
  figures,
  against: twice({ state: 'same', figures: side }),
});
const measured = <Own, F>(figures: Own, side: F): Dimension<Own, F> => ({
  state: 'measured',
  figures,
  against: { incumbent: { state: 'measured', figures: side }, lastHumanApproved: { state: 'measured', figures: side } },
});

export function diffOf(features: readonly string[] = FEATURES): Diff {
  return {
    schema: 'diff/v0',
    modelClass: same(
      { class: 'logistic regression', family: 'linear' },
      { class: { from: 'logistic regression', to: 'logistic regression' }, family: { from: 'linear', to: 'linear' } },
    ),
    hyperparameters: {
      state: 'differs',
      figures: {},
      against: twice({
        state: 'differs',
        figures: { changed: [{ name: 'C', from: '1.0', to: '0.5' }], added: [], removed: [] },
      }),
    },
    loss: same({ loss: 'log loss' }, { loss: { from: 'log loss', to: 'log loss' } }),
    features: {
      state: 'differs',
      figures: { count: features.length },
      against: twice({
        state: 'differs',
        figures: {
          added: [{ name: 'bureau_score', family: 'bureau', source: 'credit-bureau', familyKnown: false, sourceKnown: false }],
          removed: [],
          retyped: [],
          reordered: false,
          relabelled: [],
        },
      }),
    },
    protected: same({ attributes: ['age'], proxies: [] }, { changed: [] }),
    transforms: same({}, { changed: [] }),
    population: measured(
      { rows: 1000 },
      {
        score: psi('score of the incumbent', 0.31234),
        features: features.map((name, i) => psi(name, 0.21 / (i + 1))),
        filters: { from: 'scoring: no filter', to: 'scoring: no filter' },
        scored: { fromDay: 20_634, toDay: 20_757, sameRows: false },
      },
    ),
    segments: measured(
      { unregistered: [] },
      { shares: [psi('sex', 0.012)], within: [{ ...psi('score', 0.061), segment: 'sex', value: 'female' }] },
    ),
    decisionRule: same(
      { adverseAction: ['decline'] },
      {
        thresholds: { from: ['0.32'], to: ['0.32'] },
        actionsChanged: false,
        scoreChanged: false,
        adverseActionChanged: false,
        flips: { rows: 300, changed: 14, rate: d(14 / 300), toAdverse: 9, fromAdverse: 5 },
      },
    ),
    calibration: same({ calibration: 'none' }, { calibration: { from: 'none', to: 'none' } }),
    metrics: measured(
      { recomputed: 9, stated: 1 },
      {
        overall: [metric('auc', 0.7791, 0.7712, -0.0079, 300), metric('ks', 0.43, 0.42, -0.01, 300)],
        segments: ['sex = female', 'sex = male', 'foreign = yes'].map((segment, i) => ({
          segment,
          protected: i < 2,
          n: 92 + 100 * i,
          metrics: [
            metric('auc', 0.76 - 0.04 * i, 0.77, 0.01 + 0.04 * i, 92 + 100 * i),
            metric('approval_rate', 0.6 + 0.03 * i, 0.61, 0.01, 92 + 100 * i),
          ],
        })),
        notJudged: [{ what: 'foreign = no', n: 11, minimum: 50, null99: d(0.48), pooled: false }],
      },
    ),
    evaluation: same(
      { method: 'holdout', slice: EVALUATION, leaks: [] },
      { slice: { from: EVALUATION, to: EVALUATION }, changed: [] },
    ),
    fairness: measured(
      {},
      { ratios: [{ segment: 'sex', candidate: d(0.84), baseline: d(0.9), worse: d(0.06), protected: true }] },
    ),
    trainingWindow: measured(
      { fromDay: 20_635, toDay: 20_726 },
      { fromDay: 20_544, toDay: 20_634, filters: { from: 'train: no filter', to: 'train: no filter' } },
    ),
    use: same({}, { changed: [] }),
    terms: same({}, { loosened: [], tightened: [], families: [], carried: true }),
    gates: same({ results: [{ name: 'bias scan', kind: 'fairness', result: 'pass' }] }, {}),
    evidence: same({ predictions: true, explanations: [{ kind: 'shap', slice: EVALUATION }], profiles: 1 }, {}),
    history: {
      state: 'unknown',
      figures: { incumbent: INCUMBENT, lastHumanApproved: event('human'), automatedSinceHuman: 3, daysSinceHuman: null },
      against: twice<Record<never, never>>({ state: 'unknown', why: ['baseline-event-unreadable'], figures: {} }),
      why: ['baseline-event-unreadable'],
    },
    artefact: measured(
      { files: 3, name: 'german-credit-pd', library: 'scikit-learn 1.7.2' },
      {
        name: { from: 'german-credit-pd', to: 'german-credit-pd' },
        library: { from: 'scikit-learn 1.7.1', to: 'scikit-learn 1.7.2' },
        added: [{ path: 'embeddings.bin', role: 'other' }],
        removed: [],
        roles: [{ path: 'preprocess.json', from: 'other', to: 'preprocessor' }],
        changed: [{ path: 'model.json', role: 'weights' }],
      },
    ),
  };
}

export function routingOf(): Routing {
  return Routing.parse({
    schema: 'routing/v0',
    path: 'committee',
    findings: [
      finding('POP-001', 'population', '/population/features/0/psi_ppm', 210_000, 100_000, 'ppm', 'reviewer'),
      finding('FEA-003', 'features', '/features/added/0', 'credit-bureau', null, 'text', 'committee'),
      finding('POP-003', 'population', '/population/score/psi_ppm', 312_340, 250_000, 'ppm', 'committee'),
      finding('HIS-001', 'history', '/history/automatedSinceHuman', 3, 2, 'count', 'automated'),
    ],
    cleared: [
      {
        dimension: 'metrics',
        headroom: [
          { code: 'MET-001', pointer: '/metrics/overall/0/worse_ppm', observed: -7900, limit: 10_000, unit: 'ppm' },
          { code: 'MET-001', pointer: '/metrics/segments/1/worse_ppm', observed: 9000, limit: 10_000, unit: 'ppm' },
        ],
      },
      { dimension: 'loss', headroom: [] },
    ],
    notJudged: [{ dimension: 'metrics', what: 'foreign = no', n: 11, minimum: 50 }],
    holds: [{ code: 'EVI-003', artefact: 'fairness report', pointer: '/evidence' }],
    groups: [
      { role: 'model-risk', min: 2, from: 'credit-committee' },
      { role: 'business-owner', min: 1, from: 'retail' },
    ],
    separation: { excludeRequester: true, distinctPersons: true, excludeReleaser: true },
    obligations: [{ code: 'MON-001' }],
    expiresAfterDays: 10,
    input: {
      population: { features: [{ name: 'status', psi_ppm: 210_000 }] },
      features: { added: [{ name: 'bureau_score' }] },
    },
    inputDigest: digestOf('input'),
    pack: digestOf('pack'),
    wasm: digestOf('wasm'),
    data: digestOf('data'),
    rulebook: digestOf('rulebook'),
  });
}

function finding(
  code: string,
  dimension: string,
  pointer: string,
  observed: unknown,
  limit: unknown,
  unit: string,
  minPath: string,
) {
  return { code, dimension, pointer, observed, limit, unit, minPath };
}

const rule = (title: string, description: string, remedy: string) => ({ title, description, owner: 'model-risk', remedy });

const RULEBOOK = {
  'POP-001': rule(
    'A feature shifted beyond its limit',
    'One input of the model is distributed otherwise than when the incumbent was approved.',
    'Say in the rationale what moved, and why the model still holds.',
  ),
  'POP-003': rule(
    'The score shifted beyond the committee limit',
    "The population, seen through the incumbent's own score, is no longer the one it was approved for.",
    'Attach a stability note.',
  ),
  'FEA-003': rule(
    'A feature comes from a source never used before',
    'The input surface grows by a source no approved version has read.',
    'Have the source registered first.',
  ),
  'HIS-001': rule('Automated promotions in a row', 'Counts promotions since people last looked.', 'Nothing.'),
  'MET-001': rule('A metric is worse than its band allows', 'Bands were sealed at the previous promotion.', 'Retrain.'),
  'EVI-003': rule('A fairness report is missing', 'The committee path demands one.', 'Send a new request with it.'),
  'MON-001': rule('Watch closely for 30 days', 'The owner reviews stability weekly for 30 days.', 'Plan it.'),
};

const LINE: ModelLine = {
  line: 'german-credit',
  environments: [{ name: 'production', class: 'prod' }],
  tier: 'high',
  ownerOfRecord: { iss: 'https://id.example', sub: 'owner-1' },
  exposure: '410 million EUR',
  purpose: 'consumer lending decisions',
  committees: [{ committee: 'credit-committee', path: 'committee', role: 'model-risk', min: 2 }],
  segments: [],
  minRows: 50,
};

export const PERSON = { kind: 'person' as const, iss: 'https://id.example', sub: 'person-4711' };

const RATIONALE: ApprovalRequest['rationale'] = {
  text:
    'Autumn applicants borrow for longer. The bureau score separates them where the form alone no longer does.\n\n' +
    'See https://wiki.example/bureau for the source.',
  scope: 'Branch loans in Germany.',
  intendedUse: 'Consumer loan decisions up to 20 000 EUR.',
  limitations: 'Few foreign applicants; the segment is not judged.',
  author: PERSON,
  auth: {
    aud: 'countersign',
    azp: 'console',
    exp: 1_795_000_000,
    kid: 'k1',
    jwk: digestOf('jwk'),
    tokenDigest: digestOf('token'),
    roles: ['owner'],
    roleSource: 'groups claim',
  },
  at: at('2026-11-20T10:02:11.120Z'),
};

/** A whole screen, with one feature per name. */
export function viewOf(features: readonly string[] = FEATURES): ScreenView {
  const request = requestOf(features);
  const requestId = requestIdOf(request);
  return {
    requestId,
    request,
    diff: diffOf(features),
    routing: routingOf(),
    rulebook: RULEBOOK,
    approvalRequest: {
      schema: 'approval-request/v0',
      id: requestId,
      request: digestOf('request bytes'),
      diff: digestOf('diff bytes'),
      routing: digestOf('routing bytes'),
      rationale: RATIONALE,
      expiresAt: at('2026-11-30T09:30:00.000Z'),
    },
    line: LINE,
    metrics: request.challenger.metrics.map((one) => ({ ...one, source: 'recomputed' })),
    receivedAt: at('2026-11-20T09:29:58.004Z'),
    routedAt: at('2026-11-20T09:30:00.000Z'),
    requester: { kind: 'service', iss: 'https://id.example', sub: 'pipeline-1' },
    images: new Map([[digestOf(PNG), PNG]]),
    incumbent: {
      event: INCUMBENT,
      model: 'german-credit-pd',
      version: '6',
      contributions: [
        { feature: 'duration', value: '0.400000' },
        { feature: 'status', value: '0.300000' },
      ],
    },
    lastHumanApproved: { event: event('human'), model: 'german-credit-pd', version: '4' },
  };
}
