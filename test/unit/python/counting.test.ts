// python/countersign.py counts a population in a few readings of its file: the same profile as ours, in the same memory for any size.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kindsOf } from '../../../cli/build-profile.ts';
import { countTable } from '../../../cli/table/count.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import type { Feature } from '../../../functions/domain/feature.ts';

const run = promisify(execFile);
const PYTHON = join(import.meta.dirname, '../../../python');

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-counting-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

const SLICE = digestOf('slice');
const ROOT = digestOf('model');
const FEATURES = [
  ['amount', 'double'],
  ['code', 'unknown-type'],
  ['text', 'string'],
].map(([name, type]) => ({ name, type })) as unknown as Feature[];

const ASK = `
import json, resource, sys
sys.path.insert(0, ${JSON.stringify(PYTHON)})
import countersign as c
features = json.loads(sys.argv[2])
try:
    made = c.profile(sys.argv[1], ${JSON.stringify(SLICE)}, features, ["part"], {"score": ${JSON.stringify(ROOT)}}, [])
    print(c.canonical(made).decode())
except c.Wrong as error:
    print(json.dumps([pointer for pointer, _ in error.problems]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
`;

async function byPython(file: string): Promise<{ profile: string; kilobytes: number }> {
  const { stdout } = await run('python3', ['-I', '-c', ASK, file, JSON.stringify(FEATURES)], { maxBuffer: 1e8 });
  const [profile = '', kilobytes = ''] = stdout.trim().split('\n');
  return { profile, kilobytes: Number(kilobytes) };
}

const number = fc.oneof(
  // Beyond that the difference of two of them is no number any more.
  fc.double({ noNaN: true, min: -8e307, max: 8e307 }).map(String),
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom('0', '-0', '0.1', '5e-324', '-1e-7', '+3', '.5', '7.'),
);
const row = fc.record({
  amount: fc.oneof({ weight: 9, arbitrary: number }, fc.constant('')),
  code: fc.oneof({ weight: 30, arbitrary: number }, fc.constantFrom('', 'A1')),
  text: fc.constantFrom('a', 'b', 'ä', '"', 'x,y', ''),
  part: fc.constantFrom('north', 'south', ''),
  score: fc.oneof({ weight: 9, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }).map(String) }, fc.constant('')),
});
const COLUMNS = ['amount', 'code', 'text', 'part', 'score'] as const;
const quoted = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

it('R64 whatever the numbers are, the profile is byte for byte ours', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
      const file = join(work, 'rows.csv');
      await writeFile(file, `${[COLUMNS, ...rows.map((one) => COLUMNS.map((name) => quoted(one[name])))].join('\n')}\n`);
      const ours = await countTable(file, {
        slice: SLICE,
        columns: FEATURES.map(({ name }) => name),
        kinds: kindsOf(FEATURES),
        segments: ['part'],
        scores: new Map([['score', ROOT]]),
        baselines: [],
      });
      const { profile } = await byPython(file);
      if (ours.ok) expect(profile).toBe(new TextDecoder().decode(canonicalBytes(ours.value)));
      else expect(JSON.parse(profile)[0]).toBe(ours.problems[0]?.pointer);
    }),
    { numRuns: 30, seed: 20261121 },
  );
}, 120_000);

it('eight times as many rows take no more memory', async () => {
  const made = async (rows: number) => {
    const file = join(work, `${rows}.csv`);
    const lines = Array.from({ length: rows }, (_, i) => {
      const x = Math.sin(i) * 1e6;
      return `${x},${i},${i % 7},${i % 3 === 0 ? 'north' : 'south'},${Math.abs(x % 1)}`;
    });
    await writeFile(file, `${COLUMNS.join(',')}\n${lines.join('\n')}\n`);
    return (await byPython(file)).kilobytes;
  };
  const [few, many] = [await made(25_000), await made(200_000)];
  expect((many - few) / 1024).toBeLessThan(10);
}, 120_000);
