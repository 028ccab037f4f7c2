// Boundary ghosts: history may hold nothing between the old and the new limit, so inputs are made that do.
import { type Decision, PATHS } from '../domain/routing.ts';
import { type Change, changeOf, measuresOf } from './change.ts';
import { type ChangedDatum, leavesOf, reads, valueAt, withValue } from './numbers.ts';
import type { Past, Side } from './types.ts';

export type GhostPoint = Pick<Change, 'kind' | 'from' | 'to' | 'loosened'> & {
  readonly value: number;
  /** The rules that ask for the path at head, or did at base when head asks for less. */
  readonly decides: readonly string[];
};

/** One changed number, tried on one past promotion. */
export type Ghost = {
  readonly pointer: string;
  readonly rule: string;
  readonly seed: string;
  readonly figure: string;
  readonly points: readonly GhostPoint[];
};

type Tried = { readonly ghosts: readonly Ghost[]; readonly path: number; readonly attempts: number };
/** Looking through every figure of an input is slow; after so many promotions that did not help, no other will. */
const SEARCHES = 3;

/** Finds, while the history streams past, the promotion that shows each changed number best: the lightest one. */
export class Ghosts {
  readonly #base: Side;
  readonly #head: Side;
  readonly #changed: readonly ChangedDatum[];
  readonly #best = new Map<string, Tried>();

  constructor(base: Side, head: Side, changed: readonly ChangedDatum[]) {
    this.#base = base;
    this.#head = head;
    this.#changed = changed;
  }

  offer(past: Past, base: Decision, head: Decision): void {
    const path = PATHS.indexOf(base.path);
    for (const datum of this.#changed.filter(isNumber)) {
      const before = this.#best.get(datum.pointer) ?? { ghosts: [], path: PATHS.length, attempts: 0 };
      if (path >= before.path) continue;
      const search = before.attempts < SEARCHES;
      const ghosts = this.#rulesOf(datum).flatMap((rule) => this.#tryOn(datum, rule, past, [base, head], search));
      if (ghosts.length > 0) this.#best.set(datum.pointer, { ghosts, path, attempts: 0 });
      else this.#best.set(datum.pointer, { ...before, attempts: before.attempts + 1 });
    }
  }

  /** `untested`: data that no input could be made for. Nobody knows what changing it does, and the report says so. */
  result(): { readonly ghosts: readonly Ghost[]; readonly untested: readonly string[] } {
    const ghosts = this.#changed.flatMap(({ pointer }) => this.#best.get(pointer)?.ghosts ?? []);
    const untested = this.#changed.map(({ pointer }) => pointer).filter((at) => !ghosts.some((ghost) => ghost.pointer === at));
    return { ghosts, untested };
  }

  #rulesOf({ pointer }: ChangedDatum): string[] {
    const rules = [...this.#base.rules, ...this.#head.rules].filter(([, rule]) => reads(rule, pointer));
    return [...new Set(rules.map(([code]) => code))].sort();
  }

  #tryOn(datum: ChangedDatum, rule: string, past: Past, decisions: readonly [Decision, Decision], search: boolean): Ghost[] {
    const figure = this.#measured(datum, rule, decisions) ?? (search ? this.#searched(datum, rule, past) : undefined);
    if (figure === undefined) return [];
    const points = valuesAround(datum).map((value) => this.#pointAt(withValue(past.input, figure, value), value, rule));
    return [{ pointer: datum.pointer, rule, seed: past.id, figure, points }];
  }

  /** Where the rule says it measured against this very number; a tighter sealed band elsewhere would hide it. */
  #measured({ from, to }: ChangedDatum, rule: string, [base, head]: readonly [Decision, Decision]): string | undefined {
    const against = (decision: Decision, limit: unknown) =>
      measuresOf(decision).find((one) => one.code === rule && typeof one.observed === 'number' && one.limit === limit)?.pointer;
    return (
      (typeof from === 'number' ? against(base, from) : undefined) ?? (typeof to === 'number' ? against(head, to) : undefined)
    );
  }

  /** A rule that only speaks when it fires: put the number just over the limit in each figure until it does. */
  #searched(datum: ChangedDatum, rule: string, past: Past): string | undefined {
    for (const side of [this.#base, this.#head]) {
      const limit = side === this.#base ? datum.from : datum.to;
      if (typeof limit !== 'number') continue;
      for (const [pointer, value] of leavesOf(past.input)) {
        if (typeof value !== 'number' || pointer === '/evaluatedAtDay') continue;
        const decision = side.decide(withValue(past.input, pointer, limit + 1));
        const fired = decision.findings.find((finding) => finding.code === rule && finding.limit === limit);
        if (fired && typeof valueAt(past.input, fired.pointer) === 'number') return fired.pointer;
      }
    }
    return undefined;
  }

  #pointAt(input: unknown, value: number, rule: string): GhostPoint {
    const [base, head] = [this.#base.decide(input), this.#head.decide(input)];
    const { kind, from, to, loosened } = changeOf(base, head);
    const asking = kind === 'lighter' ? base : head;
    const decides = asking.findings.filter(({ minPath, code }) => minPath === asking.path || code === rule);
    return { value, kind, from, to, loosened, decides: [...new Set(decides.map(({ code }) => code))].sort() };
  }
}

const isNumber = ({ from, to }: ChangedDatum): boolean => typeof from === 'number' || typeof to === 'number';

/** On both limits, one past each, and between: `>` and `>=` differ only there. */
function valuesAround({ from, to }: ChangedDatum): number[] {
  const known = [from, to].filter((limit) => typeof limit === 'number');
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return [...new Set([low, low + 1, Math.floor((low + high) / 2), high, high + 1])].sort((a, b) => a - b);
}
