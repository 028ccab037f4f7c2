// The ledger of a line, and the brakes that write into it. Those who approve do so signed in, over the frozen page.
import type { Command } from 'commander';
import type { Act } from './policy-group.ts';

export function ledgerCommands(app: Command, act: Act, server: string): void {
  const command = (name: string, words: string) =>
    app
      .command(`${name} <line>`)
      .description(words)
      .requiredOption('--environment <name>', 'where it runs')
      .option('--server <url>', 'Countersign server', server)
      .option('--json');
  const brake = (name: string, words: string) =>
    command(name, words).requiredOption('--reason <text>', 'sealed for ever: name roles, not people');
  command('ledger', 'every transition of what is active, from the sealed entries; exit 2 when their chain is broken')
    .option('--as-of <date>', 'as it was at the end of that day')
    .action(act(async (line, flags) => (await import('./ledger.ts')).ledger(line, flags)));
  brake('rollback', 'propose that a version that was active before runs again; a second person approves it')
    .requiredOption('--to <event>', 'the event that approved it')
    .action(act(async (line, flags) => (await import('./ledger.ts')).brake('rollback', line, { to: flags.to }, flags)));
  brake('revoke', 'propose to take an approval back for ever; a second person approves it')
    .requiredOption('--event <hash>', 'the approval')
    .option('--to <event>', 'if it is the active one: what runs again instead')
    .action(
      act(async (line, flags) =>
        (await import('./ledger.ts')).brake('revocation', line, { event: flags.event, to: flags.to ?? '' }, flags),
      ),
    );
  brake('break-glass', 'propose that bytes run without an approval, for some hours; a second person answers for it too')
    .requiredOption('--root <digest>', 'OMS root of the bytes')
    .requiredOption('--manifest <digest>', 'digest of their OMS manifest')
    .requiredOption('--hours <number>', '72 at most')
    .action(
      act(async (line, flags) =>
        (await import('./ledger.ts')).brake(
          'break-glass',
          line,
          { root: flags.root, manifest: flags.manifest, hours: flags.hours },
          flags,
        ),
      ),
    );
}
