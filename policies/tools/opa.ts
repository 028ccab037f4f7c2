// The OPA compiler. No npm package carries it, so it is built once from the Go module that go.sum pins by hash.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const HERE = import.meta.dirname;
const OPA_MODULE = 'github.com/open-policy-agent/opa';
const run = promisify(execFile);

/** The version that go.mod pins, such as `1.22.0`. */
export function opaVersion(): string {
  const found = /github\.com\/open-policy-agent\/opa v(\S+)/.exec(readFileSync(join(HERE, 'go.mod'), 'utf8'));
  if (!found?.[1]) throw new Error('policies/tools/go.mod does not pin OPA');
  return found[1];
}

/** Where the pinned binary lies once it is built: outside git, under a name that changes with go.sum. */
export function opaPath(): string {
  const sum = createHash('sha256')
    .update(readFileSync(join(HERE, 'go.sum')))
    .digest('hex')
    .slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'countersign', `opa-${sum}`, process.platform === 'win32' ? 'opa.exe' : 'opa');
}

/** Path of the pinned binary; builds it on first use. */
export async function opaBinary(say: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Promise<string> {
  const binary = opaPath();
  if (existsSync(binary)) return binary;
  await needGo();
  say(`Building OPA ${opaVersion()} once (about two minutes on two cores, 600 MB of Go modules) …`);
  mkdirSync(dirname(binary), { recursive: true });
  // Built beside and renamed, so that an interrupted build never leaves half a binary under the final name.
  const beside = `${binary}.${process.pid}`;
  const started = Date.now();
  const tick = setInterval(() => say(`  … still building OPA, ${Math.round((Date.now() - started) / 1000)} s`), 15_000);
  try {
    await goBuild(beside);
  } finally {
    clearInterval(tick);
  }
  renameSync(beside, binary);
  say(`OPA ${opaVersion()} is ready in ${Math.round((Date.now() - started) / 1000)} s: ${binary}`);
  return binary;
}

async function needGo(): Promise<void> {
  const answer = await run('go', ['version']).catch(() => undefined);
  const found = /go(\d+)\.(\d+)/.exec(answer?.stdout ?? '');
  const [major, minor] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  if (major > 1 || (major === 1 && minor >= 26)) return;
  const has = found ? `this machine has ${found[0]}` : 'no `go` command was found';
  throw new Error(`the tests need Go ≥ 1.26 for OPA: ${has}; install it from https://go.dev/dl/ and run the command again`);
}

function goBuild(target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', ['build', '-trimpath', '-o', target, OPA_MODULE], {
      cwd: HERE,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CGO_ENABLED: '0' },
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`go build of OPA ended with ${code}`))));
  });
}
