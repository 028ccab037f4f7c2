// Programs in Go that no npm package carries: each is built once from modules that a go.sum pins by hash.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type GoProgram = {
  readonly name: string;
  /** What people read: `OPA 1.22.0`, and how long it takes. */
  readonly title: string;
  readonly takes: string;
  /** Folder with go.mod and go.sum, and the package to build there. */
  readonly folder: string;
  readonly target: string;
  /** Files of the folder, beside go.sum, that make another program when they change. */
  readonly sources?: readonly string[];
};

/** Where the binary lies once it is built: outside git, under a name that changes with go.sum and its sources. */
export function pathOf({ name, folder, sources = [] }: GoProgram): string {
  const hash = createHash('sha256');
  for (const file of ['go.sum', ...sources]) hash.update(readFileSync(join(folder, file)));
  const sum = hash.digest('hex').slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'countersign', `${name}-${sum}`, process.platform === 'win32' ? `${name}.exe` : name);
}

/** Path of the binary; builds it on first use. */
export async function builtOnce(program: GoProgram, say: (line: string) => void): Promise<string> {
  const { title, takes, folder, target } = program;
  const binary = pathOf(program);
  if (existsSync(binary)) return binary;
  await needGo(title.split(' ')[0] ?? title);
  say(`Building ${title} once (${takes}) …`);
  mkdirSync(dirname(binary), { recursive: true });
  // Built beside and renamed, so that an interrupted build never leaves half a binary under the final name.
  const beside = `${binary}.${process.pid}`;
  const started = Date.now();
  const tick = setInterval(() => say(`  … still building ${title}, ${Math.round((Date.now() - started) / 1000)} s`), 15_000);
  try {
    await goBuild(folder, target, beside);
  } finally {
    clearInterval(tick);
  }
  renameSync(beside, binary);
  say(`${title} is ready in ${Math.round((Date.now() - started) / 1000)} s: ${binary}`);
  return binary;
}

async function needGo(what: string): Promise<void> {
  const answer = await run('go', ['version']).catch(() => undefined);
  const found = /go(\d+)\.(\d+)/.exec(answer?.stdout ?? '');
  const [major, minor] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  if (major > 1 || (major === 1 && minor >= 26)) return;
  const has = found ? `this machine has ${found[0]}` : 'no `go` command was found';
  throw new Error(`the tests need Go ≥ 1.26 for ${what}: ${has}; install it from https://go.dev/dl/ and run the command again`);
}

function goBuild(folder: string, target: string, binary: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', ['build', '-trimpath', '-o', binary, target], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CGO_ENABLED: '0' },
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`go build of ${target} ended with ${code}`))));
  });
}
