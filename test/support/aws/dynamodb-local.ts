// DynamoDB Local (Maven Central): Amazon's own engine, the second opinion on conditions and transactions.
// It has no setting for the address that it listens on; it holds nothing but a test's rows, in memory, for as long as the test runs.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { settle } from '../venv.ts';
import { type Started, startEngine } from './engine.ts';

const run = promisify(execFile);
const POM = join(import.meta.dirname, '../../aws/dynamodb-local/pom.xml');
const MAIN = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';

export async function startDynamodbLocal(): Promise<Started> {
  const jars = await jarsOnce();
  return startEngine({
    name: 'dynamodb-local',
    command: (_, port) => {
      const path = ['-cp', join(jars, '*')];
      return ['java', `-Djava.library.path=${jars}`, ...path, MAIN, '-inMemory', '-disableTelemetry', '-port', String(port)];
    },
    ready: async (url) => (await fetch(url)).status > 0, // it answers 400 to a call without a signature
  });
}

/** Its 80 libraries, kept outside git under a name that changes with the pom. */
async function jarsOnce(): Promise<string> {
  await need('java', ['-version'], 'Java 17 or newer (Debian: apt install default-jre-headless)');
  const sum = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'countersign', `dynamodb-local-${sum}`);
  if (existsSync(folder)) return folder;
  await need('mvn', ['-version'], 'Maven (Debian: apt install maven)');
  process.stderr.write('Fetching DynamoDB Local 2.6.1 once (half a minute, 51 MB) …\n');
  const beside = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${beside}`, '-DincludeScope=runtime'];
    await run('mvn', ['-q', '-B', '-ntp', '-f', POM, ...copy], { maxBuffer: 1e8 });
    settle(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  return folder;
}

async function need(command: string, args: readonly string[], what: string): Promise<void> {
  await run(command, [...args]).catch(() => {
    const path = (process.env['PATH'] ?? '').split(delimiter).join(' ');
    throw new Error(`the tests need the command ${command} for DynamoDB Local: ${what}; looked in ${path}`);
  });
}
