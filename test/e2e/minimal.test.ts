// What a newcomer copies first: it is taken as it stands, and what is wrong with a copy is told at once, where they wrote it.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countersign } from '../support/command.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'countersign-minimal-'));
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const plan = (at: string) =>
  countersign(['plan', at, '--manifest', 'promotion.yaml', '--server', server.baseUrl, '--json'], {
    COUNTERSIGN_TOKEN: server.token,
  });

it('R5 examples/minimal is planned as it is: nothing contradicts it, and a line that nobody registered goes to the committee', async () => {
  const { exit, out, err } = await plan('examples/minimal');
  expect(err).toBe('');
  expect(exit).toBe(0);
  const told = JSON.parse(out) as { contradictions: unknown[]; routing: { path: string } };
  expect([told.contradictions, told.routing.path]).toEqual([[], 'committee']);
}, 60_000);

it('R5 mistakes of every kind are told at once, each by its place in the file that was written', async () => {
  await cp('examples/minimal', folder, { recursive: true });
  const file = join(folder, 'promotion.yaml');
  const edits = [
    ['    file: train.csv', '    file: trian.csv'],
    ['  slice: evaluation\n', '  slice: evaluated\n'],
    ['    report: performance.json', '    report: gone.json'],
    ['    weights.json: weights', '    wieghts.json: weights'],
    ['    role: scoring', '    role: train'],
  ] as const;
  let text = await readFile(file, 'utf8');
  for (const [from, to] of edits) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  await writeFile(file, text);
  const { exit, err } = await plan(folder);
  expect(exit).toBe(2);
  expect(err.match(/^[A-Z_]+ \S+/gm)?.sort()).toEqual([
    'BYTES_MISSING /dataset/0/file',
    'BYTES_MISSING /gates/0/report',
    'BYTES_MISSING /model/roles/wieghts.json',
    'INVALID_VALUE /evaluationRegime/slice',
    'MISSING_KEY /dataset',
    'MISSING_KEY /model/roles/weights.json',
  ]);
}, 60_000);
