// Issue "Bad input", for the engine and the pack: whatever comes ends with the committee or is refused when it is loaded.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../functions/domain/digest.ts';
import { createEngine, MAX_INPUT_BYTES } from '../../../functions/route/engine.ts';
import type { RoutingInput } from '../../../functions/route/input.ts';
import { routingInputOf } from '../../../functions/route/input-of.ts';
import { loadPack, PACK_FILES, type Pack, PackError } from '../../../functions/route/pack.ts';
import { route, routeInput } from '../../../functions/route/route.ts';
import { clearDiff, DIFF_LINE, diffWith, figuresOf, psiFigure } from '../../support/diff.ts';
import { moduleOf, refusalOf, withAbi } from '../../support/module.ts';
import { committedPack, packFiles } from '../../support/pack.ts';

const pack = committedPack();
const facts = { diff: clearDiff(), line: DIFF_LINE, environment: 'sandbox', evaluatedAtDay: 20_777 };
const input = routingInputOf(facts);
const wasm = packFiles().get('policy.wasm') ?? new Uint8Array();
const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as object;

type Tree = { [key: string]: unknown };
const changed = (change: (input: Tree) => void): unknown => {
  const copy = structuredClone(input) as unknown as Tree;
  change(copy);
  return copy;
};
const at = (tree: Tree, ...keys: string[]): Tree => keys.reduce((here, key) => here[key] as Tree, tree);
const score = (tree: Tree): Tree => at(tree, 'population', 'against', 'incumbent', 'figures', 'score');

/** The path and the codes of the machinery that fired. */
const outcome = (odd: unknown, by: Pack = pack) => {
  const { path, findings } = routeInput(by, odd);
  return [path, ...findings.map(({ code }) => code).filter((code) => code.startsWith('POL-'))];
};

describe('a routing input that is wrong goes to the committee', () => {
  const cases: [string, unknown][] = [
    ['an unknown dimension', changed((tree) => Object.assign(tree, { mood: tree['loss'] }))],
    ['a missing dimension', changed((tree) => delete tree['loss'])],
    ['an unknown key in a dimension', changed((tree) => Object.assign(at(tree, 'loss'), { mood: 1 }))],
    ['a missing side', changed((tree) => delete at(tree, 'loss', 'against')['incumbent'])],
    ['an unknown state', changed((tree) => Object.assign(at(tree, 'loss'), { state: 'fine' }))],
    ['null for a dimension', changed((tree) => Object.assign(tree, { loss: null }))],
    ['null for the whole', null],
    ['a text for a number', changed((tree) => Object.assign(score(tree), { psi_ppm: '18525' }))],
    ['a float', changed((tree) => Object.assign(score(tree), { psi_ppm: 18_525.5 }))],
    ['a number that is not exact', changed((tree) => Object.assign(score(tree), { psi_ppm: 2 ** 53 }))],
    ['a list for an object', changed((tree) => Object.assign(tree, { loss: [] }))],
    ['a text of ten megabytes', changed((tree) => Object.assign(tree, { line: 'a'.repeat(10_000_000) }))],
  ];
  it.each(cases)('%s', (_, odd) => expect(outcome(odd)).toEqual(['committee', 'POL-000']));

  it('missing data: a figure that is null is not proven', () => {
    const odd = changed((tree) => Object.assign(score(tree), { psi_ppm: null }));
    expect(outcome(odd)).toEqual(['committee', 'POL-002']);
  });

  it('ten megabytes that fit the schema are not judged', () => {
    const features = Array.from({ length: 20_000 }, (_, i) => ({
      ...psiFigure(`f${i}`, '0.010000'),
      name: 'f'.repeat(400) + i,
    }));
    const large = diffWith((diff) => Object.assign(figuresOf(diff.population), { features }));
    const routing = route(pack, { ...facts, diff: large });
    expect(JSON.stringify(routing.input).length).toBeGreaterThan(MAX_INPUT_BYTES);
    expect([routing.path, routing.findings.map(({ code }) => code)]).toEqual(['committee', ['POL-000']]);
    expect(() => pack.engine.evaluate(routing.input as RoutingInput)).toThrow(`at most ${MAX_INPUT_BYTES} are judged`);
    expect(route(pack, facts).path).toBe('automated');
  });

  it.each([['objects', '{"a":', '}'] as const, ['lists', '[', ']'] as const])('a depth bomb of %s', (_, open, close) => {
    for (const depth of [100, 3000]) {
      const bomb: unknown = JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`);
      expect(outcome(bomb)).toEqual(['committee', 'POL-000']);
      expect(outcome(changed((tree) => Object.assign(tree, { loss: bomb })))).toEqual(['committee', 'POL-000']);
    }
    let endless: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) endless = { a: endless };
    expect(outcome(changed((tree) => Object.assign(tree, { loss: endless })))).toEqual(['committee', 'POL-000']);
    expect(() => pack.engine.evaluate(endless as RoutingInput)).toThrow(Error);
    expect(route(pack, facts).path).toBe('automated');
  });

  it('property: whatever JSON value stands anywhere in the input, no exception and nothing automated but the schema-valid', () => {
    const places = Object.keys(input) as (keyof RoutingInput)[];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 6 }), (name, odd) => {
        const routing = routeInput(pack, { ...input, [name]: odd });
        const same = JSON.stringify(odd) === JSON.stringify(input[name]);
        // Another registered environment or day is as good as this one.
        expect(same || ['environment', 'evaluatedAtDay'].includes(name) || routing.path === 'committee').toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

const answer = '{"schema": "decision/v0", "path": "automated", "findings": [], "cleared": [], "notJudged": []}';

describe('a policy that is wrong', () => {
  const packOf = async (body: string): Promise<Pack> => ({ ...pack, engine: createEngine(await moduleOf(body), data) });
  const routedBy = async (body: string) => {
    const routing = route(await packOf(body), facts);
    return [routing.path, routing.findings.map(({ code }) => code)];
  };

  it('that traps: two answers for one function, an abort inside the module', async () => {
    const body = 'decision := f(input.line)\n\nf(x) := x\n\nf(x) := [x]';
    expect(await routedBy(body)).toEqual(['committee', ['POL-000']]);
  });

  it('that traps: more memory than there may be, and the next decision of another pack is untouched', async () => {
    const doubled = Array.from({ length: 30 }, (_, i) => `\tx${i + 1} := concat("", [x${i}, x${i}])`).join('\n');
    const body = `decision := x30 if {\n\tx0 := "0123456789abcdef"\n${doubled}\n}`;
    expect(await routedBy(body)).toEqual(['committee', ['POL-000']]);
    expect(route(pack, facts).path).toBe('automated');
  });

  it('that loops for ever does not compile: Rego has no recursion, and nothing allowed makes a list out of a number', async () => {
    expect(await refusalOf('f(x) := f(x)\n\ndecision := f(1)')).toContain('recursive');
    expect(await refusalOf('decision if {\n\tsome x in numbers.range(1, 1000000000)\n\tx < 0\n}')).toContain('numbers.range');
    expect(await refusalOf('decision := [x | walk(input, x)]')).toContain('walk');
    expect(await refusalOf('decision := graph.reachable(input, {1})')).toContain('graph.reachable');
  });

  it('that answers undefined', async () => {
    expect(await routedBy('decision := 1 if input.nothing')).toEqual(['committee', ['POL-004']]);
  });

  it('that answers two decisions', async () => {
    expect(await routedBy('decision := 1 if input.line\n\ndecision := 2 if input.schema')).toEqual(['committee', ['POL-000']]);
    const set = `decision contains ${answer}\n\ndecision contains {} if input.line`;
    expect(await routedBy(set)).toEqual(['committee', ['POL-004']]);
  });

  it('that says automated and nothing else', async () => {
    expect(await routedBy(`decision := ${answer}`)).toEqual(['committee', ['POL-004']]);
  });

  it('that calls the host is not loaded', async () => {
    const calling = await moduleOf('decision := time.now_ns()', 'any');
    expect(() => createEngine(calling, data)).toThrow('the module calls the host: time.now_ns');
  });
});

describe('a pack that is wrong is not loaded', () => {
  const refused = (files: ReadonlyMap<string, Uint8Array>): string => {
    try {
      loadPack(files);
    } catch (error) {
      if (error instanceof PackError) return error.file;
      throw error;
    }
    return 'loaded';
  };

  it.each(['manifest.json', ...PACK_FILES])('one byte changed anywhere in %s', (name) => {
    const original = packFiles().get(name) ?? new Uint8Array();
    fc.assert(
      fc.property(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const bytes = new Uint8Array(original);
        bytes[place] = (bytes[place] ?? 0) ^ flip;
        // A changed digest in the manifest is told as the fault of the file that it names. A changed name in it loads, as
        // another pack: it is named by these bytes, and nobody ever activated that one.
        const files = packFiles().set(name, bytes);
        if (refused(files) !== 'loaded') return;
        expect(name).toBe('manifest.json');
        expect(loadPack(files).digest).not.toBe(digestOf(original));
      }),
      { numRuns: 25 },
    );
  });

  it.each(['manifest.json', ...PACK_FILES])('%s cut short, or empty', (name) => {
    const original = packFiles().get(name) ?? new Uint8Array();
    for (const length of [0, 1, original.length - 1]) {
      expect(refused(packFiles().set(name, original.slice(0, length)))).not.toBe('loaded');
    }
  });

  it('an older or newer Wasm ABI', () => {
    expect(() => createEngine(withAbi(wasm, 'opa_wasm_abi_minor_version', 3), data)).not.toThrow();
    for (const old of [0, 1, 2]) {
      expect(() => createEngine(withAbi(wasm, 'opa_wasm_abi_minor_version', old), data)).toThrow(`Wasm ABI 1.${old}`);
    }
    for (const version of [0, 2]) {
      expect(() => createEngine(withAbi(wasm, 'opa_wasm_abi_version', version), data)).toThrow(`ABI version ${version}`);
    }
  });
});
