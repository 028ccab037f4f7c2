import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vaultCorpus } from '../../../cli/commands/what-if-corpus.ts';
import { hexOf } from '../../../functions/domain/digest.ts';
import { PATHS } from '../../../functions/domain/routing.ts';
import { Loosening } from '../../../functions/whatif/gates.ts';
import { GoldenLine, readLine, redacted } from '../../../functions/whatif/golden.ts';
import type { Broken, Past } from '../../../functions/whatif/types.ts';
import { evidenceOf, resigned } from '../../support/evidence.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { GOLDEN, golden, sideWith } from '../../support/what-if.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

async function all(folder: string): Promise<(Past | Broken)[]> {
  const found: (Past | Broken)[] = [];
  for await (const past of await vaultCorpus(folder)) found.push(past);
  return found;
}

describe('R35 R18a the inputs that a vault has sealed', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await openWorld();
    for (const file of ['1-v01', '2-v02'])
      await promote(world, await manifestAt(`scenarios/14-flattering-metric/${file}.yaml`));
  });
  afterAll(() => world.close());

  it('are read from the data folder or the vault; what was refused before routing has none', async () => {
    const found = await all(world.folder);
    expect(found.map((past) => ('broken' in past ? past : [past.line, past.tier, past.date]))).toEqual([
      ['german-credit-14-flattering-metric', 'medium', '2026-11-01'],
    ]);
    expect(await all(join(world.folder, 'vault'))).toEqual(found);
  });

  it('that differ from their sealed digest, or lie under another hash, are named as broken', async () => {
    const [past] = await all(world.folder);
    const dossiers = await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    const { promotion } = await evidenceOf(world, dossiers);
    const forged = await resigned(world.signer, promotion, (draft) => {
      draft.routing = { ...(draft.routing as object), input: { schema: 'routing-input/v0' } } as never;
    });
    const folder = join(world.folder, 'forged', 'events');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${hexOf(forged.event)}.dsse.json`), forged.envelope);
    await writeFile(join(folder, `${'0'.repeat(64)}.dsse.json`), forged.envelope);
    await writeFile(join(folder, `${'1'.repeat(64)}.dsse.json`), 'not an envelope');
    const found = await all(join(world.folder, 'forged'));
    expect(past).toBeDefined();
    expect(found.map((one) => ('broken' in one ? one.broken : 'whole')).sort()).toEqual([
      'the envelope cannot be read',
      'the envelope is stored under the hash of another event',
      'the input differs from its sealed digest',
    ]);
  });
});

describe('R35 the redacted corpus', () => {
  const lines = readFileSync(join(GOLDEN, 'german-credit.jsonl'), 'utf8').split('\n').filter(Boolean);

  it('holds every path, each promotion once, whole, and with no hash of a real event', async () => {
    const parsed = lines.map((line) => GoldenLine.parse(JSON.parse(line)));
    expect(new Set(parsed.map(({ expected }) => expected.path))).toEqual(new Set(PATHS));
    expect(new Set(parsed.map(({ id }) => id)).size).toBe(lines.length);
    for (const past of await golden()) {
      const { evaluatedAtDay } = past.input as { evaluatedAtDay: number };
      expect(redacted(past, past.id, evaluatedAtDay).inputDigest, past.id).toBe(past.inputDigest);
    }
  });

  it('never asks for less than when a line was written, unless somebody answers for that line', () => {
    const file = readFileSync(join(GOLDEN, '..', 'loosening.json'), 'utf8');
    const answered = new Set(Loosening.parse(JSON.parse(file)).entries.flatMap(({ rows }) => rows ?? []));
    const { decide } = sideWith();
    const lighter = lines
      .map((line) => GoldenLine.parse(JSON.parse(line)))
      .filter(
        ({ id, expected, input }) => !answered.has(id) && PATHS.indexOf(decide(input).path) < PATHS.indexOf(expected.path),
      );
    expect(lighter.map(({ id }) => id)).toEqual([]);
  });

  it('a line with one figure changed is broken, not another promotion', () => {
    const [line = ''] = lines;
    expect(readLine('x:1', line)).not.toHaveProperty('broken');
    expect(readLine('x:1', line.replace('"evaluatedAtDay":20727', '"evaluatedAtDay":20728'))).toEqual({
      id: 'x:1',
      broken: 'the input differs from its digest',
    });
    expect(readLine('x:1', '{"id":1}')).toHaveProperty('broken');
  });
});
