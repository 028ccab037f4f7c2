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
import { rowJson, scenarioTable, tamperTable } from './report.ts';
import { readScenarios } from './scenarios.ts';
import { freePort, startServerProcess } from './server-process.ts';
import { tamper } from './tampers.ts';

type DemoFlags = { readonly json: boolean; readonly data?: string };

export async function demo(flags: DemoFlags): Promise<Exit> {
  const data = flags.data ?? (await mkdtemp(join(tmpdir(), 'countersign-demo-')));
  const baseUrl = `http://127.0.0.1:${await freePort()}`;
  // Results go to standard output, everything else beside it, so that --json can be piped.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  const started = await init({ data, baseUrl, organisation: 'Example Bank', retentionOwner: 'model-risk' });
  process.stdout.write = write;
  if (started !== EXIT.yes) return started;

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
  say(scenarioTable(played));
  const committee = played.find(({ status }) => status['path'] === 'committee' && status.outcome === 'approved');
  if (committee) {
    const tampered = await tamper(committee.evidence, trust);
    say(`\n${paint('bold', `Six tampers of ${committee.scenario}, one bit each`)}\n${tamperTable(tampered)}`);
    await writeEvidence(join(data, 'evidence'), committee.evidence.event, committee.evidence.files);
  }
  const folder = relative(process.cwd(), data) || '.';
  const at = folder.startsWith('..') ? data : folder;
  say(`\n${paint('bold', 'Go on with')}`);
  say(`  npx countersign verify ${at}/evidence --trust ${at}/trust-sandbox.json`);
  say(`  npx countersign replay ${at}/evidence --trust ${at}/trust-sandbox.json`);
  say(`  npx countersign screen ${at}/evidence --out screen.html`);
  say(`  npx countersign serve --data ${at} --demo      # then open its address and sign in`);
  const [first] = played;
  if (first) {
    say('  export COUNTERSIGN_CLIENT_ID=german-credit-pipeline COUNTERSIGN_CLIENT_SECRET=sample-secret-german-credit-pipeline');
    say(`  npx countersign show ${first.status.requestId} --server ${baseUrl}      # while it serves`);
  }
}

/** On a terminal one line that changes; elsewhere one line per scenario, so that a log stays readable. */
const progressOf = (i: number, all: number) => (what: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K[${i + 1}/${all}] ${what}`.slice(0, 110));
  else if (what.includes(': 1-')) note(`[${i + 1}/${all}] ${what.split(':')[0]}`);
};

const progressDone = () => void (process.stderr.isTTY && process.stderr.write('\r\u001b[2K'));

if (import.meta.main) process.exitCode = await demo({ json: process.argv.includes('--json') });
