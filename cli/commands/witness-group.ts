// `countersign witness …`: for who watches a log, never for who runs it.
import type { Command } from 'commander';
import type { Act } from './policy-group.ts';

const collect = (value: string, before: string[]): string[] => [...before, value];
const DATA = '.countersign-witness';

export function witnessCommands(app: Command, act: Act): void {
  const group = app.command('witness').description('watch a log from outside and cosign what it has grown into');
  group
    .command('init')
    .description('make a witness: its key, and its memory')
    .option('--data <folder>', 'folder of the witness', DATA)
    .requiredOption('--name <name>', 'such as audit.example.com/witness')
    .action(act(async (flags) => (await import('./witness.ts')).initWitness(flags)));
  group
    .command('serve')
    .description('answer add-checkpoint (c2sp.org/tlog-witness) on this machine')
    .option('--data <folder>', 'folder of the witness', DATA)
    .requiredOption('--log <vkey>', 'key of a log to watch', collect, [])
    .option('--listen <url>', 'address', 'http://127.0.0.1:7434')
    .action(act(async (flags) => (await import('./witness.ts')).serveWitness(flags)));
}
