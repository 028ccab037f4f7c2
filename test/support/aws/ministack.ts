// MiniStack (PyPI): most of AWS on one loopback port, so that our own stacks are deployed for real.
// What it cannot show truthfully is listed in docs/aws-local.md and tried on versitygw and DynamoDB Local.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Place } from '../../../functions/adapters/aws/clients.ts';
import { pythonOf } from '../venv.ts';
import { type Started, startEngine } from './engine.ts';

const run = promisify(execFile);
const AWS = join(import.meta.dirname, '../../aws');
const VENV = {
  name: 'ministack',
  requirements: join(AWS, 'requirements.txt'),
  what: 'MiniStack 1.5.33',
  needs: [3, 10],
  takes: 'half a minute, 120 MB',
} as const;

const ministackPython = (): Promise<string> => pythonOf(VENV);

/** Lines that functions of this account printed, with the log group of each. */
export async function functionLogs({
  endpoint = '',
  credentials,
  region = '',
}: Place): Promise<(readonly [group: string, line: string])[]> {
  const { accessKeyId = '', secretAccessKey = '' } = credentials ?? {};
  const args = [join(AWS, 'function_logs.py'), endpoint, accessKeyId, secretAccessKey, region];
  const { stdout } = await run(await ministackPython(), args, { maxBuffer: 1e8 });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as [string, string]);
}

/** `env`: settings of its own, such as `SFN_WAIT_SCALE`. */
export async function startMinistack(env: Record<string, string> = {}): Promise<Started> {
  const python = await ministackPython();
  return startEngine({
    name: 'ministack',
    command: () => [python, join(AWS, 'mended_ministack.py')],
    env: (folder, port) => ({
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0', // it would open a second port
      LOG_LEVEL: 'WARNING',
      TMPDIR: folder,
      STATE_DIR: join(folder, 'state'),
      S3_DATA_DIR: join(folder, 's3'),
      // Functions run on the first `node` of PATH: the one that this process runs on.
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      ...env,
    }),
    ready: async (url) => (await fetch(`${url}/_ministack/health`)).ok,
  });
}
