// `npm run bench`: every row of docs/performance.md, measured here and now. Prints a table; `--json` prints the rows.
// A part by its name: `npm run bench -- profile --rows 10000000 --rounds 3`, `-- start`,
// `-- policy`, `-- seal`, `-- verify`, `-- rebuild`, `-- votes`, `-- hooks`, `-- functions`.
import { parseArgs } from 'node:util';
import type { Row } from './harness.ts';
import { markdown } from './table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
  },
});
const asked = (part: string): boolean => positionals.length === 0 || positionals.includes(part);

const rows: Row[] = [];
const notes: string[] = [];
if (asked('policy')) {
  const { memoryOver, policyRows } = await import('./policy.ts');
  rows.push(...(await policyRows()));
  const { early, late } = await memoryOver(100_000);
  notes.push(`100 000 decisions: ${early.toFixed(0)} MB after 10 000, ${late.toFixed(0)} MB at the end`);
}
if (asked('start')) rows.push(...(await (await import('./start.ts')).startRows()));
if (asked('profile')) {
  const { profileRows } = await import('./profile.ts');
  const found = await profileRows(Number(values.rows), Number(values.rounds));
  rows.push(...found.rows);
  notes.push(...found.notes);
}
if (asked('seal')) rows.push(...(await (await import('./evidence.ts')).sealRows()));
if (asked('verify')) {
  const found = await (await import('./evidence.ts')).verifyRows(10_000, Number(values.rounds));
  rows.push(...found.rows);
  notes.push(...found.notes);
}
if (asked('rebuild')) notes.push(...(await (await import('./rebuild.ts')).rebuildNotes([10_000, 30_000, 100_000])));
if (asked('votes')) notes.push(...(await (await import('./votes.ts')).voteNotes(Number(values.rounds))));
if (asked('functions')) rows.push(...(await (await import('./functions.ts')).functionRows(10)));
if (asked('hooks')) notes.push(...(await (await import('./hooks.ts')).hookNotes(Number(values.rounds))));
process.stdout.write(
  values.json ? `${JSON.stringify({ rows, notes }, null, 2)}\n` : `${markdown(rows)}\n\n${notes.join('\n')}\n`,
);
