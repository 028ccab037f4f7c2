// From counted requests to money. Every formula is here; every price and every assumption is in docs/aws-prices.json.
import prices from '../../../docs/aws-prices.json' with { type: 'json' };
import { UNITS, type Usage } from './counting.ts';
import type { Measured } from './paths.ts';

export const { assumptions: ASSUMED, regions: REGIONS, asOf: AS_OF, source: SOURCE } = prices;
export type Region = keyof typeof REGIONS;

/** What one promotion asks of AWS, all told. */
export type Bill = { readonly usage: Usage; readonly sqs: number; readonly sqsFifo: number; readonly seconds: number };

/** A message is sent, received and deleted. */
const CALLS_PER_MESSAGE = 3;

/** How often `countersign request --wait` asks before so many seconds are over (cli/commands/status.ts). */
function pollsWithin(seconds: number): number {
  let polls = 0;
  for (let ms = 0; ms < seconds * 1000; polls++) ms += Math.min(20 + polls * 10, 500);
  return polls;
}

const plus = (a: Usage, b: Usage, times: number): Usage =>
  Object.fromEntries(UNITS.map((unit) => [unit, (a[unit] ?? 0) + times * (b[unit] ?? 0)]));

/** `status`: one look at a request, as the pipeline repeats it while it waits. */
export const billOf = ({ usage }: Measured, status: Usage): Bill =>
  billFor(plus(usage, status, pollsWithin(ASSUMED.waitSecondsOfPipeline)), CALLS_PER_MESSAGE);

function billFor(usage: Usage, sqsFifo: number): Bill {
  const waits = Object.entries(ASSUMED.milliseconds).map(([unit, ms]) => (usage[unit] ?? 0) * ms);
  const own = (usage['invocations'] ?? 0) * ASSUMED.ownMillisecondsPerInvocation;
  const seconds = (waits.reduce((a, b) => a + b, 0) + own) / 1000;
  return { usage, sqs: (usage['wakes'] ?? 0) * CALLS_PER_MESSAGE, sqsFifo, seconds };
}

export const SERVICES = ['S3', 'DynamoDB', 'KMS', 'Lambda', 'HTTP API', 'Step Functions', 'SQS, events, logs'] as const;
export type Cost = Readonly<Record<(typeof SERVICES)[number], number>>;

const MILLION = 1_000_000;
const GIB = 1024 ** 3;

/** Dollars for one promotion. */
export function costOf({ usage, sqs, sqsFifo, seconds }: Bill, region: Region): Cost {
  const price = REGIONS[region];
  const of = (unit: string): number => usage[unit] ?? 0;
  const [invocations, transitions] = [of('invocations'), of('transitions')];
  return {
    // A HEAD is billed as a GET, a LIST as a PUT.
    S3: ((of('s3Put') + of('s3List')) * price.s3PutPerThousand + (of('s3Get') + of('s3Head')) * price.s3GetPerThousand) / 1000,
    // A session or a token is a row of 3 to 4 KB.
    DynamoDB:
      ((of('readUnits') + of('privateReads')) * price.dynamoReadPerMillion +
        (of('writeUnits') + of('privateWrites') * 4) * price.dynamoWritePerMillion) /
      MILLION,
    KMS: (of('kmsSign') * price.kmsAsymmetricPerTenThousand) / 10_000,
    Lambda: (invocations * price.lambdaPerMillion) / MILLION + seconds * ASSUMED.functionGib * price.lambdaGibSecond,
    'HTTP API': (of('httpUnits') * price.httpApiPerMillion) / MILLION,
    'Step Functions': (transitions * price.statesPerThousand) / 1000,
    'SQS, events, logs':
      (sqs * price.sqsPerMillion + sqsFifo * price.sqsFifoPerMillion + price.eventsPerMillion) / MILLION +
      (invocations * ASSUMED.logBytesPerInvocation * price.logsGib) / GIB,
  };
}

export const totalOf = (cost: Cost): number => Object.values(cost).reduce((a, b) => a + b, 0);

const MONTHS_OF_TEN_YEARS = 120;

/** Objects and rows of one promotion, kept for the ten years of a high-risk line; rows are backed up as well. */
export function keptTenYears(usage: Usage, region: Region): number {
  const price = REGIONS[region];
  const [objects, rows] = [usage['s3Bytes'] ?? 0, usage['rowBytes'] ?? 0];
  const month = (objects * price.s3GibMonth + rows * (price.dynamoGibMonth + price.dynamoPitrGibMonth)) / GIB;
  return month * MONTHS_OF_TEN_YEARS;
}

const MINUTES_OF_MONTH = 30 * 24 * 60;

/** What a stack costs in a month in which nobody promotes anything: sweep, keys, secret, alarms, pollers of the queues. */
export function idleMonth(sweep: Usage, region: Region): number {
  const price = REGIONS[region];
  const polls = (ASSUMED.queuePollers * MINUTES_OF_MONTH * 60) / ASSUMED.pollSeconds;
  return (
    totalOf(costOf(billFor(sweep, 0), region)) * MINUTES_OF_MONTH +
    2 * price.kmsKeyMonth +
    price.secretMonth +
    ASSUMED.alarms * price.alarmMonth +
    price.dashboardMonth +
    (polls * price.sqsPerMillion) / MILLION
  );
}

/** How long the commits of one promotion hold the one journal: read its end and each row, put the entry, write the rows. */
export function serialSeconds(usage: Usage): number {
  const { dynamoGet, s3Put, dynamoTransact } = ASSUMED.milliseconds;
  // The rows of a transaction are looked at together.
  return ((usage['commits'] ?? 0) * (dynamoGet + dynamoGet + s3Put + dynamoTransact)) / 1000;
}
