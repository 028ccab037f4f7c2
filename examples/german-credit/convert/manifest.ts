import type { Manifest, ManifestSlice } from '../../../cli/manifest.ts';
import { sha256Hex } from '../../../functions/domain/crypto.ts';
import type { Version } from './evaluate.ts';
import { BANDS, EVALUATION, FAMILY, lossOf, METRICS, NAME, POSITIVE, SEGMENTS, USE, WINDOWS } from './labels.ts';
import { TOOL } from './reports.ts';
import type { Promotion } from './scenarios.ts';

/** Where the files of one promotion were written. */
export type Written = {
  readonly line: string;
  readonly predictions: string;
  readonly explanation: { readonly folder: string; readonly alt: string; readonly picture: boolean };
  readonly gates: string;
  readonly features: string;
  readonly metrics?: string;
};

const REGISTERED = '-registered';
export const evaluationName = (registered: boolean | undefined): string => EVALUATION + (registered ? REGISTERED : '');

const slice = (name: string, role: ManifestSlice['role'], folder: 'slices' | 'populations'): ManifestSlice => {
  const registered = name.endsWith(REGISTERED);
  const window = WINDOWS[registered ? name.slice(0, -REGISTERED.length) : name] ?? { from: '', to: '' };
  // Rows to learn from and to judge by are chosen; who applies is not: before the change only the registered came.
  const filters = registered && role !== 'scoring' ? ['foreign_worker = yes'] : [];
  return { name, role, file: `data/${folder}/${name}.csv`, filters, window };
};

function explanationOf(promotion: Promotion, { explanation }: Written): Manifest['explanation'] {
  const { folder, alt, picture } = explanation;
  const named = promotion.explanationSlice;
  const on = named ? { file: `data/slices/${named}.csv` } : evaluationName(promotion.registered);
  const table = `SHAP values, one row per row of ${named ?? evaluationName(promotion.registered)}, one column per input`;
  return [
    {
      kind: 'shap',
      slice: on,
      tool: 'shap 0.51.0',
      background: { file: 'data/slices/train-2026-07.csv' },
      summary: `${folder}/shap_summary.json`,
      artefacts: [
        ...(picture ? [{ file: `${folder}/shap_summary.png`, alt }] : []),
        { file: `${folder}/shap_summary.json`, alt: 'Mean absolute SHAP value per input, with the slice it was computed on' },
        { file: `${folder}/shap_values.csv`, alt: table },
      ],
    },
  ];
}

const gate = (kind: 'performance' | 'fairness' | 'security', { gates }: Written): Manifest['gates'][number] => ({
  name: kind,
  kind,
  result: 'pass',
  tool: TOOL,
  report: `${gates}/${kind}.json`,
});

export function manifestOf(promotion: Promotion, version: Version, written: Written): Manifest {
  const { model, features, datasets } = version.facts;
  const [incumbent, human] = promotion.over ?? [];
  const evaluation = evaluationName(promotion.registered);
  const suffix = promotion.registered ? REGISTERED : '';
  const bands = {
    bands: BANDS,
    families: Object.fromEntries(features.map(({ name, family }) => [name, family])),
  };
  return {
    line: written.line,
    environment: 'sandbox',
    trigger: { kind: promotion.trigger },
    model: {
      name: NAME,
      version: model.version,
      folder: `versions/${version.id}/model`,
      roles: rolesOf(version),
      class: model.class,
      family: FAMILY[model.class],
      loss: lossOf(model.loss),
      hyperparameters: Object.fromEntries(Object.entries(model.hyperparameters).map(([name, value]) => [name, String(value)])),
      calibration: model.calibration,
      library: model.library,
    },
    features: written.features,
    decisionRule: version.rule,
    terms: incumbent ? 'carry' : (bands as Manifest['terms']),
    dataset: [
      slice(datasets.training.name, 'train', 'slices'),
      slice(datasets.validation.name + suffix, 'validation', 'slices'),
      slice(evaluation, 'evaluation', 'slices'),
      slice(promotion.population, 'scoring', 'populations'),
    ],
    evaluationRegime: {
      method: 'holdout',
      slice: evaluation,
      rowId: 'row_id',
      label: 'event_bad',
      positive: POSITIVE,
      metrics: [...METRICS],
    },
    challenger: {
      against: incumbent ? 'incumbent' : { baseline: BASELINE },
      metrics: written.metrics ? { file: written.metrics } : 'recompute',
    },
    population: {
      file: `data/populations/${promotion.population}.csv`,
      segments: [...SEGMENTS],
      scores: {
        [`score_${version.id}`]: 'candidate',
        ...(incumbent ? { [`score_${incumbent}`]: 'incumbent' as const } : {}),
        ...(human ? { [`score_${human}`]: 'lastHumanApproved' as const } : {}),
      },
    },
    predictions: written.predictions,
    explanation: explanationOf(promotion, written),
    gates: [gate('performance', written), gate('fairness', written), gate('security', written)],
    use: USE,
    // No repository stands behind the example: a label in the form of a commit, the same for the same version.
    code: { repository: 'german-credit-example', commit: sha256Hex(`german-credit ${version.id}`).slice(0, 40) },
    pipelineRun: { system: 'example-pipeline', id: `${written.line}-${version.id}` },
  };
}

const BASELINE = {
  name: 'grant everybody',
  description: 'No model decides on this line yet; without one every application would be granted.',
};

export const rolesOf = (version: Version): Manifest['model']['roles'] => {
  const roles: Manifest['model']['roles'] = {};
  for (const { path, role } of version.facts.model.files) {
    if (role === 'weights' || role === 'config' || role === 'preprocessor') roles[path.replace(/^model\//, '')] = role;
  }
  return roles;
};
