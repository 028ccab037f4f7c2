// One file with a picture, for those who are not on the pull request: no script, no request to anywhere.
import { bars } from '../../functions/approve/screen/charts.ts';
import { html, list, pairs, table, trusted } from '../../functions/approve/screen/markup.ts';
import { STYLE } from '../../functions/approve/screen/style.ts';
import { PATHS } from '../../functions/domain/routing.ts';
import type { Row } from '../../functions/whatif/change.ts';
import {
  approversText,
  codesText,
  dataText,
  figuresText,
  inOrder,
  NAMES,
  pathText,
  pointText,
  type Told,
  todayText,
  versionText,
} from './what-if-text.ts';

export function whatIfHtml(told: Told): string {
  const { report, blockers } = told;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What if this policy had decided</title><style>${trusted(STYLE)}</style></head><body><main>
<h1>${report.sentence}</h1>
<p>${versionText(report)}</p>
${blockers.length > 0 && html`<section><h2>Blocked</h2>${list(blockers.map(({ why, where }) => `${where}: ${why}`))}</section>`}
${picture(report.rows)}
${table<Row>(
  'Changed promotions',
  [
    { head: 'Model', cell: (row) => row.model },
    { head: 'Date', cell: (row) => row.date, as: 'words' },
    { head: 'Tier', cell: (row) => row.tier, as: 'words' },
    { head: 'As of then', cell: pathText, as: 'words' },
    { head: 'As of today', cell: todayText, as: 'words' },
    { head: 'Rules', cell: codesText },
    { head: 'Figure', cell: (row) => figuresText(row.figures) },
    { head: 'Approvers', cell: approversText },
    { head: 'New holds', cell: (row) => row.newHolds.join(', ') },
  ],
  inOrder(report.rows),
)}
${table('Changed data', [{ head: 'Number', cell: dataText }], report.changedData)}
${table(
  'At the limits',
  [
    { head: 'Number', cell: (ghost) => ghost.pointer },
    { head: 'Rule', cell: (ghost) => `${ghost.rule} ${told.rules.get(ghost.rule)?.title ?? ''}` },
    { head: 'What happens', cell: (ghost) => list(ghost.points.map((point) => pointText(ghost, point))) },
  ],
  report.ghosts,
)}
${report.untested.length > 0 && html`<h2>No input shows what these do</h2>${list(report.untested)}`}
${report.incompatible.length > 0 && html`<h2>Not readable by the policies of today</h2>${list(report.incompatible)}`}
${pairs(NAMES.map(([key, name]) => [name, report.counts[key]]))}
${pairs([
  ['base', report.base],
  ['head', report.head],
  ['corpus', report.corpus],
])}
</main></body></html>
`;
  return page.toString();
}

/** The changed promotions by path, before and after: the bar that shrinks is where people stop being asked. */
function picture(rows: readonly Row[]) {
  const count = (side: 'from' | 'to', path: string) => rows.filter((row) => row[side] === path).length;
  return bars({
    id: 'paths',
    title: 'Changed promotions by path',
    desc: 'Each path under the old policy and under the new one. Promotions that do not change are left out.',
    series: ['old policy', 'new policy'],
    rows: PATHS.map((path) => ({
      label: path,
      bars: (['from', 'to'] as const).map((side) => ({ value: count(side, path), text: String(count(side, path)) })),
    })),
  });
}
