import { type Decision, type Finding, PATHS, type Path } from '../domain/routing.ts';
import type { Past } from './types.ts';

/** `holds`, `approvals`, `reasons`: the path is the same, and what else differs, the gravest first. */
export const KINDS = ['heavier', 'lighter', 'holds', 'approvals', 'reasons', 'unchanged'] as const;
export type Kind = (typeof KINDS)[number];

export type FigureChange = {
  readonly code: string;
  readonly pointer: string;
  readonly observed: Finding['observed'];
  readonly unit: Finding['unit'];
  readonly oldLimit: Finding['limit'];
  readonly newLimit: Finding['limit'];
};

/** What becomes of one input when the head pack decides instead of the base pack. */
export type Change = {
  readonly kind: Kind;
  readonly from: Path;
  readonly to: Path;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly figures: readonly FigureChange[];
  readonly newHolds: readonly string[];
  readonly newApprovers: readonly string[];
  readonly goneApprovers: readonly string[];
  /** What asks for less than before: codes of rules, holds and obligations, or `approvals`, `expiry`, `sign-in`, `answer`. Empty: nothing does. */
  readonly loosened: readonly string[];
};

/** `today`: the same promotion announced today, where that gives another change (waivers that ran out, dates reached). */
export type Row = Omit<Past, 'input'> & Change & { readonly today: Change | null };

/** What a comparison looks at: a decision, or the routing it was sealed as. */
export type Decided = Omit<Decision, 'schema'>;

const minus = (all: readonly string[], without: readonly string[]): string[] => [
  ...new Set(all.filter((one) => !without.includes(one))),
];

const weight = (path: Path): number => PATHS.indexOf(path);
const codesOf = (decision: Decided): string[] => decision.findings.map(({ code }) => code);
const holdsOf = (decision: Decided): string[] => decision.holds.map(({ code, artefact }) => `${code} ${artefact}`);
const approversOf = (decision: Decided): string[] => decision.groups.map(({ role, min, from }) => `${min} ${role} of ${from}`);
const obligationsOf = (decision: Decided): string[] => decision.obligations.map(({ code }) => code);

export function changeOf(base: Decided, head: Decided): Change {
  const added = minus(codesOf(head), codesOf(base));
  const removed = minus(codesOf(base), codesOf(head));
  const change = {
    from: base.path,
    to: head.path,
    added,
    removed,
    figures: figuresOf([...added, ...removed], base, head),
    newHolds: minus(holdsOf(head), holdsOf(base)),
    newApprovers: minus(approversOf(head), approversOf(base)),
    goneApprovers: minus(approversOf(base), approversOf(head)),
    loosened: loosenedBy(base, head),
  };
  return { kind: kindOf(base, head, change), ...change };
}

function kindOf(base: Decided, head: Decided, change: Omit<Change, 'kind'>): Kind {
  if (weight(head.path) !== weight(base.path)) return weight(head.path) > weight(base.path) ? 'heavier' : 'lighter';
  if (change.newHolds.length > 0 || minus(holdsOf(base), holdsOf(head)).length > 0) return 'holds';
  const asked = [change.newApprovers, change.goneApprovers].some((list) => list.length > 0);
  const owed = obligationsOf(base).toSorted().join() !== obligationsOf(head).toSorted().join();
  const times = [base, head].map(({ expiresAfterDays, stepUpMinutes, sla }) =>
    JSON.stringify([expiresAfterDays, stepUpMinutes, sla]),
  );
  if (asked || owed || times[0] !== times[1]) return 'approvals';
  return change.added.length + change.removed.length + change.loosened.length > 0 ? 'reasons' : 'unchanged';
}

/**
 * A path that stays can hide a rule that got weaker: the next promotion would have needed it. So each dimension is compared
 * on its own, and losing a recorded finding counts too.
 */
function loosenedBy(base: Decided, head: Decided): string[] {
  const dimensions = [...new Set(base.findings.map(({ dimension }) => dimension))];
  const weaker = dimensions.flatMap((dimension) => {
    const of = (decision: Decided) => decision.findings.filter((finding) => finding.dimension === dimension);
    const heaviest = (findings: readonly Finding[]) => Math.max(-1, ...findings.map(({ minPath }) => weight(minPath)));
    const [before, after] = [of(base), of(head)];
    if (heaviest(after) >= heaviest(before)) return [];
    return before.filter(({ minPath }) => weight(minPath) > heaviest(after)).map(({ code }) => code);
  });
  // Another path asks other people, for other papers, with other time: that follows from the path and is no loss of its own.
  if (base.path !== head.path) return [...new Set(weaker)].sort();
  return [
    ...new Set([
      ...weaker,
      ...minus(holdsOf(base), holdsOf(head)).map((hold) => hold.split(' ')[0] ?? hold),
      ...minus(obligationsOf(base), obligationsOf(head)),
      ...(asksFewer(base, head) ? ['approvals'] : []),
      ...(head.expiresAfterDays > base.expiresAfterDays ? ['expiry'] : []),
      ...(longer(base.stepUpMinutes, head.stepUpMinutes) ? ['sign-in'] : []),
      ...(longer(base.sla?.respondWithinHours, head.sla?.respondWithinHours) || callsFewer(base, head) ? ['answer'] : []),
    ]),
  ].sort();
}

/** Undefined sets no time at all, so nothing is longer than it. */
const longer = (before: number | undefined, after: number | undefined): boolean =>
  before !== undefined && (after === undefined || after > before);

const callsFewer = ({ sla: before }: Decided, { sla: after }: Decided): boolean =>
  minus(before?.escalateTo ?? [], after?.escalateTo ?? []).length > 0;

const asksFewer = (base: Decided, head: Decided): boolean =>
  base.groups.some(({ role, min, from }) => {
    const same = head.groups.find((group) => group.role === role && group.from === from);
    return same === undefined || same.min < min;
  });

type Measure = Pick<Finding, 'code' | 'pointer' | 'observed' | 'limit' | 'unit'>;

/** Everything a decision says it measured, whether the rule fired or not. */
export const measuresOf = (decision: Decided): Measure[] => [
  ...decision.findings,
  ...decision.cleared.flatMap(({ headroom }) => headroom),
];

/** The one that weighs most first: that is what moved the path. */
function figuresOf(codes: readonly string[], base: Decided, head: Decided): FigureChange[] {
  const weighs = ({ code }: FigureChange) =>
    Math.max(...[...base.findings, ...head.findings].filter((one) => one.code === code).map(({ minPath }) => weight(minPath)));
  return codes
    .map((code) => figureOf(code, base, head))
    .filter((figure) => figure !== undefined)
    .toSorted((a, b) => weighs(b) - weighs(a));
}

function figureOf(code: string, base: Decided, head: Decided): FigureChange | undefined {
  const [before, after] = [measuresOf(base), measuresOf(head)];
  const fired = [...head.findings, ...base.findings].filter((finding) => finding.code === code);
  const [shown] = fired.toSorted((a, b) => weight(b.minPath) - weight(a.minPath) || Number(b.observed) - Number(a.observed));
  if (shown === undefined) return undefined;
  const limitIn = (measures: readonly Measure[]) =>
    measures.find((one) => one.code === code && one.pointer === shown.pointer)?.limit ?? null;
  const { pointer, observed, unit } = shown;
  return { code, pointer, observed, unit, oldLimit: limitIn(before), newLimit: limitIn(after) };
}
