// What `countersign policy release`, `upload` and `status` are called with; the work is loaded when asked for.
import type { Command } from 'commander';
import { type Act, groupOf } from './policy-group.ts';

export function policyCommands(app: Command, act: Act, server: string, data: string): void {
  const policy = groupOf(app);
  policy
    .command('release')
    .description('sign a built pack: writes a folder named by its digest')
    .option('--from <folder>', 'a built policy pack; that of this version without it')
    .option('--out <folder>', 'where releases are kept', 'releases')
    .option('--data <folder>', 'data folder whose key signs', data)
    .option('--key <file>', 'or a P-256 private key in PEM, whose public key the server takes releases of')
    .action(act(async (flags) => (await import('./policy-release.ts')).release(flags)));
  policy
    .command('upload <release>')
    .description('bring a release to a server, which checks it; two people then put it into force there')
    .option('--what-if <file>', 'report that the two people read')
    .option('--server <url>', 'Countersign server', server)
    .action(act(async (folder, flags) => (await import('./policy-release.ts')).upload(folder, flags)));
  policy
    .command('status')
    .description('which policy is in force, since when, by whom')
    .option('--server <url>', 'Countersign server', server)
    .option('--json')
    .action(act(async (flags) => (await import('./policy-release.ts')).status(flags)));
}
