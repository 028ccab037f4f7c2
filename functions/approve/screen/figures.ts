import { DIMENSIONS, type Diff, type DimensionName, type Why } from '../../domain/diff.ts';
import type { Finding, Path } from '../../domain/routing.ts';

/** No version was active or approved there before: said once at the top, and nothing below repeats it. */
export const isFirst = (diff: Diff): boolean =>
  DIMENSIONS.every((name) => {
    const { incumbent, lastHumanApproved } = diff[name].against;
    return incumbent.state === 'none' && (lastHumanApproved.state === 'none' || lastHumanApproved.state === 'asIncumbent');
  });

/** 100000 → 0.100000, on the digits, so that no float rounds what was sealed. */
export function fromPpm(ppm: number): string {
  const digits = String(Math.abs(ppm)).padStart(7, '0');
  return `${ppm < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

export function figure(value: Finding['observed'], unit: Finding['unit']): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (unit === 'ppm') return fromPpm(value);
  return unit === 'days' ? `${value} days` : String(value);
}

export const UNITS: Record<Finding['unit'], string> = {
  ppm: 'decimal',
  count: 'count',
  days: 'days',
  text: 'text',
  none: 'no unit',
};

export const ASKS: Record<Path, string> = {
  automated: 'recorded only, asks for nobody',
  reviewer: 'asks for a reviewer',
  committee: 'asks for the committee',
};

export const DIMENSION_WORDS: Record<DimensionName | 'engine', string> = {
  modelClass: 'Model class',
  hyperparameters: 'Hyperparameters',
  loss: 'Loss function',
  features: 'Features',
  protected: 'Protected attributes and proxies',
  transforms: 'Feature transforms',
  population: 'Population',
  segments: 'Segments',
  decisionRule: 'Decision rule',
  calibration: 'Calibration',
  metrics: 'Metrics',
  evaluation: 'Evaluation regime',
  fairness: 'Fairness',
  trainingWindow: 'Training window',
  use: 'Intended use',
  terms: 'Terms for the next promotion',
  gates: 'Validation gates',
  evidence: 'Evidence',
  history: 'History',
  artefact: 'Model files, name and library',
  engine: 'Policy engine',
};

export const WHY_WORDS: Record<Why, string> = {
  'no-incumbent': 'there is no incumbent to compare with',
  'line-unknown': 'model risk registered no such line',
  'baseline-event-unreadable': 'the sealed event of the baseline cannot be read',
  'profile-missing': 'the candidate sent no profile of its population',
  'profile-unreadable': 'the profile cannot be read',
  'baseline-profile-missing': 'the baseline sealed no profile',
  'not-at-baseline-edges': "the rows were not counted at the baseline's sealed edges",
  'score-column-missing': "the baseline's score was not computed over this population",
  'feature-column-missing': 'a feature has no column in the profile',
  'share-missing': 'a segment has no shares in the profile',
  'kind-changed': 'a column changed between numeric and categorical',
  'sample-below-minimum': 'the sample is below the minimum',
  'predictions-missing': 'no predictions were sent, so nothing could be recomputed',
  'predictions-unreadable': 'the predictions cannot be read',
  'scores-of-baseline-missing': "the predictions lack the baseline's scores",
  'metric-missing': 'a metric of the baseline is missing',
  'model-bytes-elsewhere': 'weights, config or preprocessor lie outside the vault',
  'executable-added': 'the model brings a program that the incumbent did not have',
  'scores-not-of-these-weights':
    "the weights differ, yet every score is the baseline's own: they were not made by these weights",
  'lineage-in-doubt': 'the sealed events behind the incumbent do not lead to its last approval by people',
  'metric-not-defined': 'a metric is not defined on these rows',
  'segment-not-judged': 'a segment is too small to judge and not covered by the pooled rest',
};

/** 20414 → 2025-11-22 */
export const dayOf = (epochDay: number): string => new Date(epochDay * 86_400_000).toISOString().slice(0, 10);

/** Code-unit order: `localeCompare` would follow the machine's language. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The names met on the way of a pointer into the routing input, so that /features/3 also says which feature. */
export function namesAt(input: unknown, pointer: string): string {
  const names: string[] = [];
  let here = input;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof here !== 'object' || here === null) break;
    here = (here as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    if (typeof here !== 'object' || here === null) break;
    for (const key of ['name', 'segment', 'value', 'path']) {
      const name = (here as Record<string, unknown>)[key];
      if (typeof name === 'string' && !names.includes(name)) names.push(name);
    }
  }
  return names.join(' · ');
}
