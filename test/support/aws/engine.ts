// One local engine as a process group of its own: ready probe with a limit, ended by process id, also when this process was killed.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../cli/demo/server-process.ts';

/** Ends the engine and all it started as soon as nobody holds standard input; then waits until the engine is gone. */
const WATCHED = `
exec 3<&0
trap : TERM
"$@" </dev/null 3<&- & engine=$!
{ cat <&3 >/dev/null; kill -TERM 0; } &
exec 3<&-
wait $engine; wait $engine
`;

/** What a slow machine may need; each of them is ready in two seconds or less. */
const READY_MS = 60_000;
const STOP_MS = 5_000;
const LOG_SIZE = 200_000;

/** For a test's first hook: all engines are installed and built first. */
export const COLD_MS = 600_000;

export type Started = {
  readonly url: string;
  /** What it printed last, for a test that failed. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

export type Engine = {
  readonly name: string;
  /** Command and settings, given its own folder and port. */
  readonly command: (folder: string, port: number) => readonly string[];
  readonly env?: (folder: string, port: number) => Record<string, string>;
  readonly ready: (url: string) => Promise<boolean>;
};

export async function startEngine({ name, command, env, ready }: Engine): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), `countersign-${name}-`));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn('sh', ['-c', WATCHED, name, ...command(folder, port)], {
    env: { ...process.env, ...env?.(folder, port) },
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-LOG_SIZE);
    });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.stdin.end();
    const late = setTimeout(() => killGroup(child.pid), STOP_MS);
    await exited;
    clearTimeout(late);
    killGroup(child.pid); // what it started and left behind
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const deadline = performance.now() + READY_MS;
  while (child.exitCode === null && performance.now() < deadline) {
    if (await ready(url).catch(() => false)) return { url, log: () => said, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`${name} did not become ready: ${said.slice(-4000)}`);
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error; // ESRCH: nobody was left
  }
}
