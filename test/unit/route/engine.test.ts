import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../functions/route/engine.ts';
import type { RoutingInput } from '../../../functions/route/input.ts';
import { routingInputOf } from '../../../functions/route/input-of.ts';
import { clearDiff, DIFF_LINE } from '../../support/diff.ts';
import { packFiles } from '../../support/pack.ts';

const wasm = packFiles().get('policy.wasm') ?? new Uint8Array();
const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as object;
const input = routingInputOf({ diff: clearDiff(), line: DIFF_LINE, environment: 'sandbox', evaluatedAtDay: 20_777 });

type Answer = [{ result: { path: string; findings: { code: string; observed: unknown }[] } }];
const askWith = (engine: Engine, changed: unknown) => engine.evaluate(changed as RoutingInput) as Answer;
const ask = (engine: Engine) => askWith(engine, input);

/** A value two keys deep in the input, replaced. */
const withScore = (psi: unknown): unknown => {
  const changed = structuredClone(input) as { population: { against: { incumbent: { figures: { score: unknown } } } } };
  Object.assign(changed.population.against.incumbent.figures.score as object, { psi_ppm: psi });
  return changed;
};

const METRICS = ['auc', 'approval_rate', 'brier', 'ks', 'log_loss'];
/** Of other lines than this one, or read by the loader alone. */
const OF_OTHERS = ['tiers', 'models', 'floors', 'tighter', 'archive'];

/** Object keys of the data, as paths of keys, without what only other paths use and which metrics are limited at all. */
function pointersOf(value: unknown, above: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .filter(([key]) => !['reviewer', 'committee', 'tiers', 'artefacts', 'second_reviewer_min', ...METRICS].includes(key))
    .flatMap(([key, below]) => [[...above, key], ...pointersOf(below, [...above, key])]);
}

function without(pointer: string[]): object {
  const copy = structuredClone(data) as Record<string, unknown>;
  let here = copy;
  for (const key of pointer.slice(0, -1)) here = here[key] as Record<string, unknown>;
  delete here[pointer.at(-1) ?? ''];
  return copy;
}

describe('the engine alone, below the schema check', () => {
  let engine: Engine;
  beforeAll(() => {
    engine = createEngine(wasm, data);
  });

  it('answers once, from the named entrypoint', () => {
    expect(ask(engine)).toHaveLength(1);
    expect(ask(engine)[0].result.path).toBe('automated');
  });

  it('W1 W4 W3 no input, malformed bytes and bytes of another type are never automated', () => {
    const cut = new TextEncoder().encode(JSON.stringify(input)).slice(0, 50);
    for (const odd of [undefined, null, false, 0, '', cut.buffer, cut, []]) {
      expect(askWith(engine, odd)[0].result.path, String(odd)).toBe('committee');
    }
  });

  it('W13 null, texts and other types never pass a limit', () => {
    for (const odd of [null, '0', '', false, true, [], {}]) {
      expect(askWith(engine, withScore(odd))[0].result.path, JSON.stringify(odd)).toBe('committee');
    }
    expect(askWith(engine, withScore(0))[0].result.path).toBe('automated');
  });

  it('W16 without its data, or without any one number of it, the pack never says automated', () => {
    const pathOf = (rest: object) => (ask(createEngine(wasm, rest)) as unknown as Answer | [])[0]?.result.path ?? 'undefined';
    expect(pathOf(data)).toBe('automated');
    expect(pathOf({})).toBe('undefined');
    for (const pointer of pointersOf({ ...data, lines: {} }).filter(([root = '']) => !OF_OTHERS.includes(root))) {
      expect(pathOf(without(pointer)), pointer.join('/')).not.toBe('automated');
    }
  });

  it('is the same after a fault: the instance that threw is dropped', () => {
    const before = ask(engine);
    const endless: { self?: unknown } = {};
    endless.self = endless;
    expect(() => askWith(engine, endless)).toThrow(Error);
    expect(ask(engine)).toEqual(before);
  });

  it('R32 memory stays flat over a thousand decisions', () => {
    const first = JSON.stringify(ask(engine));
    for (let i = 0; i < 1000; i++) ask(engine);
    expect(JSON.stringify(ask(engine))).toBe(first);
  });
});

describe('a module that is not ours does not load', () => {
  it('not Wasm at all', () => {
    expect(() => createEngine(new Uint8Array([1, 2, 3]), data)).toThrow(Error);
  });
});
