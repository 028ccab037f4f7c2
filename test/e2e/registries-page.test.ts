// The commands of docs/registries.md, run as they stand there: from nothing to a routed promotion (R66).
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../cli/demo/server-process.ts';
import { commandsOf, ROOT } from '../support/recipe.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-page-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** A group of its own: `npx` starts the server as a child of a child, and all of them end with the shell. */
async function shell(commands: readonly string[], env: Readonly<Record<string, string>>) {
  const script = ['set -eu', ...commands].join('\n');
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`;
  const child = spawn('sh', ['-c', script], { cwd: ROOT, env: { ...process.env, PATH: path, ...env }, detached: true });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve));
  for (let turn = 0; ended(child.pid, turn < 100 ? 'SIGTERM' : 'SIGKILL'); turn++) await sleep(100);
  return { exit, ...said };
}

/** False when nobody of the group is left. */
function ended(group: number | undefined, signal: NodeJS.Signals): boolean {
  try {
    return group !== undefined && process.kill(-group, signal);
  } catch {
    return false; // no process of the group is left
  }
}

it('R66 a folder, a CloudEvent and the API: every command of the page works, in the order of the page', async () => {
  const commands = await commandsOf('docs/registries.md', '## A registry of your own');
  expect(commands).toHaveLength(4);
  const env = { AT: `http://127.0.0.1:${await freePort()}`, WORK: work, SECRET: 'a-secret-of-this-test-1' };
  const { exit, out, err } = await shell(commands, env);
  const told = `${out}\n${err}\n${await readFile(join(work, 'serve.log'), 'utf8').catch(() => '')}`;
  expect(exit, told).toBe(0);
  expect(out.trim().split('\n').at(-1)).toMatch(/req-[a-z2-7]{26} needsRationale$/);
  expect(out, 'the CloudEvent was heard').toContain('"state":"new"');
}, 90_000);
