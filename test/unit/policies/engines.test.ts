// One routing, two engines: the module that decides and OPA's own interpreter, over committed, sealed and generated inputs.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoutingInput } from '../../../functions/route/input.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { corpusOf, fixtures, sweep } from '../../../policies/corpus.ts';
import { differences, interpret } from '../../../policies/engines.ts';
import { dataNumbers } from '../../../policies/mutate.ts';
import { committedPack } from '../../support/pack.ts';
import { EXAMPLE, manifestAt, promote } from '../../support/promote.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const { engine, rules } = committedPack();
const MINUTES = 300_000;

/** Every input that the scenarios of the example seal, on the way to their last request and there. */
async function sealedInputs(world: TestWorld): Promise<RoutingInput[]> {
  const inputs: RoutingInput[] = [];
  for (const name of (await readdir(join(EXAMPLE, 'scenarios'))).sort()) {
    const files = (await readdir(join(EXAMPLE, 'scenarios', name))).filter((file) => /^\d+-/.test(file)).sort();
    for (const file of files) {
      const dossier = await promote(world, await manifestAt(join('scenarios', name, file)));
      if (dossier.routing !== undefined) inputs.push((await readRouting(world, dossier)).input as RoutingInput);
    }
  }
  return inputs;
}

describe('R52 the same bytes from Wasm and from the interpreter', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  it(
    'on what the scenarios of the example seal, and on the committed inputs',
    async () => {
      const inputs = [...fixtures(), ...(await sealedInputs(world))];
      expect(inputs.length).toBeGreaterThan(15);
      expect(await differences(inputs, engine)).toEqual([]);
    },
    MINUTES,
  );

  it(
    'on 500 generated inputs',
    async () => {
      // Another seed: npm run policy:fuzz -- --seed N --count 500
      const corpus = corpusOf(20_261_121);
      const inputs = Array.from({ length: 500 }, (_, i) => corpus.at(i));
      const paths: Record<string, number> = {};
      const found = await differences(inputs, engine, (path) => {
        paths[path] = (paths[path] ?? 0) + 1;
      });
      expect(found.slice(0, 3)).toEqual([]);
      // A corpus that goes one way only would prove little.
      expect(Math.min(paths['automated'] ?? 0, paths['reviewer'] ?? 0, paths['committee'] ?? 0)).toBeGreaterThan(10);
    },
    MINUTES,
  );

  it(
    'on figures at the numbers of the data, one above, and null',
    async () => {
      const inputs = [...sweep(dataNumbers())].filter((_, i) => i % 8 === 0);
      expect(inputs.length).toBeGreaterThan(300);
      expect((await differences(inputs, engine)).slice(0, 3)).toEqual([]);
    },
    MINUTES,
  );

  it('and the comparison can fail: another answer of either engine is a difference', async () => {
    const [clear] = fixtures();
    if (!clear) throw new Error('no fixture');
    const [{ result }] = engine.evaluate(clear) as [{ result: object }];
    const [said] = await interpret([clear]);
    expect(said).toMatchObject({ path: 'automated' });
    const other = { evaluate: () => [{ result: { ...result, expiresAfterDays: 8 } }] };
    expect(await differences([clear], other)).toHaveLength(1);
    const silent = { evaluate: () => [] };
    expect(await differences([clear], silent)).toHaveLength(1);
  });
});

describe('the generator', () => {
  it('gives the same input again for a seed and a place, whatever came before', () => {
    const [one, other] = [corpusOf(5), corpusOf(5)];
    const later = one.at(77);
    for (const i of [0, 1, 2]) other.at(i);
    expect(other.at(77)).toEqual(later);
    expect(corpusOf(6).at(77)).not.toEqual(later);
  });

  it('reaches nearly every rule, with nulls and extremes in every dimension', () => {
    const corpus = corpusOf(1);
    const fired = new Set<string>();
    const nulls = new Set<string>();
    for (let i = 0; i < 3000; i++) {
      const input = corpus.at(i);
      for (const [name, value] of Object.entries(input)) if (JSON.stringify(value).includes(':null')) nulls.add(name);
      const [answer] = engine.evaluate(input) as [{ result: Record<'findings' | 'holds' | 'obligations', { code: string }[]> }];
      const { findings, holds, obligations } = answer.result;
      for (const { code } of [...findings, ...holds, ...obligations]) fired.add(code);
    }
    const possible = [...rules.keys()].filter((code) => !/^POL-00[0134]$/.test(code));
    const missed = possible.filter((code) => !fired.has(code));
    expect(missed.length, `never fired: ${missed.join(' ')}`).toBeLessThan(possible.length / 4);
    const withFigures = Object.keys(corpus.at(0)).filter(
      (name) => !['schema', 'line', 'environment', 'evaluatedAtDay'].includes(name),
    );
    expect(withFigures.filter((name) => !nulls.has(name) && name !== 'gates' && name !== 'evidence')).toEqual([]);
  });
});
