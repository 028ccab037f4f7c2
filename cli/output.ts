// What people see: one look for all commands. Colour only on a terminal, tables within 100 columns, JSON when asked.
import { styleText } from 'node:util';
import { entryOf } from '../functions/domain/errors.ts';
import type { Problem } from '../functions/domain/result.ts';
import type { Check } from '../functions/domain/trust.ts';

/** Exit codes of design §9. */
export const EXIT = { yes: 0, usage: 1, no: 2, cannotTell: 3, signIn: 4 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

const coloured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;

export const paint = (style: 'green' | 'red' | 'bold' | 'dim' | 'yellow', text: string): string =>
  coloured ? styleText(style, text) : text;

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Progress and notes: never on standard output, where results are. */
export const note = (text: string): void => void process.stderr.write(`${text}\n`);

export const json = (value: unknown): void => say(JSON.stringify(value, null, 2));

/** Columns padded to their widest cell; the last one takes what is left of 100 columns and wraps at spaces. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width = 100): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  const room = Math.max(20, width - before);
  const line = (row: readonly string[]) => {
    const [first = '', ...rest] = wrap(row.at(-1) ?? '', room);
    const start = row
      .slice(0, -1)
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ');
    return [`${start}${start ? '  ' : ''}${first}`.trimEnd(), ...rest.map((more) => `${' '.repeat(before)}${more}`)].join('\n');
  };
  return [paint('bold', line(head)), ...rows.map(line)].join('\n');
}

export function wrap(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
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
  `${ok ? paint('green', 'ok  ') : paint('red', 'FAIL')} ${name.padEnd(12)} ${code ? `${code}: ` : ''}${detail}`;

const fromPpm = (ppm: number): string => `${ppm < 0 ? '-' : ''}${(Math.abs(ppm) / 1_000_000).toFixed(6)}`;

/** A figure of a finding as people read it. */
export function figureText(value: number | string | null, unit: string): string {
  if (value === null) return 'none';
  return typeof value === 'number' && unit === 'ppm' ? fromPpm(value) : String(value);
}
