import type { Change, FigureChange, Row } from '../../functions/whatif/change.ts';
import type { Blocker } from '../../functions/whatif/gates.ts';
import type { Ghost, GhostPoint } from '../../functions/whatif/ghosts.ts';
import type { ChangedDatum } from '../../functions/whatif/numbers.ts';
import type { Counts, Report } from '../../functions/whatif/report.ts';
import { looserRows } from '../../functions/whatif/semver.ts';
import type { RuleWords } from '../../functions/whatif/types.ts';
import { figureText, paint, table } from '../output.ts';

export type Told = {
  readonly report: Report;
  readonly blockers: readonly Blocker[];
  readonly rules: ReadonlyMap<string, RuleWords>;
};

/** What asks for less comes first, then what asks for more, then the rest. */
export function inOrder(rows: readonly Row[]): Row[] {
  const loose = looserRows(rows);
  const rank = (row: Row) => (loose.includes(row) ? 0 : row.kind === 'heavier' ? 1 : 2);
  return rows.toSorted((a, b) => rank(a) - rank(b) || a.date.localeCompare(b.date) || a.id.localeCompare(b.id));
}

export const pathText = (change: Pick<Change, 'from' | 'to'>): string =>
  change.from === change.to ? change.from : `${change.from} → ${change.to}`;

export const todayText = ({ today }: Row): string => (today === null ? 'as then' : pathText(today));

export const codesText = ({ added, removed }: Change): string =>
  [...added.map((code) => `+${code}`), ...removed.map((code) => `−${code}`)].join(' ') || 'same';

/** The rule that weighs most stands first. */
export const figuresText = (figures: readonly FigureChange[]): string =>
  figures
    .map(({ code, observed, unit, oldLimit, newLimit }) => {
      const [before, after] = [figureText(oldLimit, unit), figureText(newLimit, unit)];
      return `${code} ${figureText(observed, unit)} (limit ${before === after ? before : `${before} → ${after}`})`;
    })
    .join('; ') || 'none';

/** A limit as people write it; counts, days and names as they are. */
const datumText = (pointer: string, value: ChangedDatum['from']): string =>
  value === undefined
    ? 'absent'
    : pointer.includes('_ppm') && typeof value === 'number'
      ? figureText(value, 'ppm')
      : String(value);

export const dataText = ({ pointer, from, to }: ChangedDatum): string =>
  `${pointer}: ${datumText(pointer, from)} → ${datumText(pointer, to)}`;

export const pointText = ({ pointer }: Ghost, { value, from, to, decides }: GhostPoint): string =>
  `${datumText(pointer, value)}: ${pathText({ from, to })}${decides.length > 0 ? ` (${decides.join(', ')})` : ''}`;

export const NAMES: readonly (readonly [keyof Counts, string])[] = [
  ['promotions', 'promotions'],
  ['replayed', 'replayed'],
  ['unchanged', 'unchanged'],
  ['heavier', 'heavier'],
  ['lighter', 'lighter'],
  ['holds', 'other holds'],
  ['approvals', 'approvals only'],
  ['reasons', 'reasons only'],
  ['onlyToday', 'only as of today'],
  ['schemaIncompatible', 'schema-incompatible'],
  ['errors', 'errors'],
];
export const countsText = (counts: Counts): string => NAMES.map(([key, name]) => `${counts[key]} ${name}`).join(', ');

export const versionText = ({ bump }: Report): string =>
  `Version by effect: ${bump.version ?? 'unknown'}, because ${bump.because}.`;

export const approverRows = (rows: readonly Row[]): Row[] =>
  rows.filter((row) => row.kind === 'approvals' && row.newApprovers.length + row.goneApprovers.length > 0);
export const approversText = ({ newApprovers, goneApprovers }: Change): string =>
  [...newApprovers.map((one) => `+${one}`), ...goneApprovers.map((one) => `−${one}`)].join(', ');
export const holdRows = (rows: readonly Row[]): Row[] => rows.filter(({ newHolds }) => newHolds.length > 0);

const cut = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);

function rowsTable(rows: readonly Row[]): string {
  const dated = rows.some(({ today }) => today !== null);
  const head = ['date', 'model', 'tier', dated ? 'as of then' : 'path', ...(dated ? ['as of today'] : []), 'rules', 'figure'];
  return table(
    head,
    rows.map((row) => [
      row.date,
      cut(row.model, 22),
      row.tier,
      pathText(row),
      ...(dated ? [todayText(row)] : []),
      cut(codesText(row), 17),
      figuresText(row.figures.slice(0, 1)).replace(/^\S{3}-\d{3} /, ''),
    ]),
  );
}

/** Sentence first, then what to look at, then what may not be forgotten. */
export function whatIfText({ report, blockers }: Told): string {
  const { rows, ghosts, untested, changedData, counts } = report;
  const part = (title: string, lines: readonly string[]) => (lines.length > 0 ? [paint('bold', title), ...lines, ''] : []);
  const named = (row: Row) => `${row.date} ${row.model}`;
  return [
    paint('bold', report.sentence),
    versionText(report),
    '',
    ...(rows.length > 0 ? [rowsTable(inOrder(rows)), ''] : []),
    ...part(
      'Other approvers, same path',
      approverRows(rows).map((row) => `  ${named(row)}: ${approversText(row)}`),
    ),
    ...part(
      'New holds',
      holdRows(rows).map((row) => `  ${named(row)}: ${row.newHolds.join(', ')}`),
    ),
    ...part(
      'Changed data',
      changedData.map((datum) => `  ${dataText(datum)}`),
    ),
    ...part(
      'At the limits',
      ghosts.flatMap((ghost) => [
        `  ${ghost.pointer} (${ghost.rule})`,
        ...ghost.points.map((point) => `    at ${pointText(ghost, point)}`),
      ]),
    ),
    ...part(
      'No input shows what these do',
      untested.map((pointer) => `  ${pointer}`),
    ),
    ...part(
      'Not readable by the policies of today',
      report.incompatible.map((id) => `  ${id}`),
    ),
    ...NAMES.filter(([key]) => counts[key] > 0 || ['replayed', 'errors'].includes(key)).map(
      ([key, name]) => `${String(counts[key]).padStart(6)} ${name}`,
    ),
    '',
    `base ${report.base}`,
    `head ${report.head}`,
    `corpus ${report.corpus}`,
    ...(blockers.length > 0
      ? [
          '',
          paint('red', `Blocked, ${blockers.length} to answer for:`),
          ...blockers.map(({ why, where }) => `  ${where}: ${why}`),
        ]
      : ['', paint('green', 'Nothing stands in its way.')]),
  ].join('\n');
}
