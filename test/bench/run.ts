// `npm run bench`: every row of docs/performance.md, measured here and now. Prints a table; `--json` prints the rows.
import { memoryOver, policyRows } from './policy.ts';
import { markdown } from './table.ts';

const rows = await policyRows();
const memory = await memoryOver(100_000);
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ rows, memory }, null, 2)}\n`);
else {
  process.stdout.write(`${markdown(rows)}\n\n`);
  process.stdout.write(
    `100 000 decisions: ${memory.early.toFixed(0)} MB after 10 000, ${memory.late.toFixed(0)} MB at the end\n`,
  );
}
