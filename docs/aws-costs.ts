// Writes docs/aws-costs.md: counts that are measured anew each time, prices and assumptions that are stated in docs/aws-prices.json.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AS_OF,
  ASSUMED,
  billOf,
  costOf,
  idleMonth,
  keptTenYears,
  REGIONS,
  type Region,
  SERVICES,
  SOURCE,
  totalOf,
} from '../test/bench/aws/costs.ts';
import { limitsPart } from '../test/bench/aws/limits.ts';
import { type Measured, type Measurement, measurePaths } from '../test/bench/aws/paths.ts';
import { type Sizes, sizesOf } from '../test/bench/aws/sizes.ts';

export const COSTS_PAGE = join(import.meta.dirname, 'aws-costs.md');

const HEAD = `# What it costs on AWS, and where it ends

This page is generated, \`npx node docs/aws-costs.ts\`, and a test holds it current: one more request on any path shows here.

- **Measured**: requests. Each path is taken by the product's own client, app and stages in process; counters stand before vault, rows,
  keys and workflow (\`test/bench/aws/counting.ts\`), under the journal. Sizes are those of the German credit example.
- **Known by construction**: invocations, state transitions and messages (\`test/bench/aws/costs.ts\`).
- **Stated, not measured**: prices and latencies. Both are data in [aws-prices.json](aws-prices.json): put in yours and run it again.
  Prices, ${AS_OF}: ${SOURCE}.

A promotion here is everything that belongs to it: the pipeline asks for baselines, asks for and uploads each object, announces, and
waits ${ASSUMED.waitSecondsOfPipeline} s with \`--wait\`; people sign in, open request and screen, decide and see the receipt; the event is sealed and logged, alone in its batch,
which is the dearest way; the deployment asks the gate once. A warm process: its policy is loaded.
`;

const nameOf = ({ path, outcome, votes }: Measured): string =>
  outcome === 'approved'
    ? `${path}${votes > 0 ? `, ${votes} vote${votes > 1 ? 's' : ''}` : ''}`
    : `${outcome}${votes > 0 ? `, after ${votes} vote` : ''}`;

const COUNTED: readonly [string, string][] = [
  ['S3 PUT', 's3Put'],
  ['GET', 's3Get'],
  ['HEAD', 's3Head'],
  ['LIST', 's3List'],
  ['KB stored', 's3Bytes'],
  ['Get', 'dynamoGet'],
  ['Query', 'dynamoQuery'],
  ['transactions', 'dynamoTransact'],
  ['rows', 'dynamoItems'],
  ['read units', 'readUnits'],
  ['write units', 'writeUnits'],
  ['KMS Sign', 'kmsSign'],
  ['wakes', 'wakes'],
  ['private reads', 'privateReads'],
  ['writes', 'privateWrites'],
  ['HTTP', 'http'],
  ['invocations', 'invocations'],
  ['transitions', 'transitions'],
];

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const KB = 1000;
const count = (unit: string, value: number): string => String(unit === 's3Bytes' ? Math.round(value / KB) : value);

function countsPart({ paths, status }: Measurement): string {
  const rows = paths.map((one) => {
    const { usage } = billOf(one, status);
    return [nameOf(one), ...COUNTED.map(([, unit]) => count(unit, usage[unit] ?? 0))];
  });
  const waiting = COUNTED.map(([name, unit]) => ({ name, n: status[unit] ?? 0 })).filter(({ n }) => n > 0);
  return `## Requests of one promotion

${tableOf(['path', ...COUNTED.map(([name]) => name)], rows)}

Of these, each look of a waiting pipeline is ${waiting.map(({ name, n }) => `${n} ${name}`).join(', ')}. A further vote costs more the more there are: each time all
votes are read again. The first of a line goes to the committee, so a line begins with that row.
`;
}

const dollars = (value: number): string => value.toFixed(2);

function moneyPart({ paths, status, idleSweep }: Measurement): string {
  const regions = Object.keys(REGIONS) as Region[];
  const first: Region = 'us-east-1';
  const rows = paths.map((one) => {
    const bill = billOf(one, status);
    const cost = costOf(bill, first);
    const parts = SERVICES.map((service) => dollars(1000 * cost[service]));
    const sums = regions.map((region) => `**${dollars(1000 * totalOf(costOf(bill, region)))}**`);
    return [nameOf(one), ...parts, ...sums, dollars(1000 * keptTenYears(bill.usage, first))];
  });
  return `## Dollars for 1 000 promotions

The parts and the ten years are of ${first}; the sums of each region.

${tableOf(['path', ...SERVICES, ...regions, 'kept for 10 years'], rows)}

A stack that does nothing costs ${regions.map((region) => `${dollars(idleMonth(idleSweep, region))} (${region})`).join(' and ')} a month: the sweep each minute, two keys, a secret, ${ASSUMED.alarms}
alarms, a dashboard, and the queues that are asked for messages. Not in any sum: data that leaves AWS, CloudTrail, traces, a replica of the
bucket, the witness of a second account, support, tax.
`;
}

export async function costsPage(): Promise<string> {
  const measurement = await measurePaths();
  const sizes: Sizes[] = [];
  for (const features of [20, 2000]) sizes.push(await sizesOf(features));
  return [HEAD, countsPart(measurement), moneyPart(measurement), limitsPart(measurement, sizes)].join('\n');
}

if (import.meta.main) await writeFile(COSTS_PAGE, await costsPage());
