// One OPA process: what it printed and how it ended. Input goes in as a file on standard input, never as an argument.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { opaBinary } from './opa.ts';

export const POLICIES = join(import.meta.dirname, '..');

export type Ran = { readonly ok: boolean; readonly code: number | null; readonly stdout: string; readonly stderr: string };

export async function tryOpa(args: readonly string[], { cwd = POLICIES, stdin = '', timeout = 0 } = {}): Promise<Ran> {
  const binary = await opaBinary();
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { cwd, timeout, killSignal: 'SIGKILL' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {}); // it may end before it has read everything; how it ended is told below
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ ok: code === 0, code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
    child.stdin.end(stdin);
  });
}

export async function opa(args: readonly string[], options: Parameters<typeof tryOpa>[1] = {}): Promise<string> {
  const { ok, stdout, stderr } = await tryOpa(args, options);
  if (ok) return stdout;
  throw new Error(`opa ${args.slice(0, 2).join(' ')} says no:\n${stdout}${stderr}`);
}

/** Runs the work of each item, at most `width` at a time, answers in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], width: number, work: (item: T, i: number) => Promise<R>) {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
