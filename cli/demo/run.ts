// `npm run demo`: the real server with a fresh data folder, the example's promotions over its API, and what came of them.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import { Client } from '../client.ts';
import { serviceToken } from '../commands/context.ts';
import { writeEvidence } from '../commands/evidence-folder.ts';
import { init } from '../commands/init.ts';
import { readTrust } from '../commands/verify.ts';
import { paths } from '../embedded.ts';
import { EXIT, type Exit, json, note, paint, say } from '../output.ts';
import { People } from './people.ts';
import { type Played, play } from './play.ts';
import { gateTable, rowJson, scenarioTable, tamperTable } from './report.ts';
import { readScenarios } from './scenarios.ts';
import { freePort, startServerProcess } from './server-process.ts';
import { tamper } from './tampers.ts';

type DemoFlags = { readonly json: boolean; readonly data?: string };

export async function demo(flags: DemoFlags): Promise<Exit> {
  const data = flags.data ?? (await mkdtemp(join(tmpdir(), 'countersign-demo-')));
  const baseUrl = `http://127.0.0.1:${await freePort()}`;
  // Results go to standard output, everything else beside it, so that --json can be piped.
  const begun = await init({ data, baseUrl, organisation: 'Example Bank', retentionOwner: 'model-risk' }, note);
  if (begun !== EXIT.yes) return begun;

  const server = await startServerProcess(data, baseUrl);
  try {
    const [pipeline] = SAMPLE_SERVICES;
    if (!pipeline) throw new Error('no sample pipeline');
    const client = new Client({
      server: baseUrl,
      token: await serviceToken(`${baseUrl}/idp`, pipeline.clientId, pipeline.secret),
    });
    const trust = await readTrust(paths(data).trust('sandbox'));
    const scenarios = await readScenarios();
    const people = new People(baseUrl);
    const played: Played[] = [];
    for (const [i, scenario] of scenarios.entries()) {
      played.push(await play({ client, people, trust, progress: progressOf(i, scenarios.length) }, scenario));
    }
    progressDone();
    if (flags.json) json(played.map(rowJson));
    else await tell(played, { data, baseUrl }, trust);
    return played.every(({ verified }) => verified) ? EXIT.yes : EXIT.no;
  } finally {
    await server.stop();
  }
}

async function tell(
  played: readonly Played[],
  { data, baseUrl }: { data: string; baseUrl: string },
  trust: Parameters<typeof tamper>[1],
): Promise<void> {
  say(`${scenarioTable(played)}\n\n${gateTable(played)}`);
  const committee = played.find(({ status }) => status['path'] === 'committee' && status.outcome === 'approved');
  if (committee) {
    const tampered = await tamper(committee.evidence, trust);
    say(`\n${paint('bold', `Six tampers of ${committee.scenario}, one bit each`)}\n${tamperTable(tampered)}`);
    await writeEvidence(join(data, 'evidence'), committee.evidence.event, committee.evidence.files);
  }
  const folder = relative(process.cwd(), data) || '.';
  const at = folder.startsWith('..') ? data : folder;
  say(`\n${paint('bold', 'Go on with')}`);
  const lines = [
    // A name for the folder: with it written out the lines are too long to read.
    `DEMO=${at}`,
    'npx countersign verify $DEMO/evidence --trust $DEMO/trust-sandbox.json',
    'npx countersign replay $DEMO/evidence --trust $DEMO/trust-sandbox.json',
    'npx countersign screen $DEMO/evidence --out screen.html',
    'npx countersign serve --data $DEMO --demo',
    `# then sign in at ${baseUrl}; or in another terminal, while it serves:`,
    'export COUNTERSIGN_CLIENT_ID=german-credit-pipeline',
    'export COUNTERSIGN_CLIENT_SECRET=sample-secret-german-credit-pipeline',
    `npx countersign show ${played[0]?.status.requestId} --server ${baseUrl}`,
  ];
  for (const line of lines) say(`  ${line}`);
}

/** On a terminal one line that changes; elsewhere one line per scenario, so that a log stays readable. */
const progressOf = (i: number, all: number) => (what: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K[${i + 1}/${all}] ${what}`.slice(0, 110));
  else if (what.includes(': 1-')) note(`[${i + 1}/${all}] ${what.split(':')[0]}`);
};

const progressDone = () => void (process.stderr.isTTY && process.stderr.write('\r\u001b[2K'));

const USAGE = `Usage: npm run demo [-- --json]

Plays the German-credit example against a server of its own and prints what came of it.
  --json   one object per scenario instead; \`npm run --silent demo -- --json\` prints nothing else`;

async function started(args: readonly string[]): Promise<Exit> {
  const wrong = args.find((arg) => !['--json', '--help'].includes(arg));
  if (wrong === undefined && !args.includes('--help')) return demo({ json: args.includes('--json') });
  if (wrong === undefined) say(USAGE);
  else note(`unknown argument ${wrong}\n${USAGE}`);
  return wrong === undefined ? EXIT.yes : EXIT.usage;
}

if (import.meta.main) process.exitCode = await started(process.argv.slice(2));
