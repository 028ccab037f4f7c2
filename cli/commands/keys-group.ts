// `countersign keys …`: the keys of a data folder, and the list that others pin.
import { Argument, type Command } from 'commander';
import type { Act } from './policy-group.ts';

export function keyCommands(app: Command, act: Act, data: string, server: string): void {
  const group = app.command('keys').description('the keys that seal and log: look at them, change them, follow them');
  const own = (command: Command) => command.option('--data <folder>', 'data folder', data);
  const why = (command: Command) => own(command).requiredOption('--reason <text>', 'why; it is sealed');
  own(group.command('list').description('every key with its window and state'))
    .option('--json')
    .action(act(async (flags) => (await import('./keys.ts')).list(flags)));
  why(group.command('rotate').description('a new key takes over; the server must be stopped'))
    .addArgument(new Argument('<use>', 'which key').choices(['seal', 'checkpoint']))
    .action(act(async (use, flags) => (await import('./keys.ts')).rotateKey(use, flags)));
  why(
    group.command('retire').description('the older of two keys stops signing checkpoints; the server must be stopped'),
  ).action(act(async (flags) => (await import('./keys.ts')).retireKey(flags)));
  const since = (command: Command) =>
    command.requiredOption('--since <instant>', 'from when on somebody else may have had it, such as 2026-11-21T09:30:00.000Z');
  since(group.command('accuse <keyid>').description('as a custodian: say that a key was stolen; two people must'))
    .option('--server <url>', 'Countersign server', server)
    .action(act(async (keyid, flags) => (await import('./keys-accuse.ts')).accuse(keyid, flags)));
  since(
    why(group.command('compromise <keyid>').description('act on what two custodians said; the server must be stopped')),
  ).action(act(async (keyid, flags) => (await import('./keys.ts')).compromiseKey(keyid, flags)));
  why(
    group.command('reattest').description('say again, under the new key, what a stolen key honestly sealed after the theft'),
  ).action(act(async (flags) => (await import('./keys.ts')).reattestEvents(flags)));
  group
    .command('follow <trust...>')
    .description('bring trust files from the list they pin to the newest one that follows from it')
    .requiredOption('--from <folder>', 'an exported event, a vault or a data folder: where the lists are')
    .option('--pin <digest>', 'start from this list instead; only ever as people told you')
    .action(act(async (files, flags) => (await import('./keys-follow.ts')).follow(files, flags)));
}
