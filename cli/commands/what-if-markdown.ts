import type { Row } from '../../functions/whatif/change.ts';
import {
  approverRows,
  approversText,
  codesText,
  countsText,
  dataText,
  figuresText,
  holdRows,
  inOrder,
  pathText,
  pointText,
  type Told,
  todayText,
  versionText,
} from './what-if-text.ts';

/** The first line of the comment: whoever posts it looks for this line and replaces that comment. */
const MARKER = '<!-- countersign what-if -->';
const SHOWN = 20;
/** GitHub refuses comments over 65 536 characters; the rest is in the JSON report. */
const MOST = 100;

/** Text from outside, as code: no mention, link, table cell or markup comes out of a model's name. */
const quoted = (text: string): string => (text === '' ? '' : `\`${text.replace(/[`|\r\n<>]/g, ' ')}\``);
const cells = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
const grid = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [cells(head), cells(head.map(() => '---')), ...rows.map(cells)].join('\n');

const rowsGrid = (rows: readonly Row[]): string =>
  grid(
    ['date', 'model', 'tier', 'as of then', 'as of today', 'rules', 'figure'],
    rows.map((row) => [
      row.date,
      quoted(row.model),
      row.tier,
      row.kind === 'lighter' ? `**${pathText(row)}**` : pathText(row),
      todayText(row),
      codesText(row),
      quoted(figuresText(row.figures)),
    ]),
  );

const folded = (title: string, body: string): string => `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
const bullets = (lines: readonly string[]): string =>
  lines
    .slice(0, MOST)
    .map((line) => `- ${line}`)
    .join('\n');
const section = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [`#### ${title} (${lines.length})\n\n${bullets(lines)}`] : [];

export function whatIfMarkdown({ report, blockers, rules }: Told): string {
  const { rows, ghosts } = report;
  const ordered = inOrder(rows);
  const rest = ordered.slice(SHOWN, MOST);
  const title = (code: string) => rules.get(code)?.title ?? code;
  return `${[
    MARKER,
    `### ${report.sentence}`,
    versionText(report),
    ...section(
      'Blocked',
      blockers.map(({ why, where }) => `${quoted(where)} ${why}`),
    ),
    ...(ordered.length > 0 ? [rowsGrid(ordered.slice(0, SHOWN))] : []),
    ...(rest.length > 0 ? [folded(`${rest.length} more`, rowsGrid(rest))] : []),
    ...(ordered.length > MOST ? [`${ordered.length - MOST} more rows are in the JSON report.`] : []),
    ...section(
      'Other approvers, same path',
      approverRows(rows).map((row) => `${quoted(row.model)} ${quoted(approversText(row))}`),
    ),
    ...section(
      'New holds',
      holdRows(rows).map((row) => `${quoted(row.model)} ${quoted(row.newHolds.join(', '))}`),
    ),
    ...section(
      'Changed data',
      report.changedData.map((datum) => quoted(dataText(datum))),
    ),
    ...section(
      'At the limits',
      ghosts.map((ghost) =>
        [`${ghost.rule} ${title(ghost.rule)}`, ...ghost.points.map((point) => `  - ${pointText(ghost, point)}`)].join('\n'),
      ),
    ),
    ...section('No input shows what these do', report.untested.map(quoted)),
    ...section('Not readable by the policies of today', report.incompatible.map(quoted)),
    `${countsText(report.counts)}.`,
    folded(
      'Digests',
      bullets([`base ${quoted(report.base)}`, `head ${quoted(report.head)}`, `corpus ${quoted(report.corpus)}`]),
    ),
  ].join('\n\n')}\n`;
}
