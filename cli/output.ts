// What people see: one look for all commands. Colour only on a terminal, tables within 100 columns, JSON when asked.
import { stripVTControlCharacters, styleText } from 'node:util';
import { entryOf } from '../functions/domain/errors.ts';
import type { Problem } from '../functions/domain/result.ts';
import type { Check } from '../functions/domain/trust.ts';

/** Exit codes of design §9. */
export const EXIT = { yes: 0, usage: 1, no: 2, cannotTell: 3, signIn: 4 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** https://no-color.org: set and not empty means no colour. */
const coloured = process.stdout.isTTY && !process.env['NO_COLOR'];

export const paint = (style: 'green' | 'red' | 'bold' | 'dim' | 'yellow', text: string): string =>
  coloured ? styleText(style, text) : text;

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Progress and notes: never on standard output, where results are. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);

export const json = (value: unknown): void => say(JSON.stringify(value, null, 2));

const seen = (text: string): number => stripVTControlCharacters(text).length;

/** The least a column keeps when it must give room to others. */
const LEAST = 12;

/** Columns as wide as their widest cell. What is too much for `width` is taken from the widest ones, whose cells wrap. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width = 100): string {
  const widths = head.map((title, i) => Math.max(seen(title), ...rows.map((row) => seen(row[i] ?? ''))));
  const room = width - 2 * (head.length - 1);
  let over = widths.reduce((sum, one) => sum + one, 0) - room;
  while (over > 0) {
    // The last of the widest: by custom the words stand there.
    const widest = widths.lastIndexOf(Math.max(...widths));
    const now = widths[widest] ?? 0;
    if (now <= LEAST) break;
    widths[widest] = now - 1;
    over--;
  }
  const line = (row: readonly string[]) => {
    const cells = widths.map((one, i) => wrap(row[i] ?? '', one));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, y) =>
      cells
        .map((cell, i) => padded(cell[y] ?? '', widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    ).join('\n');
  };
  return [paint('bold', line(head)), ...rows.map(line)].join('\n');
}

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - seen(text)));

/** Breaks at spaces; a word longer than the width is cut, because a line that runs on is worse. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (seen(last) + 1 + seen(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A label, then words that wrap beside it, never under it. */
export const hanging = (label: string, text: string, width = 100): string =>
  label + wrap(text, width - seen(label)).join(`\n${' '.repeat(seen(label))}`);

function pieces(word: string, width: number): string[] {
  if (seen(word) <= width) return [word];
  return [word.slice(0, width), ...pieces(word.slice(width), width)];
}

/** All problems at once: code, where, what, what to do. */
export function problemText(problems: readonly Problem[]): string {
  return problems
    .map(
      ({ code, pointer, detail }) =>
        `${paint('red', code)} ${pointer || '(the whole)'}\n  ${detail}\n  ${paint('dim', entryOf(code).remedy)}`,
    )
    .join('\n');
}

export const checkLine = ({ name, ok, detail, code }: Check): string =>
  hanging(`${ok ? paint('green', 'ok  ') : paint('red', 'FAIL')} ${name.padEnd(12)} `, `${code ? `${code}: ` : ''}${detail}`);

const fromPpm = (ppm: number): string => `${ppm < 0 ? '-' : ''}${(Math.abs(ppm) / 1_000_000).toFixed(6)}`;

/** A figure of a finding as people read it. */
export function figureText(value: number | string | null, unit: string): string {
  if (value === null) return 'none';
  return typeof value === 'number' && unit === 'ppm' ? fromPpm(value) : String(value);
}
