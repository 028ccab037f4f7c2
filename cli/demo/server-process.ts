import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '..', 'main.ts');

/** A port nobody has now; the server that takes it says so if somebody was faster. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => void probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => void probe.close(() => resolve()));
  return port;
}

export type ServerProcess = { readonly stop: () => Promise<void> };

/** The real server in a process of its own, ready to answer. */
export async function startServerProcess(data: string, baseUrl: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--data', data, '--demo'], { stdio: ['ignore', 'ignore', 'pipe'] });
  // Whatever ends this program, a closed pipe included, no server is left behind.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let turn = 0; turn < 200; turn++) {
    if (child.exitCode !== null) throw new Error(`the server did not start: ${said}`);
    const ready = await fetch(`${baseUrl}/readyz`).catch(() => undefined);
    if (ready?.ok) {
      return {
        stop: async () => {
          child.kill('SIGTERM');
          await exited;
          process.off('exit', kill);
        },
      };
    }
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not answer within ten seconds: ${said}`);
}
