// A real MLflow server (PyPI), in an environment of its own outside git: free loopback port, ready probe, ended by process id.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../cli/demo/server-process.ts';
import { pythonOf } from '../support/venv.ts';

const run = promisify(execFile);

/** Cold: the environment is made first. */
export const MLFLOW_COLD_MS = 400_000;

const mlflowPython = (): Promise<string> =>
  pythonOf({
    name: 'mlflow',
    requirements: join(import.meta.dirname, 'requirements.txt'),
    what: 'mlflow 3.17.2',
    needs: [3, 10],
    takes: 'a minute, 351 MB',
  });

export type MlflowServer = {
  readonly url: string;
  readonly folder: string;
  readonly api: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;
  /** Raw bytes over an artefact, as anybody who reaches the server can. */
  readonly put: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly python: (script: string, args: readonly string[], env?: Record<string, string>) => Promise<string>;
  readonly stop: () => Promise<void>;
  readonly restart: () => Promise<void>;
};

/** As docs/registries.md says to start it; without a key of its own it would forget the secret of each webhook. */
const settings = (key: string, more: Record<string, string>) => ({
  MLFLOW_DISABLE_TELEMETRY: 'true',
  DO_NOT_TRACK: 'true',
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
  MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http',
  MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
  MLFLOW_WEBHOOK_CACHE_TTL: '0',
  MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: key,
  ...more,
});

/** Who asks, and in which workspace: headers of every call of the test itself. */
type Asking = Readonly<Record<string, string>>;

export async function startMlflow(
  more: Record<string, string> = {},
  flags: readonly string[] = [],
  asking: Asking = {},
): Promise<MlflowServer> {
  const python = await mlflowPython();
  const folder = await mkdtemp(join(tmpdir(), 'countersign-mlflow-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, ...settings(`${randomBytes(32).toString('base64url')}=`, more) };
  let child = await started(python, folder, port, env, flags);
  const api = async (method: string, path: string, body?: unknown) => {
    const headers = { ...asking, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const answer = await fetch(`${url}/api/2.0/mlflow${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const put = async (path: string, bytes: Uint8Array) => {
    const answer = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/${path}`, {
      method: 'PUT',
      headers: asking,
      body: Buffer.from(bytes),
    });
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
  };
  const stopped = () => child.end();
  return {
    url,
    folder,
    api,
    put,
    python: async (script, args, own = {}) => {
      const client = { ...env, MLFLOW_TRACKING_URI: url, GIT_PYTHON_REFRESH: 'quiet', ...own };
      const { stdout } = await run(python, [script, ...args], { env: client, maxBuffer: 1e8 });
      return stdout;
    },
    stop: async () => {
      await stopped();
      await rm(folder, { recursive: true, force: true });
    },
    restart: async () => {
      await stopped();
      child = await started(python, folder, port, env, flags);
    },
  };
}

/** Ends the server and all it started as soon as nobody holds its standard input: also when this process was killed. */
const WATCHED = `
import os, signal, subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def end():
    sys.stdin.read()
    os.killpg(0, signal.SIGTERM)
threading.Thread(target=end, daemon=True).start()
sys.exit(server.wait())
`;

async function started(python: string, folder: string, port: number, env: NodeJS.ProcessEnv, flags: readonly string[]) {
  const store = ['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', join(folder, 'artifacts')];
  const where = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  // A group of its own: the command starts a server that starts a worker, and all of them end together.
  // As a module: the environment was renamed after it was made, and its scripts name the old place.
  const child = spawn(python, ['-c', WATCHED, python, '-m', 'mlflow', 'server', ...where, ...store, ...flags], {
    env,
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-4000);
    });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal);
  };
  const alive = (): boolean => {
    try {
      return child.pid !== undefined && process.kill(-child.pid, 0);
    } catch {
      return false; // no process of the group is left
    }
  };
  for (let turn = 0; turn < 600 && child.exitCode === null; turn++) {
    // Its exit code is 0 even when a package is missing: only the probe tells.
    const health = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (health?.ok)
      return {
        end: async () => {
          child.stdin.end();
          await exited;
          // The first of the group is gone at once; its worker still answers until its last connection is closed.
          for (let turn = 0; alive(); turn++) {
            if (turn === 100) process.kill(-(child.pid ?? 0), 'SIGKILL');
            await sleep(50);
          }
        },
      };
    await sleep(100);
  }
  kill('SIGKILL');
  throw new Error(`MLflow did not become ready: ${said}`);
}
