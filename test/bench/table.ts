import type { Row, Spread } from './harness.ts';

const figure = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toPrecision(2);
const spread = ({ min, median, max }: Spread): string => `${figure(median)} (${figure(min)}–${figure(max)})`;

/** Median, with least and greatest in brackets. Milliseconds stand there to show the size of things; the ratio is the result. */
export function markdown(rows: readonly Row[]): string {
  const head = '| what | against | ours, ms | theirs, ms | ratio | goal | met |\n|---|---|---|---|---|---|---|';
  const lines = rows.map(
    ({ what, rival, ours, theirs, ratio, goal }) =>
      `| ${[what, rival, spread(ours), spread(theirs), `${spread(ratio)}×`, goal.text, goal.met ? 'yes' : '**no**'].join(' | ')} |`,
  );
  return [head, ...lines].join('\n');
}
