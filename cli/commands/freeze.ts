import { systemClock } from '../../functions/adapters/local/clock.ts';
import { openWarden, readConfig } from '../embedded.ts';
import { EXIT, type Exit, json, note, say } from '../output.ts';

type Flags = { readonly data: string; readonly reason: string; readonly json?: true };

/** A line in the notes beside the store, which a running server reads at its next request. The store itself need not answer. */
export async function byHand(what: 'freeze' | 'thaw', { data, reason, json: asJson }: Flags): Promise<Exit> {
  const warden = openWarden(data, await readConfig(data));
  const before = await warden.look();
  if (what === 'thaw' && before.state !== 'FROZEN') {
    note('it is not frozen');
    return EXIT.no;
  }
  await warden.note({ kind: what === 'freeze' ? 'freeze' : 'release', at: systemClock().now(), reason });
  const { state, since, held, eta } = await warden.look();
  if (asJson) json({ state, since, held, eta });
  else if (what === 'freeze') say(`FROZEN since ${since}`);
  else say(`released; it thaws after ${warden.limits.thawAfter} canaries in a row, about one a minute`);
  return EXIT.yes;
}
