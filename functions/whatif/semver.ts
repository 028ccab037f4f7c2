import type { Change, Row } from './change.ts';
import type { Ghost } from './ghosts.ts';

/** What the change does, not what its author calls it. `null`: nobody can tell. */
export type Bump = { readonly version: 'none' | 'patch' | 'minor' | 'major' | null; readonly because: string };

type Effect = {
  readonly counts: { readonly replayed: number };
  readonly rows: readonly Row[];
  readonly ghosts: readonly Ghost[];
  readonly untested: readonly string[];
  readonly errors: readonly unknown[];
  readonly samePack: boolean;
  readonly sameInputSchema: boolean | null;
};

const looser = (change: Pick<Change, 'kind' | 'loosened'>): boolean => change.kind === 'lighter' || change.loosened.length > 0;

/** Rows of which something asks for less, as of then or as of today. */
export const looserRows = (rows: readonly Row[]): Row[] =>
  rows.filter((row) => looser(row) || (row.today !== null && looser(row.today)));

export const looserGhosts = (ghosts: readonly Ghost[]): Ghost[] => ghosts.filter(({ points }) => points.some(looser));

/** SemVer by effect (reference: policy versions): lighter is major, heavier is minor, no difference is patch; doubt is major. */
export function bumpOf(effect: Effect): Bump {
  const { rows, ghosts, untested } = effect;
  if (effect.samePack) return { version: 'none', because: 'both packs are the same bytes' };
  if (effect.errors.length > 0 || effect.counts.replayed === 0)
    return { version: null, because: 'not everything could be replayed, so the effect is not known' };
  if (effect.sameInputSchema === false) return { version: 'major', because: 'the input schema changed' };
  const [looseRows, looseGhosts] = [looserRows(rows), looserGhosts(ghosts)];
  if (looseRows.length > 0) return { version: 'major', because: `${looseRows.length} past promotions would be asked for less` };
  if (looseGhosts.length > 0)
    return { version: 'major', because: `inputs at ${looseGhosts[0]?.pointer} would be asked for less` };
  if (untested.length > 0)
    return { version: 'major', because: `no input shows what ${untested[0]} does, and doubt counts as lighter` };
  const heavier = rows.length > 0 || ghosts.some(({ points }) => points.some(({ kind }) => kind !== 'unchanged'));
  return heavier
    ? { version: 'minor', because: 'decisions are only heavier, or say more' }
    : { version: 'patch', because: 'no decision changes, in history or at any changed limit' };
}
