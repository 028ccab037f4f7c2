import { ppmDown, ppmUp } from '../domain/decimal.ts';
import type { Diff, DiffDimensions, Dimension, Fewer, MetricFigure, PsiFigure, Side, Standing } from '../domain/diff.ts';
import type { RoutingInput } from './input.ts';

/** Names, not the line itself: what is registered for a line is policy data, never sent along. */
export type RouteFacts = {
  readonly diff: Diff;
  readonly line: string;
  readonly environment: string;
  readonly evaluatedAtDay: number;
};

/** A figure is "the more, the heavier": rounded up. A missing one stays null, which no rule takes for health. */
const figure = (value: string | null | undefined): number | null => (typeof value === 'string' ? ppmUp(value) : null);
const limit = (value: string | null | undefined): number | null => (typeof value === 'string' ? ppmDown(value) : null);

/** "0.5" and "0.50" are one threshold; done on the text, so that no digit is lost. */
const plain = (decimal: string): string => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal);

const psi = ({ name, psi, null99, n, m, bins }: PsiFigure) => ({
  name,
  psi_ppm: figure(psi),
  null99_ppm: figure(null99),
  n,
  m,
  bins,
});

const metric = ({ name, candidate, baseline, worse, n, limit: sealed, source }: MetricFigure) => ({
  name,
  candidate_ppm: figure(candidate),
  baseline_ppm: figure(baseline),
  worse_ppm: figure(worse),
  n,
  limit_ppm: limit(sealed),
  source,
});

/** One dimension: own figures as given, and each side's figures, or null where the side has none. */
function both<F, Own, OwnIn, FigureIn>(
  dimension: Dimension<Own, F>,
  own: (figures: Own) => OwnIn,
  figures: (figures: Partial<F>) => FigureIn,
) {
  const side = (from: Side<F>) => ({
    state: from.state,
    why: from.state === 'unknown' ? [...from.why] : [],
    figures: figures('figures' in from ? from.figures : {}),
  });
  return {
    state: dimension.state,
    why: [...(dimension.why ?? [])],
    figures: own(dimension.figures),
    against: { incumbent: side(dimension.against.incumbent), lastHumanApproved: side(dimension.against.lastHumanApproved) },
  };
}

const none = () => ({});
const same = <T>(value: T): T => value;

/** Spelled out per dimension: a new key of the diff reaches the policy only when somebody writes it here. */
export function routingInputOf({ diff, line, environment, evaluatedAtDay }: RouteFacts): RoutingInput {
  return {
    schema: 'routing-input/v0',
    line,
    environment,
    evaluatedAtDay,
    ...modelOf(diff),
    ...inputsOf(diff),
    ...populationsOf(diff),
    ...resultsOf(diff),
    ...circumstancesOf(diff),
    artefact: artefactOf(diff.artefact),
  };
}

const modelOf = (diff: Diff) => ({
  modelClass: both(diff.modelClass, same, (f) => ({ class: f.class ?? null, family: f.family ?? null })),
  hyperparameters: both(diff.hyperparameters, none, (f) => ({
    changed: f.changed ?? null,
    added: f.added ?? null,
    removed: f.removed ?? null,
  })),
  loss: both(diff.loss, same, (f) => ({ loss: f.loss ?? null })),
  calibration: both(diff.calibration, same, (f) => ({ calibration: f.calibration ?? null })),
  decisionRule: both(diff.decisionRule, same, (f) => ({
    thresholds: f.thresholds ? { from: f.thresholds.from.map(plain), to: f.thresholds.to.map(plain) } : null,
    actionsChanged: f.actionsChanged ?? null,
    scoreChanged: f.scoreChanged ?? null,
    adverseActionChanged: f.adverseActionChanged ?? null,
    flips: f.flips
      ? {
          rows: f.flips.rows,
          changed: f.flips.changed,
          rate_ppm: figure(f.flips.rate),
          toAdverse: f.flips.toAdverse,
          fromAdverse: f.flips.fromAdverse,
        }
      : null,
  })),
});

const inputsOf = (diff: Diff) => ({
  features: both(diff.features, same, (f) => ({
    added: f.added ?? null,
    removed: f.removed ?? null,
    retyped: f.retyped ?? null,
    reordered: f.reordered ?? null,
    relabelled: f.relabelled ?? null,
  })),
  protected: both(diff.protected, same, (f) => ({ changed: f.changed ?? null })),
  transforms: both(diff.transforms, none, (f) => ({ changed: f.changed ?? null })),
});

const populationsOf = (diff: Diff) => ({
  population: both(diff.population, same, (f) => ({
    score: f.score ? psi(f.score) : null,
    features: f.features?.map(psi) ?? null,
    filters: f.filters ?? null,
    scored: f.scored ?? null,
  })),
  segments: both(diff.segments, same, (f) => ({
    shares: f.shares?.map(psi) ?? null,
    within: f.within?.map((at) => ({ ...psi(at), segment: at.segment, value: at.value })) ?? null,
  })),
});

const resultsOf = (diff: Diff) => ({
  metrics: both(diff.metrics, same, (f) => ({
    overall: f.overall?.map(metric) ?? null,
    segments:
      f.segments?.map((at) => ({
        segment: at.segment,
        protected: at.protected,
        n: at.n,
        metrics: at.metrics.map(metric),
      })) ?? null,
    notJudged:
      f.notJudged?.map(({ what, n, minimum, null99, pooled }) => ({
        what,
        n,
        minimum,
        null99_ppm: figure(null99),
        pooled,
      })) ?? null,
  })),
  evaluation: both(diff.evaluation, same, (f) => ({ slice: f.slice ?? null, changed: f.changed ?? null })),
  fairness: both(diff.fairness, none, (f) => ({
    ratios:
      f.ratios?.map((at) => ({
        segment: at.segment,
        candidate_ppm: figure(at.candidate),
        baseline_ppm: figure(at.baseline),
        worse_ppm: figure(at.worse),
        protected: at.protected,
      })) ?? null,
  })),
});

const standingOf = ({ suspended, drift }: Standing) => ({
  suspended: suspended !== null,
  drift: drift.map(({ event, answered, measured }) => ({
    event,
    answered,
    measured: measured.map(({ what, name, psi, n, known }) => ({ what, name, psi_ppm: figure(psi), n, known })),
  })),
});

/** Millionths, rounded down: the less is left, the heavier. */
const share = ({ from, to }: Fewer): number => Number((BigInt(to) * 1_000_000n) / BigInt(from));

const circumstancesOf = (diff: Diff) => ({
  trainingWindow: both(diff.trainingWindow, same, (f) => ({
    fromDay: f.fromDay ?? null,
    toDay: f.toDay ?? null,
    filters: f.filters ?? null,
    ...(f.rows ? { rows_ppm: share(f.rows) } : {}),
    ...(f.days ? { days_ppm: share(f.days) } : {}),
  })),
  use: both(diff.use, none, (f) => ({ changed: f.changed ?? null })),
  terms: both(diff.terms, none, (f) => ({
    loosened: f.loosened ?? null,
    tightened: f.tightened ?? null,
    families: f.families ?? null,
    carried: f.carried ?? null,
  })),
  gates: both(diff.gates, same, none),
  evidence: both(diff.evidence, same, none),
  history: both(
    diff.history,
    ({ standing, ...own }) => ({ ...own, ...(standing ? { standing: standingOf(standing) } : {}) }),
    none,
  ),
});

const artefactOf = (artefact: DiffDimensions['artefact']) =>
  both(artefact, same, (f) => ({
    name: f.name ?? null,
    library: f.library ?? null,
    added: f.added ?? null,
    removed: f.removed ?? null,
    roles: f.roles ?? null,
    changed: f.changed ?? null,
  }));
