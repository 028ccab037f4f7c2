// The program as it is installed: a bundle, the same answers as the sources, and never older than they are.
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEvidence } from '../../cli/commands/evidence-folder.ts';
import { evidenceOf, trustIn } from '../support/evidence.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { openWorld } from '../support/world.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const copy = mkdtempSync(join(tmpdir(), 'countersign-bundle-'));
const evidence = join(copy, 'evidence');

type Ran = { readonly exit: number; readonly out: string; readonly err: string };

function node(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: copy }, (error, out, err) =>
      resolve({ exit: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}
const bin = (...args: string[]) => node(join(copy, 'cli', 'bin.js'), ...args);
const sources = (...args: string[]) => node(join(copy, 'cli', 'main.ts'), ...args);

async function runsFrom(): Promise<string | undefined> {
  const told = JSON.parse((await bin('doctor', '--json')).out) as { findings: { name: string; detail: string }[] };
  return told.findings.find(({ name }) => name === 'program')?.detail.split(/[,;]/)[0];
}

beforeAll(async () => {
  for (const one of ['cli', 'functions', 'policies', 'docs/schemas', 'package.json'])
    cpSync(join(ROOT, one), join(copy, one), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const world = await openWorld();
  const sealed = await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
  const { event, files } = await evidenceOf(world, sealed);
  mkdirSync(evidence);
  await writeEvidence(evidence, event, files);
  writeFileSync(join(evidence, 'trust.json'), JSON.stringify(trustIn(world)));
  await world.close();
}, 60_000);
afterAll(() => rmSync(copy, { recursive: true }));

describe('the bundle', () => {
  it('answers as the sources do: yes, no, cannot tell, usage, a worker and a page of help', async () => {
    expect(await runsFrom()).toBe('from the sources');
    expect((await node(join(copy, 'cli', 'bundle.ts'))).exit).toBe(0);
    expect(await runsFrom()).toBe('from its bundle');
    writeFileSync(join(copy, 'rows.csv'), `amount,region\n${'1.5,north\n2.25,south\n'.repeat(40)}`);
    const trust = join(evidence, 'trust.json');
    const asked = [
      ['verify', evidence, '--trust', trust],
      ['replay', evidence, '--trust', trust],
      ['verify', evidence, '--trust', trust, '--event', `sha256:${'0'.repeat(64)}`],
      ['verify', evidence],
      ['verify'],
      ['profile', 'rows.csv', '--json'],
      ['--help'],
    ];
    for (const args of asked) {
      const [bundled, plain] = await Promise.all([bin(...args), sources(...args)]);
      expect(bundled, args.join(' ')).toEqual(plain);
    }
    expect((await bin(...(asked[0] ?? []))).exit).toBe(0);
    const [built, made] = await Promise.all([bin('verifier'), sources('verifier')]);
    expect(built.out, 'the page made at the build is the page of the sources').toBe(made.out);
    expect(readFileSync(join(copy, 'dist', 'verifier.html'), 'utf8')).toBe(made.out);
  }, 60_000);

  it('is not used once a source changed, in size or only in time, and fits again after a build', async () => {
    const source = join(copy, 'cli', 'output.ts');
    const before = readFileSync(source);
    utimesSync(source, new Date(), new Date());
    expect(await runsFrom()).toBe('from the sources');
    appendFileSync(join(copy, 'cli', 'commands', 'verify.ts'), "\nprocess.stdout.write('changed');\n");
    expect((await bin('verify', evidence)).out).toBe('changed');
    expect((await node(join(copy, 'cli', 'bundle.ts'))).exit).toBe(0);
    expect(await runsFrom()).toBe('from its bundle');
    expect((await bin('verify', evidence)).out).toBe('changed');
    // The page has sources of its own, which no part of the program reads.
    const style = join(copy, 'cli', 'pack', 'browser', 'style.css');
    utimesSync(style, new Date(), new Date());
    expect(await runsFrom()).toBe('from the sources');
    expect((await node(join(copy, 'cli', 'bundle.ts'))).exit).toBe(0);
    rmSync(source);
    expect((await bin('--help')).exit).toBe(1);
    writeFileSync(source, before);
  }, 60_000);
});
