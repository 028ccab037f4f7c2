// `npm run simulate:aws -- --lines 10 --days 30`: plays the month and says what it came to. Ends with 1 when anything was wrong.
import { parseArgs } from 'node:util';
import { playMonth } from './month.ts';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '10' },
    days: { type: 'string', default: '30' },
    containers: { type: 'string', default: '3' },
    faults: { type: 'string', default: '400' },
    deploys: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const say = (text: string) => void process.stdout.write(`${text}\n`);
const month = await playMonth(
  {
    lines: Number(values.lines),
    days: Number(values.days),
    containers: Number(values.containers),
    faultEvery: Number(values.faults),
    deployEvery: Number(values.deploys),
    seed: Number(values.seed),
  },
  { told: say },
);
say(JSON.stringify({ ...month, wrong: undefined }, null, 2));
for (const one of month.wrong) say(`WRONG ${one}`);
say(month.wrong.length === 0 ? 'everything holds' : `${month.wrong.length} things are wrong`);
process.exitCode = month.wrong.length === 0 ? 0 : 1;
