import './start.ts';
import { Argument, Command, CommanderError, Option } from 'commander';
import { InfrastructureError } from '../functions/domain/errors.ts';
import ownPackage from '../package.json' with { type: 'json' };
import { Refused } from './client.ts';
import { refuse, SignInNeeded } from './commands/context.ts';
import { freezeCommands } from './commands/freeze-group.ts';
import { keyCommands } from './commands/keys-group.ts';
import { ledgerCommands } from './commands/ledger-group.ts';
import { lineCommands } from './commands/line.ts';
import { policyCommands } from './commands/policy.ts';
import { policyGroup } from './commands/policy-group.ts';
import { registryCommands, storeCommands } from './commands/store-group.ts';
import { witnessCommands } from './commands/witness-group.ts';
import { completionFor, SHELLS } from './completion.ts';
import { helpWidth, withExamples } from './help.ts';
import { EXIT, type Exit, note, say } from './output.ts';
import { UsageError } from './usage-error.ts';

const SERVER = process.env['COUNTERSIGN_SERVER'] ?? 'http://127.0.0.1:7433';
const DATA = '.countersign';

const collect = (value: string, before: string[]): string[] => [...before, value];
const names = (value: string): string[] => value.split(',').filter(Boolean);

/**
 * Every command answers its exit code; this is the only place that exits. A command is loaded when asked for: what the others
 * bring with them would more than double the time it takes to start.
 */
export function program(done: (exit: Exit) => void): Command {
  const app = new Command('countersign').description(
    'Decides which approval path a model promotion takes, and seals what was decided',
  );
  app.version(ownPackage.version, '-V, --version', 'which version this is');
  app.exitOverride().showHelpAfterError().configureHelp(helpWidth);
  const act =
    <A extends unknown[]>(work: (...args: A) => Promise<Exit>) =>
    async (...args: A) =>
      done(await work(...args));

  app
    .command('init')
    .description('make a data folder and seal its start')
    .option('--data <folder>', 'data folder', DATA)
    .requiredOption('--organisation <name>', 'whose promotions these are; it is sealed')
    .requiredOption('--retention-owner <role>', 'who answers for keeping the evidence')
    .option('--base-url <url>', 'where it will be served', 'http://127.0.0.1:7433')
    .option('--pack <folder>', 'a built policy pack')
    .option('--issuer <url>', 'OpenID issuer whose tokens are believed')
    .option('--client-secret <text>', 'of the console at that issuer')
    .action(act(async (flags) => (await import('./commands/init.ts')).init(flags)));
  app
    .command('serve')
    .description('serve the API and the pages on this machine')
    .option('--data <folder>', 'data folder', DATA)
    .option('--demo', 'also run the local identity provider with its sample people')
    .option('--shadow <pack>', 'a candidate that decides beside the active policy; nothing of it is sealed')
    .action(act(async (flags) => (await import('./commands/serve.ts')).serve(flags)));
  app
    .command('profile <file>')
    .description('count a population (CSV or Parquet): deciles, categories, shares; rows stay here')
    .option('--columns <names>', 'columns to count', names)
    .option('--segments <names>', 'segment columns', names, [])
    .option('--score <column=root>', 'a score column and the root of the model that made it', collect, [])
    .option('--slice <digest>', 'digest of the scoring slice')
    .option('--baseline <file>', 'a sealed profile to count at the edges of', collect, [])
    .option('--out <file>', 'where to write it')
    .option('--json')
    .action(
      act(async (file, flags) =>
        (await import('./commands/profile.ts')).profile(file, { ...flags, scores: flags.score, baselines: flags.baseline }),
      ),
    );

  const manifest = (command: Command) =>
    command
      .requiredOption('--manifest <file>', 'manifest, relative to the folder')
      .option('--server <url>', 'Countersign server', SERVER)
      .addOption(
        new Option('--answers <event>', 'a standing drift finding that this version answers; once for each')
          .argParser(collect)
          .default([], 'none'),
      )
      .option('--json');
  manifest(app.command('plan <folder>').description('which path would it take, and why; writes nothing'))
    .option('--markdown', 'for a job summary')
    .option('--exit-code', 'exit 2 when people would be asked')
    .action(act(async (folder, flags) => (await import('./commands/plan.ts')).plan(folder, flags)));
  manifest(app.command('request <folder>').description('freeze a promotion request and announce it'))
    .option('--wait', 'until it is sealed or waits for people')
    .action(act(async (folder, flags) => (await import('./commands/request.ts')).request(folder, flags)));
  app
    .command('show <id>')
    .description('a request by its id, or an event by its hash')
    .option('--server <url>', 'Countersign server', SERVER)
    .option('--json')
    .action(act(async (id, flags) => (await import('./commands/show.ts')).show(id, flags)));
  app
    .command('export <event>')
    .description('everything an auditor needs for one event')
    .requiredOption('--out <file>', 'where to write it: a zip when the name ends in .zip, else a folder')
    .option('--server <url>', 'Countersign server', SERVER)
    .action(act(async (event, flags) => (await import('./commands/export.ts')).exportEvent(event, flags)));

  app
    .command('verifier')
    .description('a page for any browser that verifies exported events without network, to standard output')
    .action(act(async () => (await import('./commands/verifier.ts')).verifier()));

  const offline = (command: Command) =>
    command.option('--trust <file>', 'keys and issuers you trust').option('--event <hash>', 'the event you expect');
  offline(app.command('verify <pack>').description('check an exported event, without server or network'))
    .option('--ledger <folder>', 'sealed records of later, exported or of a vault: was it taken back since?')
    .option('--all', 'every event of the folder, which may be a vault')
    .option('--seals', 'with --all: only signature, hash and shape of each, not what it names')
    .option('--json')
    .action(act(async (folder, flags) => (await import('./commands/verify.ts')).verify(folder, flags)));
  offline(app.command('replay <pack>').description('decide again under the sealed policy and compare'))
    .option('--json')
    .action(act(async (folder, flags) => (await import('./commands/verify.ts')).replay(folder, flags)));
  offline(app.command('screen <pack>').description('the exact bytes the approvers were shown'))
    .addOption(new Option('--out <file>', 'where to write them; screen-<digest>.html here without it').conflicts('stdout'))
    .option('--stdout', 'to standard output instead')
    .action(act(async (folder, flags) => (await import('./commands/screen.ts')).screen(folder, flags)));
  offline(app.command('dispute <pack>').description('should it have gone to people? decide again under three policies'))
    .option('--pack <folder>', 'the pack of today, if not the shipped one')
    .option('--strict <folder>', 'a release to hold it against instead of the preset strict')
    .option('--json')
    .action(act(async (folder, flags) => (await import('./commands/dispute.ts')).dispute(folder, flags)));
  app
    .command('what-if')
    .description('whom a change of the policy would send elsewhere; exit 2 when somebody must answer for it')
    .requiredOption('--base <pack or git ref>', 'what decides now: a built pack, a release, or a commit')
    .requiredOption('--head <pack>', 'the built pack that would decide')
    .option('--vault <folder>', 'replay every sealed input of this store')
    .option('--corpus <folder>', 'or of a redacted corpus')
    .option('--loosening <file>', 'who answers for asking less; beside the sources of the head by default')
    .option('--author <name>', 'who wrote the change; may not approve it', collect, [])
    .option('--today <date>', 'for the second look, as of today')
    .option('--markdown <file>', 'for one comment on the pull request')
    .option('--json <file>', 'the whole report')
    .option('--html <file>', 'one page with a picture')
    .action(act(async (flags) => (await import('./commands/what-if.ts')).whatIf(flags)));
  app
    .command('gate <event>')
    .description('may this artefact run here? exit 0 only for yes')
    .requiredOption('--line <name>', 'the use it will run for')
    .requiredOption('--environment <name>', 'where it will run')
    .option('--model <folder>', 'the files that will run')
    .option('--name <model>', 'with --model: the name of the model, as it was announced')
    .option('--root <digest>', 'instead of --model: their OMS root')
    .option('--manifest <digest>', 'and the digest of their OMS manifest, which binds the names')
    .option('--intent <file>', 'while the store is frozen: a signed intent (`countersign intent`)')
    .option('--evidence <folder>', 'with --intent: the exported event, in case the vault does not answer')
    .option('--server <url>', 'Countersign server', SERVER)
    .option('--json')
    .action(act(async (event, flags) => (await import('./commands/gate.ts')).gate(event, flags)));
  app
    .command('rulebook [code]')
    .description('every rule in plain words, or one of them in full')
    .option('--server <url>', 'the active policy of a server, with how often each rule fired')
    .option('--pack <folder>', 'a built policy pack; that of this version without it')
    .option('--json')
    .action(act(async (code, flags) => (await import('./commands/rulebook.ts')).rulebook(code, flags)));
  app
    .command('doctor')
    .description('what is installed, and whether this data folder can serve; changes nothing')
    .option('--data <folder>', 'data folder', DATA)
    .option('--aws', 'instead, a deployment in your AWS account: reads it, and tries what must be refused on a canary')
    .option('--outputs <file>', 'with --aws: what `cdk deploy --outputs-file` wrote')
    .option('--bucket <name>', 'with --aws: the vault')
    .option('--table <name>', 'with --aws: the index')
    .option('--seal-key <arns>', 'with --aws: the key that seals, or several with commas')
    .option('--log-key <arns>', 'with --aws: the key of the log, or several with commas')
    .option('--machine <arn>', 'with --aws: the state machine')
    .option('--floor <days>', 'with --aws: the least default retention, ten years without it')
    .option('--governance', 'with --aws: of a development stack, whose lock can be lifted')
    .option('--read-only', 'with --aws: try nothing')
    .option('--json')
    .action(
      act(async (flags) =>
        flags.aws
          ? (await import('./commands/doctor-aws.ts')).doctorAws(flags)
          : (await import('./commands/doctor.ts')).doctor(flags),
      ),
    );
  app
    .command('archive <line> <environment>')
    .description('propose to end the active version without a successor; its people approve it on the server')
    .requiredOption('--reason <text>', 'why; it is sealed')
    .option('--event <hash>', 'the version meant, if not the one active now')
    .option('--server <url>', 'Countersign server', SERVER)
    .option('--json')
    .action(act(async (line, environment, flags) => (await import('./commands/archive.ts')).archive(line, environment, flags)));
  app
    .command('let-pass <request>')
    .description('as owner of record: a parked automated request goes on, what people judge for its head is returned')
    .option('--server <url>', 'Countersign server', SERVER)
    .option('--json')
    .action(act(async (id, flags) => (await import('./commands/let-pass.ts')).letPass(id, flags)));
  app
    .command('stats')
    .description('per committee: what waits, how long decisions take, what went without people')
    .option('--server <url>', 'Countersign server', SERVER)
    .option('--json')
    .action(act(async (flags) => (await import('./commands/stats.ts')).stats(flags)));
  app
    .command('completion')
    .description('a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell) => {
      say(completionFor(shell, app).trimEnd());
      done(EXIT.yes);
    });
  storeCommands(app, act, DATA);
  freezeCommands(app, act, DATA);
  registryCommands(app, act);
  lineCommands(app, act, SERVER);
  ledgerCommands(app, act, SERVER);
  witnessCommands(app, act);
  keyCommands(app, act, DATA, SERVER);
  policyGroup(app, act);
  policyCommands(app, act, SERVER, DATA);
  withExamples(app);
  // After a wrong name, thirty commands would push the error off the screen; one command's own help stays with its errors.
  app.showHelpAfterError('(`countersign --help` lists the commands)');
  return app;
}

export async function main(argv: readonly string[]): Promise<Exit> {
  let exit: Exit = EXIT.yes;
  try {
    await program((code) => {
      exit = code;
    }).parseAsync(argv, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.yes : EXIT.usage;
    if (error instanceof SignInNeeded) return told(error.message, EXIT.signIn);
    if (error instanceof UsageError) return told(error.message, EXIT.usage);
    if (error instanceof Refused) return refuse(error.problems);
    if (error instanceof InfrastructureError) return told(`cannot tell: ${error.message}`, EXIT.cannotTell);
    const file = fileFault(error);
    if (file !== undefined) return told(file, EXIT.usage);
    // A bug keeps its stack: whoever mends it needs to see where.
    throw error;
  }
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of this path is not a folder',
  EISDIR: 'this is a folder',
  EACCES: 'this account may not open it',
  EPERM: 'this account may not do that',
  EROFS: 'this disk is read-only',
  ENOSPC: 'the disk is full',
};

/** A path that the person gave and the system does not take. */
function fileFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return undefined;
  const words = FILE_FAULTS[String(error.code)];
  return words === undefined ? undefined : `${String(error.path)}: ${words}`;
}

function told(text: string, exit: Exit): Exit {
  note(text);
  return exit;
}

// Who pipes into `head` has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.yes);
  throw error;
});

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
