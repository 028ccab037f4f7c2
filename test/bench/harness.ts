// One harness for all benchmarks: rivals take turns in one run, and only their ratio is a result. Never a test, never absolute.

/** Something that can be timed. `run` does `per` units of work, so that short work is timed in long pieces. */
export type Rival = { readonly name: string; readonly per?: number; readonly run: () => Promise<void> | void };

export type Spread = { readonly min: number; readonly median: number; readonly max: number };

export type Row = {
  readonly what: string;
  readonly ours: Spread;
  readonly theirs: Spread;
  readonly rival: string;
  /** Ours over theirs, round by round: below 1 we are faster. */
  readonly ratio: Spread;
  readonly goal: { readonly text: string; readonly met: boolean };
  readonly rounds: number;
};

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { min: at(0), median: at(0.5), max: at(1) };
}

async function timed({ run, per = 1 }: Rival): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / per;
}

/** A goal on the median ratio. Faster by a factor is the same law read the other way round. */
export const atMost = (limit: number) => (ratio: Spread) => ({ text: `≤ ${limit}×`, met: ratio.median <= limit });
export const fasterBy = (factor: number) => (ratio: Spread) => ({
  text: `≥ ${factor}× faster`,
  met: ratio.median * factor <= 1,
});

/** One line that changes, and only where somebody watches it. */
export function progress(text: string, last: boolean): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}   ${last ? '\n' : ''}`);
  else if (last) process.stderr.write(`${text}\n`);
}

type Options = { readonly rounds: number; readonly warmUp?: number; readonly goal: (ratio: Spread) => Row['goal'] };

/** Times the two in turn, the first of a round changing, so that a machine that slows down slows both. */
export async function race(what: string, ours: Rival, theirs: Rival, { rounds, warmUp = 2, goal }: Options): Promise<Row> {
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = -warmUp; round < rounds; round++) {
    const first = round % 2 === 0;
    const a = first ? await timed(ours) : undefined;
    const b = await timed(theirs);
    const ourTime = a ?? (await timed(ours));
    if (round < 0) continue;
    times.ours.push(ourTime);
    times.theirs.push(b);
    progress(`${what}: ${round + 1} of ${rounds}`, round + 1 === rounds);
  }
  const ratio = spreadOf(times.ours.map((time, round) => time / (times.theirs[round] ?? Number.NaN)));
  return {
    what,
    ours: spreadOf(times.ours),
    theirs: spreadOf(times.theirs),
    rival: theirs.name,
    ratio,
    goal: goal(ratio),
    rounds,
  };
}
