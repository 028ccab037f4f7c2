import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { program } from '../../../cli/main.ts';
import { table } from '../../../cli/output.ts';

const all = (command: Command): Command[] => command.commands.flatMap((one) => [one, ...all(one)]);

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (more) => (text += more) });
  command.outputHelp();
  return text;
}

describe('help', () => {
  it.each(all(program(() => undefined)).map((command) => [command.name(), command] as const))(
    '%s has one example of itself, within 100 columns',
    (name, command) => {
      const text = helpOf(command);
      const [, example = ''] = text.split('\nExample:\n');
      expect(example.trim()).toMatch(new RegExp(`^countersign .*${name}|^countersign ${name}`));
      expect(example.trim().split('\n')).toHaveLength(1);
      expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
      const needed = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => long ?? '');
      expect(
        needed.filter((flag) => !example.includes(flag)),
        'the example works as it stands',
      ).toEqual([]);
    },
  );

  it('countersign itself stays within 100 columns and names every command', () => {
    const app = program(() => undefined);
    const text = helpOf(app);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    for (const command of app.commands) expect(text).toMatch(new RegExp(`^  ${command.name()}\\b`, 'm'));
  });
});

describe('tables', () => {
  it('fit 100 columns however wide their cells are, and lose nothing', () => {
    const words = Array.from({ length: 40 }, (_, i) => `word${i}`);
    const text = table(
      ['a', 'b', 'c'],
      [
        [words.join(' '), 'x'.repeat(250), words.join(' ')],
        ['1', '2', '3'],
      ],
    );
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    for (const word of words) expect(text.split(word).length - 1).toBeGreaterThanOrEqual(2);
    expect(text.match(/x/g)).toHaveLength(250);
  });

  it('colour takes no room', () => {
    const green = '\u001b[32mok\u001b[39m';
    const [, line = ''] = table(['state', 'what'], [[green, 'all']]).split('\n');
    expect(line).toBe(`${green}     all`);
  });
});
