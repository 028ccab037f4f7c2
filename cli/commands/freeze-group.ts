// The operator's hand on the freeze, and the signed word that deploys while it lasts.
import type { Command } from 'commander';
import type { Act } from './policy-group.ts';

export function freezeCommands(app: Command, act: Act, data: string): void {
  const hand = (name: 'freeze' | 'thaw', words: string) =>
    app
      .command(name)
      .description(words)
      .requiredOption('--reason <text>', 'shown on every page, and sealed at the thaw')
      .option('--data <folder>', 'data folder of the server', data)
      .option('--json')
      .action(act(async (flags) => (await import('./freeze.ts')).byHand(name, flags)));
  hand('freeze', 'as operator: nothing is decided or deployed until `thaw`; votes are kept');
  hand('thaw', 'as operator: let go of a freeze; it ends after enough canaries in a row');
  app
    .command('intent <event>')
    .description('sign that an approved version is deployed while the store is frozen; `gate --intent` presents it')
    .requiredOption('--line <name>', 'the use it will run for')
    .requiredOption('--environment <name>', 'where it will run')
    .requiredOption('--reason <text>', 'why now; it is sealed at the thaw')
    .requiredOption('--by <issuer,subject>', 'who authorises it, as the gate’s trust has them beside the key')
    .requiredOption('--key <file>', 'their P-256 private key, PEM')
    .option('--out <file>', 'where to write it', 'intent.json')
    .action(act(async (event, flags) => (await import('./intent.ts')).intent(event, flags)));
}
