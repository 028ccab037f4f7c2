// Order statistics of more numbers than memory holds, exact and without sorting them all. The bits of a double, read as one
// unsigned integer with the sign turned, rise with its value (Herf 2001). Each pass counts the next bits of what shares the
// first bits of a wanted position, until few candidates are left.

/** Passes over the same numbers, as often as asked. NaN is passed over. */
export type Blocks = () => Iterable<Float64Array>;

/** The value at a position of the sorted numbers, and how many are below it. */
export type Ranked = { readonly value: number; readonly below: number };

/** Bits resolved after each pass. The first 20 hold sign, exponent and eight of the mantissa; 12 stay for the last step. */
const RESOLVED = [20, 36, 52] as const;
/** So many candidates may be gathered. After the last pass a bin has at most 4096 distinct values, however often each. */
const FEW = 200_000;

/** Numbers whose first bits are `prefix`; `below` of all numbers have lower ones. */
type Bin = { readonly prefix: number; readonly below: number; readonly count: number };

/** `present`: how many numbers there are that are not NaN. */
export function rankedIn(blocks: Blocks, present: number, positions: readonly number[], few = FEW): Ranked[] {
  if (present <= few) return sortedOf(blocks, present, positions);
  let bins: readonly Bin[] = positions.map(() => ({ prefix: 0, below: 0, count: Number.POSITIVE_INFINITY }));
  for (const [pass] of RESOLVED.entries()) {
    bins = narrowed(blocks, positions, bins, pass);
    const candidates = new Map(bins.map(({ prefix, count }) => [prefix, count]));
    const total = [...candidates.values()].reduce((sum, count) => sum + count, 0);
    if (total <= few || pass + 1 === RESOLVED.length) return picked(gathered(blocks, bins, pass), positions, bins);
  }
  return [];
}

function sortedOf(blocks: Blocks, present: number, positions: readonly number[]): Ranked[] {
  const all = new Float64Array(present);
  let at = 0;
  for (const block of blocks()) for (const value of block) if (!Number.isNaN(value)) all[at++] = value;
  all.sort();
  return positions.map((position) => {
    const value = all[position] ?? Number.NaN;
    return { value, below: all.indexOf(value) };
  });
}

function narrowed(blocks: Blocks, positions: readonly number[], bins: readonly Bin[], pass: number): Bin[] {
  const bits = (RESOLVED[pass] ?? 0) - (RESOLVED[pass - 1] ?? 0);
  const counts = new Map(bins.map(({ prefix }) => [prefix, new Uint32Array(2 ** bits)]));
  if (pass === 0) countFirst(blocks, counts.get(0) ?? new Uint32Array());
  else
    forEachIn(blocks, [...counts.keys()], pass - 1, (prefix, high, low) => {
      const count = counts.get(prefix);
      const next = pass === 1 ? ((high & 0xfff) << 4) | (low >>> 28) : (low >>> 12) & 0xffff;
      if (count) count[next] = (count[next] ?? 0) + 1;
    });
  // Positions of one bin share one walk: the counts before the last one stay counted.
  let walk: { from: Bin | undefined; next: number; below: number } = { from: undefined, next: 0, below: 0 };
  const found = new Map<number, Bin>();
  for (const i of [...positions.keys()].sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0))) {
    const from = bins[i] as Bin;
    const all = counts.get(from.prefix) ?? new Uint32Array();
    if (walk.from?.prefix !== from.prefix) walk = { from, next: 0, below: from.below };
    while (walk.below + (all[walk.next] ?? Number.POSITIVE_INFINITY) <= (positions[i] ?? 0))
      walk.below += all[walk.next++] ?? 0;
    found.set(i, { prefix: from.prefix * 2 ** bits + walk.next, below: walk.below, count: all[walk.next] ?? 0 });
  }
  return positions.map((_, i) => found.get(i) as Bin);
}

function countFirst(blocks: Blocks, counts: Uint32Array): void {
  for (const block of blocks()) {
    const words = new Uint32Array(block.buffer, block.byteOffset, block.length * 2);
    for (let i = 0; i < block.length; i++) {
      const value = block[i] ?? 0;
      if (Number.isNaN(value)) continue;
      const word = words[2 * i + 1] ?? 0;
      const first = (word ^ ((word >> 31) | 0x80000000)) >>> 12;
      counts[first] = (counts[first] ?? 0) + 1;
    }
  }
}

type Visit = (prefix: number, high: number, low: number, value: number) => void;

/** Visits the numbers whose bits, so far as resolved by `pass`, are one of the prefixes. */
function forEachIn(blocks: Blocks, prefixes: readonly number[], pass: number, visit: Visit): void {
  const wanted = new Set(prefixes);
  const drop = 2 ** ((RESOLVED[pass] ?? 0) - RESOLVED[0]);
  // The first bits alone decide for most: a table answers faster than a set.
  const first = new Uint8Array(2 ** RESOLVED[0]);
  for (const prefix of prefixes) first[Math.floor(prefix / drop)] = 1;
  for (const block of blocks()) {
    const words = new Uint32Array(block.buffer, block.byteOffset, block.length * 2);
    for (let i = 0; i < block.length; i++) {
      const value = block[i] ?? 0;
      const word = words[2 * i + 1] ?? 0;
      const turn = word >> 31;
      const high = (word ^ (turn | 0x80000000)) >>> 0;
      if (first[high >>> 12] === 0 || Number.isNaN(value)) continue;
      const low = ((words[2 * i] ?? 0) ^ turn) >>> 0;
      const prefix = pass === 0 ? high >>> 12 : pass === 1 ? high * 16 + (low >>> 28) : high * 2 ** 20 + (low >>> 12);
      if (pass === 0 || wanted.has(prefix)) visit(prefix, high, low, value);
    }
  }
}

/** Distinct candidates of each bin, rising, with how often each stands. */
function gathered(blocks: Blocks, bins: readonly Bin[], pass: number): Map<number, [number, number][]> {
  const found = new Map(bins.map(({ prefix }) => [prefix, new Map<number, number>()]));
  forEachIn(blocks, [...found.keys()], pass, (prefix, _high, _low, value) => {
    const seen = found.get(prefix);
    seen?.set(value, (seen.get(value) ?? 0) + 1);
  });
  return new Map([...found].map(([prefix, seen]) => [prefix, [...seen].sort(([a], [b]) => a - b)]));
}

function picked(found: Map<number, [number, number][]>, positions: readonly number[], bins: readonly Bin[]): Ranked[] {
  return positions.map((position, i) => {
    const bin = bins[i];
    let below = bin?.below ?? 0;
    for (const [value, equal] of found.get(bin?.prefix ?? -1) ?? []) {
      if (position < below + equal) return { value, below };
      below += equal;
    }
    throw new RangeError(`no position ${position}`);
  });
}

/** For each list of cuts the counts in (-inf, e1] (e1, e2] … (ek, +inf), apart for each code where rows have one. */
export function countsIn(blocks: Blocks, cutLists: readonly (readonly number[])[], codes?: Codes): number[][][] {
  const groups = codes?.groups ?? 1;
  const counts = cutLists.map((cuts) => new Float64Array(groups * (cuts.length + 1)));
  const lists = cutLists.map((cuts) => Float64Array.from(cuts));
  const codeBlocks = codes?.blocks()[Symbol.iterator]();
  for (const block of blocks()) {
    const code: Uint16Array | undefined = codeBlocks?.next().value;
    for (const [list, cuts] of lists.entries()) countBlock(block, cuts, counts[list] ?? new Float64Array(), code);
  }
  return counts.map((all, list) => {
    const width = (lists[list]?.length ?? 0) + 1;
    return Array.from({ length: groups }, (_, group) => [...all.subarray(group * width, (group + 1) * width)]);
  });
}

/** Which group each row is of, in blocks as long as those of the numbers. */
export type Codes = { readonly groups: number; readonly blocks: () => Iterable<Uint16Array> };

function countBlock(block: Float64Array, cuts: Float64Array, counts: Float64Array, codes: Uint16Array | undefined): void {
  const width = cuts.length + 1;
  for (let i = 0; i < block.length; i++) {
    const value = block[i] ?? 0;
    if (Number.isNaN(value)) continue;
    let bin = 0;
    while (bin < cuts.length && value > (cuts[bin] ?? 0)) bin++;
    if (codes) bin += (codes[i] ?? 0) * width;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
}
