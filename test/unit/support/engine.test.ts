// An engine must not outlive who started it: not after a stop, and not when the test process was killed.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startEngine } from '../../support/aws/engine.ts';

const ENGINE = join(import.meta.dirname, '../../support/aws/engine.ts');
/** Answers on the port it is given, and so does a child that it starts. */
const SERVER = `
const { createServer } = require('node:http');
createServer((_, res) => res.end('here')).listen(Number(process.argv[1]), '127.0.0.1');
if (process.argv[2] === 'parent') require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' });
`;
const trivial = {
  name: 'trivial',
  command: (_: string, port: number) => [process.execPath, '-e', SERVER, String(port), 'parent'],
  ready: async (url: string) => (await fetch(url)).ok,
};

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

async function silent(url: string): Promise<boolean> {
  for (let turn = 0; turn < 100; turn++) {
    if (!(await answers(url))) return true;
    await sleep(50);
  }
  return false;
}

describe('an engine of the tests', () => {
  it('answers until it is stopped', async () => {
    const started = await startEngine(trivial);
    expect(await answers(started.url)).toBe(true);
    await started.stop();
    expect(await answers(started.url)).toBe(false);
  });

  it('ends when the process that started it is killed', async () => {
    const script = `
      const { startEngine } = await import(${JSON.stringify(ENGINE)});
      const started = await startEngine({
        name: 'trivial',
        command: (_, port) => [process.execPath, '-e', ${JSON.stringify(SERVER)}, String(port), 'parent'],
        ready: async (url) => (await fetch(url)).ok,
      });
      process.stdout.write(started.url);
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk))));
    expect(await answers(url)).toBe(true);
    child.kill('SIGKILL');
    expect(await silent(url)).toBe(true);
  });

  it('that does not start says what it printed', async () => {
    const command = () => [process.execPath, '-e', 'console.error("no such setting"); process.exit(3)'];
    await expect(startEngine({ ...trivial, command })).rejects.toThrow(/trivial did not become ready: no such setting/);
  });
});
