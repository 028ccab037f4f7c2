// R69 which of the six fields the champions of a folder have, before anybody adopts us; nothing is changed by asking.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '../../../functions/domain/digest.ts';
import { countersign } from '../../support/command.ts';

let root: string;
const EVENT = digestOf('an event');
const FILES: Readonly<Record<string, string>> = {
  'bare/1/model/weights.json': '{}',
  'bare/aliases/champion': '1\n',
  'asked/7/model/weights.json': '{}',
  'asked/7/countersign/request.json': '{"challenger":{},"dataset":[]}',
  'asked/aliases/champion': '7\n',
  'sealed/2/model/weights.json': '{}',
  'sealed/2/event.json': `{"event":"${EVENT}"}`,
  'sealed/aliases/champion': '2\n',
  'empty/aliases/champion': '3\n',
  'another/1/model/weights.json': '{}',
  'another/aliases/challenger': '1\n',
};
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-self-audit-'));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

it('R69 each champion by its name: mutable without an event, frozen with one, absent where there is nothing', async () => {
  const before = await readdir(root, { recursive: true });
  const { out, exit } = await countersign(['self-audit', 'folder', root, '--json']);
  expect(exit).toBe(0);
  const told = JSON.parse(out) as { model: string; version: string; fields: { state: string; why: string }[] }[];
  expect(Object.fromEntries(told.map(({ model, fields }) => [model, fields.map(({ state }) => state)]))).toEqual({
    bare: ['mutable', 'absent', 'absent', 'absent', 'absent', 'absent'],
    asked: ['mutable', 'mutable', 'mutable', 'absent', 'absent', 'mutable'],
    sealed: Array(6).fill('frozen'),
    empty: Array(6).fill('absent'),
  });
  expect(told.find(({ model }) => model === 'sealed')?.fields[0]?.why).toContain(EVENT);
  expect(await readdir(root, { recursive: true })).toEqual(before);
});

it('R69 a folder that is not there is not an empty registry', async () => {
  expect((await countersign(['self-audit', 'folder', join(root, 'none')])).exit).toBe(3);
  expect((await countersign(['self-audit', 's3', 'No Bucket'])).exit).toBe(1);
});
