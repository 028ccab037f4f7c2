import { decilePositions, edgesAt } from './bins.ts';
import { type Blocks, countsIn, rankedIn } from './select.ts';

/** What is counted of one column whose numbers wait on the shelf, at its own deciles and at given cuts. */
export type WideJob = {
  readonly numbers: string;
  /** How many of them are not missing. */
  readonly present: number;
  readonly cuts: readonly (readonly number[])[];
  /** Segments to count apart: a shelf name of codes, one per row, and how many groups there are. */
  readonly within: readonly { readonly codes: string; readonly groups: number }[];
};

/** `counts`: first at the own edges, then at each of the cuts. `within`: the same per segment and group. */
export type WideCounts = {
  readonly edges: readonly number[];
  readonly counts: readonly (readonly number[])[];
  readonly within: readonly (readonly (readonly (readonly number[])[])[])[];
};

/**
 * Where numbers wait until all rows are read, since deciles are known only then. LAW: what `count` sees is what was put under
 * the name, in that order. Blocks of a name are equally long but for the last one, whatever the pieces that were put.
 */
export interface Shelf {
  put(name: string, values: Float64Array | Uint16Array): void;
  count(job: WideJob): Promise<WideCounts>;
}

export type CodeBlocks = (name: string) => () => Iterable<Uint16Array>;

export function wideCounts(job: WideJob, blocks: Blocks, codesOf: CodeBlocks): WideCounts {
  const edges = edgesIn(blocks, job.present);
  const cuts = [edges, ...job.cuts];
  const counts = countsIn(blocks, cuts).map(([all]) => all ?? []);
  const within = job.within.map(({ codes, groups }) => countsIn(blocks, cuts, { groups, blocks: codesOf(codes) }));
  return { edges, counts, within };
}

function edgesIn(blocks: Blocks, present: number): number[] {
  if (present === 0) return [];
  const positions = [...new Set([...decilePositions(present), present - 1])];
  const ranked = new Map(rankedIn(blocks, present, positions).map((one, i) => [positions[i] ?? 0, one]));
  const top = ranked.get(present - 1);
  const valueAt = (position: number) => ranked.get(position)?.value ?? Number.NaN;
  const belowTop = () => (top && top.below > 0 ? rankedIn(blocks, present, [top.below - 1])[0]?.value : undefined);
  return edgesAt(present, valueAt, belowTop);
}

function pushTo<T>(map: Map<string, T[]>, name: string, piece: T): void {
  const pieces = map.get(name);
  if (pieces) pieces.push(piece);
  else map.set(name, [piece]);
}

/** For tables that fit: pieces stay as they were put, in memory. */
export function memoryShelf(): Shelf {
  const numbers = new Map<string, Float64Array[]>();
  const codes = new Map<string, Uint16Array[]>();
  return {
    put(name, values) {
      if (values instanceof Float64Array) pushTo(numbers, name, values);
      else pushTo(codes, name, values);
    },
    count: async (job) =>
      wideCounts(
        job,
        () => numbers.get(job.numbers) ?? [],
        (name) => () => codes.get(name) ?? [],
      ),
  };
}
