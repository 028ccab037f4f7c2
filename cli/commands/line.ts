// What `countersign line`, `suspend` and `resume` are called with; the work is loaded when asked for.
import type { Command } from 'commander';
import type { Act } from './policy-group.ts';

export function lineCommands(app: Command, act: Act, server: string): void {
  const command = (name: string, words: string) =>
    app
      .command(`${name} <line>`)
      .description(words)
      .requiredOption('--environment <name>', 'where it runs')
      .option('--server <url>', 'Countersign server', server)
      .option('--json');
  command('line', 'what is active, and what stands against its next promotion').action(
    act(async (name, flags) => (await import('./line-state.ts')).line(name, flags)),
  );
  command('suspend', 'stop the automated path of a line, as its owner of record')
    .requiredOption('--reason <text>', 'sealed for ever: name roles, not people')
    .action(act(async (name, flags) => (await import('./line-state.ts')).setState(name, 'suspended', flags)));
  command('resume', 'let the policy decide again, as its owner of record')
    .requiredOption('--reason <text>', 'sealed for ever: name roles, not people')
    .action(act(async (name, flags) => (await import('./line-state.ts')).setState(name, 'resumed', flags)));
}
