// Where it ends: limits of AWS against what was measured, and three volumes against the one line in which all commits stand.
import { digestOf } from '../../../functions/domain/digest.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { ASSUMED, billOf, costOf, idleMonth, type Region, serialSeconds, totalOf } from './costs.ts';
import { itemBytes } from './counting.ts';
import type { Measured, Measurement } from './paths.ts';
import type { Sizes } from './sizes.ts';

/** Of a large bank's promotions, in hundredths. */
const MIX = { automated: 90, reviewer: 6, committee: 2, refused: 1, expired: 1 } as const;
/** How long people take, and how long what expires was open. */
const DAYS_OPEN = { reviewer: 1, committee: 3, expired: 30 } as const;
const PER_DAY = [10, 1_000, 100_000] as const;
/** A night's retrains come together. */
const NIGHT_HOURS = 4;
const DAY_SECONDS = 86_400;
/** `journal/999/999/999` is the last name there is (functions/domain/vault-keys.ts). */
const LAST_ENTRY = 999_999_999;
/** A wake leads an execution from its wait through route and choice back: 6 events, 5 and 2. */
const EVENTS_PER_TURN = 13;
const MAX_EVENTS = 25_000;
/** A row of `OPEN`, in bytes. */
const OPEN_ROW = itemBytes(
  { pk: 'OPEN', sk: `req-${'a'.repeat(26)}` },
  { line: 'consumer-loans', environment: 'production', receivedAt: '2026-11-21T00:00:00.000Z' },
  false,
);
/** 6 MB of a function's payload, less its headers, in base64. */
const MAX_BODY = Math.floor((6 * 1024 * 1024 - 100_000) * 0.75);
/** infra/constructs/stages.ts gives it so long. */
const SWEEP_SECONDS = 240;
/** functions/http/sealed.ts. */
const [INBOX_READS, INBOX_TOGETHER] = [2000, 32] as const;
/** Listed, a thousand at a time and one page after the other, within the 30 s of the HTTP API. */
const INBOX_KEYS = (30_000 / ASSUMED.milliseconds.s3List) * 1000;

type Kind = keyof typeof MIX;

const kindOf = ({ path, outcome }: Measured): string => (outcome === 'approved' ? path : outcome);

function mixed(paths: readonly Measured[], of: (path: Measured) => number): number {
  return (Object.keys(MIX) as Kind[]).reduce((sum, kind) => {
    // The first of a kind is the usual one: a committee of three, not of ten.
    const path = paths.find((one) => kindOf(one) === kind);
    if (path === undefined) throw new Error(`${kind} was not measured`);
    return sum + (MIX[kind] / 100) * of(path);
  }, 0);
}

const openAtOnce = (perDay: number): number =>
  (perDay / 100) *
  (Object.keys(DAYS_OPEN) as (keyof typeof DAYS_OPEN)[]).reduce((n, kind) => n + MIX[kind] * DAYS_OPEN[kind], 0);

const number = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2));
const percent = (part: number): string => `${part < 0.001 ? '< 0.1' : (100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
const kb = (bytes: number): string => `${number(bytes / 1000)} KB`;

/** A decision names each vote that was counted. */
function decisionBytes(votes: number): number {
  const id = `req-${'a'.repeat(26)}` as Parameters<typeof keys.fact>[0];
  const body = {
    outcome: 'approved',
    decidedAt: '2026-11-21T00:00:00.000Z',
    votes: Array(votes).fill('0'.repeat(64)),
    reasons: [],
  };
  return itemBytes(keys.fact(id, 'decision'), { ...body, previous: digestOf('') }, true);
}

export function limitsPart(measurement: Measurement, sizes: readonly Sizes[]): string {
  const { paths, largest } = measurement;
  const wide = sizes.at(-1);
  if (wide === undefined) throw new Error('sizes were measured');
  const rows = [
    [
      'row of 400 KB',
      `${largest.row.what}: ${kb(largest.row.size)}; a decision with 200 votes: ${kb(decisionBytes(200))}`,
      'holds',
    ],
    [
      'transaction of 100 rows, 4 MB',
      `${largest.transactionItems.size} rows, ${kb(largest.transactionBytes.size)}: the seal of an approval. It does not grow with the votes, but with the artefacts: one row for each`,
      'holds: intake refuses more than 80 artefacts and answers together; a log batch is 82 rows',
    ],
    [
      'function payload of 6 MB',
      `of a body in base64 ${number(MAX_BODY / 1e6)} MB are left, up and down; an object may have 16 MiB`,
      'holds: above 4 MiB the client is told where S3 itself takes the bytes, and a download is sent there ([0040](decisions/0040-large-objects-past-the-functions.md))',
    ],
    [
      'the same, other bodies',
      `with ${wide.features} features: request ${kb(wide.request)}, screen ${kb(wide.screen)}, two baselines ${kb(wide.baselines)}; largest answer of the example ${kb(largest.page.size)}`,
      'holds',
    ],
    [
      'HTTP API answer within 30 s',
      `before it shows an inbox, a fresh process lists all sealed envelopes and reads up to ${number(INBOX_READS)} of them, ${INBOX_TOGETHER} at once: ${number(((INBOX_READS / INBOX_TOGETHER) * ASSUMED.milliseconds.s3Get) / 1000)} s for reading, ${number(ASSUMED.milliseconds.s3List)} ms for each thousand listed`,
      `holds up to some ${number(INBOX_KEYS)} envelopes; over ${number(INBOX_READS)} the list of what was decided is whole only after several looks, and says so`,
    ],
    [
      'execution of 25 000 events, 1 year',
      `${EVENTS_PER_TURN} events for each wake: ${number(MAX_EVENTS / EVENTS_PER_TURN)} wakes. A committee of 200 needs 201; the sweep wakes everything once an hour, so ${number(MAX_EVENTS / EVENTS_PER_TURN / 24)} days`,
      'holds; who waits longer goes on in a second execution, `<id>-2`',
    ],
    [
      'HTTP API: the stack allows 100 requests a second, bursts of 200',
      `${number(mixed(paths, ({ usage }) => usage['http'] ?? 0))} for each promotion, most of them a pipeline that asks whether an object is there`,
      'holds: pipelines that meet 429 wait and ask again, half a minute at most. `THROTTLE` in infra/constructs/api.ts moves it',
    ],
    ['state of 256 KiB, message of 256 KiB', 'an id, about 60 bytes', 'holds'],
    ['KMS, 1 000 signatures of elliptic curves a second', '2 for each promotion', 'holds'],
    [
      'S3, 3 500 PUT a second for a prefix',
      `${number(mixed(paths, ({ usage }) => usage['s3Put'] ?? 0))} for each promotion, over all prefixes`,
      'holds',
    ],
    [
      'partition of 1 000 write units a second',
      'the note how far the rows follow, `JOURNAL / end`: 2 units for each commit',
      'holds: the journal is slower',
    ],
  ];
  const table = [['limit of AWS (stated)', 'here (measured)', 'verdict'], ['---', '---', '---'], ...rows];
  return `## Limits

${table.map((row) => `| ${row.join(' | ')} |`).join('\n')}

### One journal

All commits of a stack stand in one line: each reads the journal's end and its own rows, puts entry n + 1 under a name that can be taken
once, and writes the rows ([0024](decisions/0024-the-index-follows-a-journal.md)). ${number(mixed(paths, ({ usage }) => usage['commits'] ?? 0))} commits for each promotion at
${ASSUMED.milliseconds.dynamoGet} + ${ASSUMED.milliseconds.dynamoGet} + ${ASSUMED.milliseconds.s3Put} + ${ASSUMED.milliseconds.dynamoTransact} ms hold it for ${number(1000 * mixed(paths, ({ usage }) => serialSeconds(usage)))} ms. So one stack takes **${number(1 / mixed(paths, ({ usage }) => serialSeconds(usage)))} promotions a second** and no more, however many functions run. Measured with calls as late as that
(\`npx node test/bench/aws/contention.ts\`): 17 to 19 commits a second for 1, 2, 4, 8 and 16 processes that write at once. So more of them do no
harm to the whole; what each pays is requests, since all but one are refused and begin again: 1.0, 1.7, 3.2, 6.0 and 11 PUT for each commit. The
sums above are for one that writes alone.

${volumesPart(measurement)}`;
}

function volumesPart({ paths, status, idleSweep, openSweep }: Measurement): string {
  const region: Region = 'us-east-1';
  const each = mixed(paths, (path) => totalOf(costOf(billOf(path, status), region)));
  const serial = mixed(paths, ({ usage }) => serialSeconds(usage));
  const commits = mixed(paths, ({ usage }) => usage['commits'] ?? 0);
  // What a sweep adds for a request that only waits: it reads its rows, one request after the other.
  const look = ((openSweep['dynamoQuery'] ?? 0) * ASSUMED.milliseconds.dynamoQuery) / 1000;
  const rows = PER_DAY.map((perDay) => {
    const open = openAtOnce(perDay);
    return [
      number(perDay),
      percent((perDay * serial) / DAY_SECONDS),
      percent((perDay * serial) / (NIGHT_HOURS * 3600)),
      number(open),
      percent((open * look) / SWEEP_SECONDS),
      `${number(LAST_ENTRY / (perDay * commits) / 365)} years`,
      number(perDay * each * 30 + idleMonth(idleSweep, region)),
    ];
  });
  const mix = Object.entries(MIX).map(([kind, share]) => `${share} % ${kind}`);
  const head = [
    'promotions a day',
    'journal, even load',
    `journal, all in ${NIGHT_HOURS} h`,
    'open at once',
    'of the sweep’s 240 s',
    'names of entries last',
    'dollars a month',
  ];
  const table = [head, head.map(() => '---:'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return `### 10, 1 000 and 100 000 promotions a day

${mix.join(', ')}; people take a day, a committee three, what expires thirty.

${table.join('\n')}

| a day | what breaks first | what moves it |
| --- | --- | --- |
| 10 | nothing | |
| 1 000 | the inbox: after two days the list of what was decided is not whole at the first look, after three years it cannot be listed in time | read it from the index (the rows \`ENDED\` are there), page by page; that is not done yet |
| 100 000 | the journal, when retrains come together in the night; the sweep and each inbox, which read all that is open; each seal lists all that is open (\`openOn\` in functions/drive.ts), ${number((openAtOnce(100_000) * OPEN_ROW) / 1e6)} MB then; after some years the names of entries | a stack for each business unit: lines share nothing, so ten stacks are ten journals, each with its own log. Spread the nightly start. A sweep that asks only what is due needs an index by time |

A stack for each business unit is a configuration file more (\`cdk deploy -c config=…\`). Within one stack the log's commits are the first to
save: two of those counted above are for a log batch of one, and a batch of ten shares them. A journal for each line would lift the
ceiling by as much as there are lines, at the price of one order of all that happened; that is a change of the write protocol and was not made.
`;
}
