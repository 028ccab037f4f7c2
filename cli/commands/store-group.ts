import { Argument, type Command } from 'commander';
import type { Act } from './policy-group.ts';

/** What asks a registry of somebody else's. */
export function registryCommands(app: Command, act: Act): void {
  app
    .command('self-audit')
    .description('before adopting: which of the six fields of each champion is frozen, mutable or absent; changes nothing')
    .addArgument(new Argument('<kind>').choices(['mlflow', 'folder', 's3'] as const))
    .argument('<where>', 'its address, its folder, or bucket/prefix/')
    .option('--alias <name>', 'what the active version is called there', 'champion')
    .option('--json')
    .action(act(async (kind, where, flags) => (await import('./self-audit.ts')).selfAudit(kind, where, flags)));
}

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
