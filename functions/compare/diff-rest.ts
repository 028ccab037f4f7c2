import type { DecisionRule } from '../domain/decision-rule.ts';
import type { DiffDimensions, Fewer, Standing, Why } from '../domain/diff.ts';
import type { Digest } from '../domain/digest.ts';
import { flipsBetween } from '../domain/measure/metrics.ts';
import { type PromotionRequest, slicesOf } from '../domain/request.ts';
import { isRegistered } from '../domain/standing.ts';
import type { Terms } from '../domain/terms.ts';
import { epochDay } from '../domain/text.ts';
import { bandChanges } from './bands.ts';
import { scoresAreCopied } from './diff-artefact.ts';
import { baselineScores, type Material, type Who } from './material.ts';
import { byText, dimension, equalOr, ownFacts } from './sides.ts';
import { filterChange, leaksOf } from './slices.ts';
import type { Baseline, Comparison } from './types.ts';

type RestDimensions = 'decisionRule' | 'evaluation' | 'trainingWindow' | 'use' | 'terms' | 'gates' | 'evidence' | 'history';

/** How scores become actions, and the circumstances of this promotion. */
export function restDimensions(c: Comparison, m: Material): Pick<DiffDimensions, RestDimensions> {
  const { request } = c;
  return {
    decisionRule: decisionRule(c, m),
    evaluation: evaluation(c),
    trainingWindow: trainingWindow(c),
    use: dimension(c, {}, ({ request: before }) => {
      const changed = (['intended', 'context', 'population'] as const).filter((key) => before.use[key] !== request.use[key]);
      return equalOr(changed.length === 0, { changed });
    }),
    terms: terms(c),
    gates: ownFacts(c, {
      results: request.gates
        .map(({ name, kind, result }) => ({ name, kind, result }))
        .sort(byText(({ name, kind, result }) => JSON.stringify([name, kind, result]))),
    }),
    evidence: evidence(c, m),
    history: history(c),
  };
}

function history(c: Comparison): DiffDimensions['history'] {
  const facts = ownFacts(c, {
    incumbent: c.incumbent?.event ?? null,
    lastHumanApproved: c.lastHumanApproved?.event ?? null,
    automatedSinceHuman: c.automatedSinceHuman,
    daysSinceHuman: c.lastHumanApproved && epochDay(c.receivedAt) - epochDay(c.lastHumanApproved.decidedAt),
    // No key where no stage is registered, and none where nothing stands: such diffs are the same as without either.
    ...(c.predecessor ? { predecessor: { ...c.predecessor } } : {}),
    ...(c.standing.length === 0 ? {} : { standing: standing(c) }),
  });
  const doubt = c.incumbent !== null && c.automatedSinceHuman === null;
  return doubt ? { ...facts, state: 'unknown', why: [...(facts.why ?? []), 'lineage-in-doubt'] } : facts;
}

function standing({ standing: facts, request, line }: Comparison): Standing {
  const figures: Standing = { suspended: null, drift: [] };
  for (const { event, record } of facts) {
    if (record.kind === 'suspension') {
      figures.suspended = event;
      continue;
    }
    const measured = record.measured.map((one) => {
      const name = one.what === 'score' ? null : one.name;
      return { what: one.what, name, psi: one.psi, n: one.n, known: one.what !== 'segment' || isRegistered(line, one.name) };
    });
    figures.drift.push({ event, answered: request.answers?.includes(event) ?? false, measured });
  }
  return figures;
}

/** What is at hand to judge by. Bytes nobody here can read, and a program nobody compared, are in doubt, not in order. */
function evidence(c: Comparison, m: Material): DiffDimensions['evidence'] {
  const { request, incumbent } = c;
  const facts = ownFacts(c, {
    predictions: request.predictions !== undefined,
    explanations: request.explanation
      .map(({ kind, slice }) => ({ kind, slice: slice as string }))
      .sort(byText(({ kind, slice }) => `${kind} ${slice}`)),
    profiles: request.profiles.length,
  });
  const runs = (files: PromotionRequest['model']['files']) => files.some(({ role }) => role === 'executable');
  const why: Why[] = [...(facts.why ?? [])];
  const bound = request.model.files.filter(({ role }) => role !== 'executable' && role !== 'other');
  if (bound.some(({ custody }) => custody !== 'vault')) why.push('model-bytes-elsewhere');
  if (incumbent && runs(request.model.files) && !runs(incumbent.request.model.files)) why.push('executable-added');
  if (scoresAreCopied(c, m)) why.push('scores-not-of-these-weights');
  return why.length === 0 ? facts : { ...facts, state: 'unknown', why };
}

/** "0.5" and "0.50" are one threshold. */
const number = (text: string): string => String(Number(text));
const actionsOf = (rule: DecisionRule): string =>
  JSON.stringify(rule.actions.map(({ from, to, action }) => [number(from), number(to), action]));
const textOf = (items: readonly string[]): string => JSON.stringify([...new Set(items)].sort());

/**
 * Flips compare each version's own scores under its own rule, so an unchanged rule is `same` only when nobody's outcome
 * moved. Without both scores they are null, which says nothing about them.
 */
function decisionRule(c: Comparison, m: Material): DiffDimensions['decisionRule'] {
  const rule = c.request.decisionRule;
  return dimension(c, { adverseAction: [...rule.adverseAction].sort() }, (baseline, who) => {
    const before = baseline.request.decisionRule;
    const flips = flipsOf(c, m, baseline, who);
    const figures = {
      thresholds: { from: [...before.thresholds] as string[], to: [...rule.thresholds] as string[] },
      actionsChanged: actionsOf(before) !== actionsOf(rule),
      scoreChanged: before.score !== rule.score,
      adverseActionChanged: textOf(before.adverseAction) !== textOf(rule.adverseAction),
      flips,
    };
    const moved = JSON.stringify(before.thresholds.map(number)) !== JSON.stringify(rule.thresholds.map(number));
    if (moved || figures.actionsChanged || figures.scoreChanged || figures.adverseActionChanged) {
      return { state: 'differs', figures };
    }
    return { state: flips?.changed === 0 ? 'same' : 'measured', figures };
  });
}

function flipsOf(c: Comparison, { predictions }: Material, baseline: Baseline, who: Who) {
  if (typeof predictions === 'string') return null;
  const scores = baselineScores(c, predictions, baseline, who);
  if (typeof scores === 'string') return null;
  return flipsBetween(
    { rule: baseline.request.decisionRule, scores },
    { rule: c.request.decisionRule, scores: predictions.candidate },
  );
}

function evaluation(c: Comparison): DiffDimensions['evaluation'] {
  const regime = c.request.evaluationRegime;
  const slice = (digest: Digest): string => digest;
  const own = { method: regime.method, slice: slice(regime.slice), leaks: leaksOf(c.request) };
  return dimension(c, own, ({ request }) => {
    const before = request.evaluationRegime;
    const changed: string[] = (['method', 'rowId', 'label', 'positive'] as const).filter((key) => before[key] !== regime[key]);
    if (textOf(before.metrics) !== textOf(regime.metrics)) changed.push('metrics');
    const filters = filterChange(request, c.request, ['evaluation']);
    if (filters.from !== filters.to) changed.push('filters');
    return equalOr(changed.length === 0 && before.slice === regime.slice, {
      slice: { from: slice(before.slice), to: slice(regime.slice) },
      changed,
    });
  });
}

/** First and last day of the rows the model learned from, over all its training slices; a request has at least one. */
function windowOf(request: PromotionRequest): { fromDay: number; toDay: number } {
  const train = slicesOf(request, 'train');
  return {
    fromDay: Math.min(...train.map(({ window }) => epochDay(window.from))),
    toDay: Math.max(...train.map(({ window }) => epochDay(window.to))),
  };
}

/** Figures of a side are the baseline's window. A retrain always moves it, so that alone is no difference to judge; another choice of rows is. */
function trainingWindow(c: Comparison): DiffDimensions['trainingWindow'] {
  const now = windowOf(c.request);
  const judged = c.rules.has('TRW-003'); // and with it the other three that came on the same day
  return dimension(c, { ...now, ...(judged ? doubtsAbout(c) : {}) }, ({ request }) => {
    const before = windowOf(request);
    const filters = filterChange(request, c.request, ['train', 'validation']);
    const less = judged ? lessThan(request, c.request) : {};
    const figures = { ...before, filters, ...less };
    if (filters.from !== filters.to) return { state: 'differs', figures };
    const same = before.fromDay === now.fromDay && before.toDay === now.toDay;
    return { state: same ? 'same' : 'measured', figures };
  });
}

/** Rows and days to learn from, where there are fewer than at the baseline. */
function lessThan(before: PromotionRequest, after: PromotionRequest): { rows?: Fewer; days?: Fewer } {
  const rowsOf = (request: PromotionRequest) => slicesOf(request, 'train').reduce((sum, { rows }) => sum + rows, 0);
  const daysOf = (request: PromotionRequest) => {
    const { fromDay, toDay } = windowOf(request);
    return Math.max(0, toDay - fromDay + 1);
  };
  const rows = { from: rowsOf(before), to: rowsOf(after) };
  const days = { from: daysOf(before), to: daysOf(after) };
  return { ...(rows.to < rows.from ? { rows } : {}), ...(days.to < days.from ? { days } : {}) };
}

/** What no honest request has: rows of days that had not come, of any role, and training slices without a row. */
function doubtsAbout({ request, receivedAt }: Comparison): { ahead?: { slice: string; days: number }[]; empty?: string[] } {
  const ahead = request.dataset.flatMap(({ name, window }) => {
    const days = epochDay(window.to) - epochDay(receivedAt);
    return days > 0 ? [{ slice: name, days }] : [];
  });
  const empty = slicesOf(request, 'train').flatMap(({ name, rows }) => (rows === 0 ? [name] : []));
  return {
    ...(ahead.length > 0 ? { ahead: ahead.sort(byText(({ slice }) => slice)) } : {}),
    ...(empty.length > 0 ? { empty: empty.sort() } : {}),
  };
}

function terms(c: Comparison): DiffDimensions['terms'] {
  const after = c.request.terms;
  return dimension(c, {}, (baseline) => {
    const known = new Set(baseline.request.features.map(({ name }) => name));
    // A feature added now is judged as a feature. A family sealed for one that is not there yet is not: it would be known
    // by the time the feature comes.
    const addedNow = new Set(c.request.features.flatMap(({ name }) => (known.has(name) ? [] : [name])));
    const before = baseline.request.terms;
    const { loosened, tightened } = bandChanges(before, after);
    const families = familyChanges(before, after).filter(({ name }) => !addedNow.has(name));
    return equalOr(loosened.length + tightened.length + families.length === 0, {
      loosened,
      tightened,
      families,
      carried: after.carriedFrom === baseline.event,
    });
  });
}

export function familyChanges(before: Terms, after: Terms): { name: string; from: string; to: string }[] {
  const familyOf = ({ families }: Terms, name: string) => (Object.hasOwn(families, name) ? families[name] : undefined);
  const names = new Set([...Object.keys(before.families), ...Object.keys(after.families)]);
  return [...names].sort().flatMap((name) => {
    const [from, to] = [familyOf(before, name), familyOf(after, name)];
    return from === to ? [] : [{ name, from: from ?? 'none', to: to ?? 'none' }];
  });
}
