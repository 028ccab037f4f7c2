// The smallest change of a single figure that would have sent a promotion to more people (R18a): a dispute's first question.
import { type Decision, type Finding, type Headroom, PATHS, type Path } from '../domain/routing.ts';
import { withValue } from './numbers.ts';

export type Nearest = Headroom & {
  /** The figure at which another path would have been taken, and which. */
  readonly fires: number;
  readonly path: Path;
  readonly because: readonly Finding['code'][];
};

/** Relative to the limit, so that days, counts and millionths can be compared. */
const relative = ({ observed, limit }: Headroom): number =>
  typeof observed === 'number' && typeof limit === 'number'
    ? Math.abs(limit - observed) / Math.max(1, Math.abs(limit))
    : Number.POSITIVE_INFINITY;

/** Tried, not guessed: the figure is put past its limit and the same policy decides again. Undefined: no single figure would. */
export function nearestEscalation(input: unknown, decide: (input: unknown) => Decision): Nearest | undefined {
  const decision = decide(input);
  const weight = (path: Path) => PATHS.indexOf(path);
  const rooms = decision.cleared
    .flatMap(({ headroom }) => headroom)
    .filter((room) => Number.isFinite(relative(room)))
    .toSorted((a, b) => relative(a) - relative(b));
  for (const room of rooms) {
    // A limit may be the last value allowed or the first forbidden, and a few are floors.
    for (const fires of [0, 1, -1].map((step) => Number(room.limit) + step)) {
      const again = decide(withValue(input, room.pointer, fires));
      if (weight(again.path) <= weight(decision.path)) continue;
      const because = again.findings.filter(({ minPath }) => minPath === again.path).map(({ code }) => code);
      return { ...room, fires, path: again.path, because: [...new Set(because)].sort() };
    }
  }
  return undefined;
}
