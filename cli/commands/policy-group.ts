// `countersign policy …`: what authors of policies do. Each command is loaded when asked for.
import type { Command } from 'commander';
import type { Exit } from '../output.ts';

/** Wraps a command's work for commander; main.ts exits with what it answers. */
export type Act = <A extends unknown[]>(work: (...args: A) => Promise<Exit>) => (...args: A) => Promise<void>;

const collect = (value: string, before: string[]): string[] => [...before, value];

/** The one `policy` group: made by whoever asks first. */
export const groupOf = (app: Command): Command =>
  app.commands.find((command) => command.name() === 'policy') ??
  app.command('policy').description('for authors and owners of policies');

export function policyGroup(app: Command, act: Act): void {
  const group = groupOf(app);
  group
    .command('try <scenario>')
    .description('route a scenario file, or an exported event, with the working copy, and explain it rule by rule')
    .option('--policies <folder>', 'folder of policies; ./policies without it')
    .option('--pack <folder>', 'a built pack instead')
    .option('--set </pointer=value>', 'change one figure of the scenario', collect, [])
    .option('--json')
    .action(act(async (scenario, flags) => (await import('./policy-try.ts')).policyTry(scenario, flags)));
}
