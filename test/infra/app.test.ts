// The app as `cdk` starts it: a mistake is lines that name it, never a stack trace.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PROD } from './synthesised.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'countersign-app-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(json: unknown): string {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(json));
  return file;
}

function started(context: Readonly<Record<string, string>>) {
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: join(folder, 'out') };
  const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], { cwd: ROOT, env, encoding: 'utf8' });
  return { status, lines: stderr.trim().split('\n') };
}

it.each([
  ['no such file', () => ({ config: join(folder, 'none.json') }), [/^NOT_FOUND \/: there is no file/]],
  [
    'two mistakes',
    () => ({ config: fileOf({ ...PROD, retention: { years: 3 }, logOrigin: '' }) }),
    [/^INVALID_VALUE \/logOrigin: /, /^INVALID_VALUE \/retention\/years: at least 10/],
  ],
])('%s', (_, context, expected) => {
  const { status, lines } = started(context());
  expect(status).toBe(1);
  expect(lines).toHaveLength(expected.length);
  for (const pattern of expected) expect(lines).toContainEqual(expect.stringMatching(pattern));
});
