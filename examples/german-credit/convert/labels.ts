// The data has no dates. Days, families and sources are labels; the README says so.

export const NAME = 'german-credit-pd';
export const SEGMENTS = ['age_band', 'sex_as_labelled', 'foreign_worker'] as const;
export const PROTECTED = ['age_band', 'sex_as_labelled', 'foreign_worker'] as const;
export const METRICS = ['auc', 'ks', 'brier', 'log_loss', 'approval_rate'] as const;
export const POSITIVE = '1';
export const EVALUATION = 'evaluation-2026-q3';

type Window = { from: string; to: string };

/** A monthly retrain rolls the window a little forward. None reaches into the quarter that evaluates: that would be leakage. */
export const WINDOWS: Readonly<Record<string, Window>> = {
  'train-2026-07': { from: '2025-01-01', to: '2026-03-31' },
  'train-2026-10-roll30': { from: '2025-02-01', to: '2026-04-30' },
  'train-2026-10-window10': { from: '2025-02-01', to: '2026-04-30' },
  'train-2026-10-roll45': { from: '2025-03-01', to: '2026-05-31' },
  'train-2026-10-roll60': { from: '2025-04-01', to: '2026-06-30' },
  'validation-2026-07': { from: '2025-01-01', to: '2026-03-31' },
  'evaluation-2026-q3': { from: '2026-07-01', to: '2026-09-30' },
  'reference-development': { from: '2025-01-01', to: '2026-06-30' },
  'current-2026-10': { from: '2026-10-01', to: '2026-10-31' },
  'current-2026-10-campaign': { from: '2026-10-01', to: '2026-10-31' },
  'current-2026-10-riskier': { from: '2026-10-01', to: '2026-10-31' },
  'current-step1': { from: '2026-08-01', to: '2026-08-31' },
  'current-step2': { from: '2026-09-01', to: '2026-09-30' },
  'current-step3': { from: '2026-10-01', to: '2026-10-31' },
};

/** The boosted trees' "binary_logloss" is the same function under another library's name. */
export const lossOf = (loss: string): string => (loss === 'binary_logloss' ? 'log_loss' : loss);

export const FAMILY = { logistic_regression: 'generalised-linear', gradient_boosting: 'boosted-trees' } as const;

/** The limits a committee sets with the first version, for the promotion after it. */
export const BANDS = [
  { metric: 'auc', maxWorse: '0.02' },
  { metric: 'auc', segment: '*', maxWorse: '0.03' },
  { metric: 'approval_rate', maxWorse: '0.10' },
];

/**
 * Populations that are part of one of the source: without the last rows of a segment value. The campaign brings fewer of the
 * young than the source's draw, so that the share of the age band moves and age as an input stays within its own limit.
 */
export const PARTS: Readonly<Record<string, { of: string; column: string; value: string; without: number }>> = {
  'current-2026-10-campaign': { of: 'current-2026-10-young', column: 'age_band', value: '18-25', without: 12 },
};

export const USE = {
  intended: 'Decide on applications for consumer instalment loans',
  context: 'consumer-loans-origination',
  population: 'Adults who apply for an instalment loan',
};
