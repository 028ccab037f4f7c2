// `npm test`: what a mistake shows soonest comes first. Ends with one line of counts from the runner's own report.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { opaBinary } from '../policies/tools/opa.ts';
import { check } from './check.ts';
import { CHROMIUM, NO_CHROMIUM } from './support/chromium.ts';

const BIN = join(import.meta.dirname, '..', 'node_modules', '.bin');
const say = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const wrong = check();
  if (wrong.length > 0) return finish(0, wrong.length);
  try {
    await opaBinary(say);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return finish(0, 1);
  }
  const report = join(mkdtempSync(join(tmpdir(), 'countersign-report-')), 'report.json');
  const args = ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)];
  const { status } = spawnSync(join(BIN, 'vitest'), args, { stdio: 'inherit' });
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = readReport(report);
  // A file that does not even load fails no test of its own; it must not count as nothing.
  const failed = Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0, status === 0 ? 0 : 1);
  if (CHROMIUM === undefined)
    say(`\nNOT RUN: the pages in a browser (test/e2e/browser.test.ts, test/e2e/verifier-page.test.ts): ${NO_CHROMIUM}`);
  return finish(numPassedTests, failed, numPendingTests);
}

type Report = { numPassedTests: number; numFailedTests: number; numFailedTestSuites: number; numPendingTests: number };

function readReport(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    // The runner died before it could report: that is a failure, and its own output above says why.
    return { numPassedTests: 0, numFailedTests: 1, numFailedTestSuites: 0, numPendingTests: 0 };
  }
}

function finish(passed: number, failed: number, skipped = 0): number {
  if (skipped > 0) say(`${skipped} skipped`);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

process.exitCode = await main();
