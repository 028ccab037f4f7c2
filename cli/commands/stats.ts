import { z } from 'zod';
import { OUTCOMES } from '../../functions/domain/rows.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

const Ms = z.number().nullable();
const Figures = z.object({ count: z.int(), medianMs: Ms, p90Ms: Ms });
const Committee = z.object({
  committee: z.string().nullable(),
  waiting: z.int(),
  oldestMs: Ms,
  overdue: z.int().default(0),
  fromReceived: Figures,
  fromScreen: Figures,
  outcomes: z.record(z.enum(OUTCOMES), z.int()),
  automated: Figures.extend({ ofRouted: z.int() }),
});
export const Stats = z.object({ at: z.string(), since: z.string(), committees: z.array(Committee) });
type Stats = z.infer<typeof Stats>;

/** Queue and time to decision per committee (R51), and what went without people (R26). */
export async function stats(flags: ServerFlags & { readonly json?: true }): Promise<Exit> {
  const client = await clientFor(flags);
  const found = await client.json('/stats', Stats);
  if (!found.ok) return refuse(found.problems);
  if (flags.json) json(found.value);
  else say(statsText(found.value));
  return EXIT.yes;
}

const HEAD = ['committee', 'waits', 'late', 'oldest', 'median', '90 %', 'yes', 'no', 'back', 'other', 'auto %', 'auto time'];
const NAME_WIDTH = 20;

/** At most 100 columns, whatever committees are called. Times are from arrival to decision, within 2 %. */
export function statsText({ since, at, committees }: Stats): string {
  const rows = committees.map(({ committee, waiting, overdue, oldestMs, fromReceived, outcomes, automated }) => {
    const { approved = 0, rejected = 0, returned = 0, ...others } = outcomes;
    const rest = Object.values(others).reduce((sum, count) => sum + count, 0);
    const share = automated.ofRouted === 0 ? '-' : `${Math.round((100 * automated.count) / automated.ofRouted)} %`;
    const name = committee ?? 'all';
    return [
      name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name,
      String(waiting),
      String(overdue),
      spanText(oldestMs),
      spanText(fromReceived.medianMs),
      spanText(fromReceived.p90Ms),
      ...[approved, rejected, returned, rest].map(String),
      share,
      spanText(automated.medianMs),
    ];
  });
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join(' ')
      .trimEnd();
  return [`${since.slice(0, 10)} to ${at.slice(0, 16)}Z`, ...all.map(line)].join('\n');
}

/** Two units at most: `3d 4h`, `17m`. */
function spanText(ms: number | null): string {
  if (ms === null) return '-';
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return '<1m';
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days > 0) return hours > 0 ? `${days}d ${hours}h` : `${days}d`;
  return hours > 0 ? `${hours}h ${minutes % 60}m` : `${minutes}m`;
}
