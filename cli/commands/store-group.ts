import type { Command } from 'commander';
import type { Act } from './policy-group.ts';

/** What looks after a data folder without serving it. */
export function storeCommands(app: Command, act: Act, data: string): void {
  app
    .command('rebuild')
    .description('build the index anew from the vault alone; the old one is kept aside')
    .option('--data <folder>', 'data folder', data)
    .option('--json')
    .action(act(async (flags) => (await import('./rebuild.ts')).rebuild(flags)));
  app
    .command('audit')
    .description('hold vault, index and log against each other; changes nothing, exit 2 for what does not heal by itself')
    .option('--data <folder>', 'data folder', data)
    .option('--registry <file>', 'and what a model registry says runs: [{line, environment, root}]')
    .option('--freeze', 'freeze the store if something does not heal by itself')
    .option('--json')
    .action(act(async (flags) => (await import('./audit.ts')).audit(flags)));
}
