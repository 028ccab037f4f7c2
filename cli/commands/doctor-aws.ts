// `countersign doctor --aws`: a deployment as its account shows it. It reads the configuration and tries what must be refused, on
// objects and rows of its own; evidence is never touched.
import { dynamoDbClient, kmsClient, lambdaClient, s3Client, sfnClient } from '../../functions/adapters/aws/clients.ts';
import { bucketLooks, emulated, type Floor } from '../aws-doctor/bucket.ts';
import { cannotTell, type Finding, findingOf, type Look, type State } from '../aws-doctor/finding.ts';
import { keyLooks, LOG, type Meant, SEAL } from '../aws-doctor/keys.ts';
import { machineLooks } from '../aws-doctor/machine.ts';
import { tableLooks } from '../aws-doctor/table.ts';
import { type Target, targetOf } from '../aws-doctor/target.ts';
import { triedLooks } from '../aws-doctor/tries.ts';
import { EXIT, type Exit, json, note, paint, say, table, wrap } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export type AwsFlags = Target & {
  readonly outputs?: string;
  /** Least default retention in days; ten years without it. */
  readonly floor?: string;
  readonly governance?: true;
  readonly readOnly?: true;
  readonly json?: true;
};

const TEN_YEARS = 3650;
const ANSWER_MS = 10_000;

export async function doctorAws(flags: AwsFlags): Promise<Exit> {
  const target = await targetOf(flags);
  const findings: Finding[] = [];
  for (const look of looksOf(target, floorOf(flags), flags.readOnly === true)) {
    if (process.stderr.isTTY) note(paint('dim', `${look.area}: ${look.name}`));
    findings.push(await findingOf(look));
  }
  // Who names a deployment wants all of it looked at; who names one thing knows that.
  if (flags.outputs !== undefined)
    for (const area of leftOf(target)) findings.push({ area, name: 'name', ...cannotTell('no output of the stacks names it') });
  const states = new Set(findings.map(({ state }) => state));
  const exit = states.has('fail') ? EXIT.no : states.has('unknown') ? EXIT.cannotTell : EXIT.yes;
  if (flags.json) json({ well: exit === EXIT.yes, findings });
  else
    say(
      `${table(['', 'what', 'checked', 'found'], findings.map(rowOf))}\n\n${wrap(conclusionOf(findings, target), 100).join('\n')}`,
    );
  return exit;
}

function floorOf({ floor, governance }: AwsFlags): Floor {
  const days = floor === undefined ? TEN_YEARS : Number(floor);
  if (!Number.isInteger(days) || days < 1) throw new UsageError('--floor is a number of days, 1 or more');
  return { mode: governance ? 'GOVERNANCE' : 'COMPLIANCE', days };
}

/** Where nobody said which region, the ARNs of what is examined do. */
export function placeOf(
  { sealKey, logKey, machine }: { readonly [K in 'sealKey' | 'logKey' | 'machine']?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): { readonly region?: string } {
  if (env['AWS_REGION'] || env['AWS_DEFAULT_REGION']) return {};
  const region = (sealKey ?? logKey ?? machine)?.split(':')[3];
  return region ? { region } : {};
}

function looksOf({ bucket, table: index, sealKey, logKey, machine }: Target, floor: Floor, readOnly: boolean): Look[] {
  const env = process.env;
  const elsewhere = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  const place = placeOf({ sealKey, logKey, machine }, env);
  const s3 = s3Client(place, env['COUNTERSIGN_S3_PATH_STYLE'] === '1');
  const kms = kmsClient(place);
  const looks = [
    ...(elsewhere === undefined ? [] : [emulated(elsewhere)]),
    ...(bucket === undefined ? [] : bucketLooks(s3, bucket, floor)),
    ...(bucket === undefined ? [] : triedLooks(s3, bucket, floor)),
    ...(index === undefined ? [] : tableLooks(dynamoDbClient(place), index)),
    ...eachOf(sealKey).flatMap((key, i) => keyLooks(kms, key, numbered(SEAL, i))),
    ...eachOf(logKey).flatMap((key, i) => keyLooks(kms, key, numbered(LOG, i))),
    ...(machine === undefined ? [] : machineLooks({ sfn: sfnClient(place), lambda: lambdaClient(ANSWER_MS, place) }, machine)),
  ];
  return readOnly ? looks.filter(({ area, name }) => area !== 'tried' && !name.startsWith('sign ')) : looks;
}

/** One after the other, as they were added. */
const eachOf = (arns: string | undefined): string[] => arns?.split(',') ?? [];
const numbered = (meant: Meant, i: number): Meant => (i === 0 ? meant : { ...meant, area: `${meant.area} ${i + 1}` });

const COLOUR: Readonly<Record<State, 'green' | 'red' | 'yellow'>> = {
  ok: 'green',
  fail: 'red',
  unknown: 'yellow',
  note: 'yellow',
};

const rowOf = ({ area, name, state, detail }: Finding): string[] => [
  paint(COLOUR[state], state === 'fail' ? 'FAIL' : state === 'unknown' ? '?' : state),
  area,
  name,
  detail,
];

const leftOf = (target: Target): string[] =>
  ['bucket', 'table', 'sealKey', 'logKey', 'machine'].filter((name) => !(name in target));

function conclusionOf(findings: readonly Finding[], target: Target): string {
  const count = (state: State): number => findings.filter((one) => one.state === state).length;
  const left = leftOf(target);
  const words = `${count('ok')} hold, ${count('fail')} fail, ${count('unknown')} nobody can tell from here.`;
  return left.length === 0 ? words : `${words} Not looked at, because not named: ${left.join(', ')}.`;
}
