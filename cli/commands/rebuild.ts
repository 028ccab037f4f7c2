import { systemClock } from '../../functions/adapters/local/clock.ts';
import { openVault, paths, readConfig, UsageError } from '../embedded.ts';
import { EXIT, type Exit, json, note, say } from '../output.ts';
import { lookAtOwnKeys } from '../own-keys.ts';
import { rebuildIndex } from '../rebuild.ts';
import { exists } from '../stored-index.ts';

export type RebuildFlags = { readonly data: string; readonly json?: true };

/** One line each so often: a terminal is not needed, and a long run is not silent. */
const EVERY = 10_000;

export async function rebuild({ data, json: asJson }: RebuildFlags): Promise<Exit> {
  const { baseUrl } = await readConfig(data);
  const at = paths(data);
  // Its files would be taken from under it; SQLite finds its log by name.
  const served = await fetch(`${baseUrl}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  if (served !== undefined) throw new UsageError(`a server answers at ${baseUrl}: stop it first`);
  // A new key would take everything that was sealed for somebody else's.
  if (!(await exists(at.signer))) throw new UsageError(`${at.signer} is missing: bring back the key that sealed this vault`);
  const progress = (done: number, what: string) => {
    if (done % EVERY === 0) note(`${done} ${what}`);
  };
  const vault = openVault(data);
  const built = await rebuildIndex({
    path: at.index,
    vault,
    signer: async (index) => (await lookAtOwnKeys(data, { vault, index, clock: systemClock() })).signer,
    progress,
  });
  if (asJson) json(built);
  else {
    say(`rebuilt ${at.index} from ${at.vault}`);
    say(`  journal     ${built.entries} entries, each following the one before`);
    say(`  sealed      ${built.sealed} events and records, their rows made again from them and compared`);
    say(`  open        ${built.open} requests go on where they were`);
    say(`  unfinished  ${built.unfinished.length}; the next start finishes them`);
    say(`  old index   ${built.replaced ?? 'there was none'}`);
    say('  lost        sessions, and the raw tokens that only the old index kept');
  }
  return EXIT.yes;
}
