// The known pitfalls of Rego in Wasm, each by its number. W1 W3 W4 W9 W13 W16 stand in engine.test.ts and
// route.test.ts beside the code they guard; the others are here.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parseJson } from '../../../functions/domain/json.ts';
import { createEngine } from '../../../functions/route/engine.ts';
import type { RoutingInput } from '../../../functions/route/input.ts';
import { routingInputOf } from '../../../functions/route/input-of.ts';
import type { Pack } from '../../../functions/route/pack.ts';
import { route, routeInput } from '../../../functions/route/route.ts';
import { opa } from '../../../policies/tools/run.ts';
import { clearDiff, DIFF_LINE, diffWith } from '../../support/diff.ts';
import { moduleOf, refusalOf } from '../../support/module.ts';
import { committedPack, packFiles } from '../../support/pack.ts';

const pack = committedPack();
const facts = { diff: clearDiff(), line: DIFF_LINE, environment: 'sandbox', evaluatedAtDay: 20_777 };
const input = routingInputOf(facts);
const wasm = packFiles().get('policy.wasm') ?? new Uint8Array();
const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as object;

const PROMOTION = join(import.meta.dirname, '../../../policies/promotion');

const bytes = (text: string) => new TextEncoder().encode(text);
const text = JSON.stringify(input);
const withFigure = (psi: unknown) => {
  const copy = structuredClone(input);
  Object.assign(copy.population.against.incumbent.figures.score ?? {}, { psi_ppm: psi });
  return copy;
};
const outcome = (odd: unknown, by: Pack = pack) => {
  const { path, findings } = routeInput(by, odd);
  return [path, ...findings.map(({ code }) => code)];
};
const REFUSED = ['committee', 'POL-000'];
const packOf = async (body: string): Promise<Pack> => ({ ...pack, engine: createEngine(await moduleOf(body), data) });

describe('what comes in', () => {
  it('W2 JSON that the lenient parser of the module would mend is refused before it comes there', () => {
    const odd = ['[1,]', '[1 2]', '01', '1-2', '0x10', 'nullx', '{} x', '1.', "{'a':1}", '{"a":1,}', '', '\ufeff{}'];
    for (const one of odd) expect(parseJson(bytes(one)).ok, one).toBe(false);
    // Nor can text be handed to the engine: it only takes values, and writes the text itself.
    for (const one of [text, `${text} x`, text.replace('18525', '018525')]) expect(outcome(one)).toEqual(REFUSED);
  });

  it('W3 bytes are not an input, in whatever type they are wrapped', () => {
    const whole = bytes(text);
    for (const odd of [whole, Buffer.from(whole), whole.buffer, new DataView(whole.buffer), [...whole]]) {
      expect(outcome(odd)).toEqual(REFUSED);
      expect((pack.engine.evaluate(odd as unknown as RoutingInput) as [{ result: { path: string } }])[0].result.path).toBe(
        'committee',
      );
    }
  });

  it('W5 NaN, infinity, undefined and big integers are refused, not turned into null or dropped', () => {
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n]) expect(outcome(withFigure(odd))).toEqual(REFUSED);
    expect(() => pack.engine.evaluate(withFigure(1n) as RoutingInput)).toThrow(Error);
  });

  it('W6 a key that stands twice is refused, so that no reader can take the other one', () => {
    const twice = parseJson(bytes('{"psi":"0.01","psi":"0.9"}'));
    expect(twice.ok ? [] : twice.problems.map(({ code }) => code)).toEqual(['JSON_DUPLICATE_KEY']);
  });

  it('W7 half a surrogate pair ends with the committee and can still be sealed', () => {
    const odd = structuredClone(input) as { loss: { figures: { loss: string } } };
    odd.loss.figures.loss = '\ud800';
    expect(outcome(odd)).toEqual(REFUSED);
    const diff = diffWith((one) => Object.assign(one.loss.figures, { loss: '\udc00' }));
    expect(route(pack, { ...facts, diff }).path).toBe('committee');
  });

  it('W8 nesting of five thousand is an error of the engine, and of nothing else', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = [deep];
    expect(() => pack.engine.evaluate(deep as RoutingInput)).toThrow(Error);
    expect(outcome({ ...input, loss: deep })).toEqual(REFUSED);
    expect(outcome(input)[0]).toBe('automated');
  });

  it('W10 W12 there is no number with a fraction, neither in the input nor in the data, so none is added, sorted or put in a set', () => {
    for (const odd of [0.1, 1e-7, 1e21, -0.5]) expect(outcome(withFigure(odd))).toEqual(REFUSED);
    const fractions: number[] = [];
    JSON.stringify(data, (_, value: unknown) => {
      if (typeof value === 'number' && !Number.isSafeInteger(value)) fractions.push(value);
      return value;
    });
    expect(fractions).toEqual([]);
  });
});

describe('what is computed', () => {
  it('W11 keys that are no texts come out as texts: an answer with any other shape than a decision is refused', async () => {
    const keyed = await packOf('decision := {1: "a"}');
    expect(keyed.engine.evaluate(input)).toEqual([{ result: { '1': 'a' } }]);
    expect(outcome(input, keyed)).toEqual(['committee', 'POL-004']);
  });

  it('W14 text building runs in the host and differs there: no policy compiles with it, no module loads with it', async () => {
    expect(await refusalOf('decision := sprintf("%v", [[1]])')).toContain('sprintf');
    expect(await refusalOf('decision := $"{input.line}"')).not.toBe('it compiled');
    const built = await moduleOf('decision := sprintf("%v", [[1]])', 'any');
    expect(() => createEngine(built, data)).toThrow('the module calls the host: sprintf');
  });

  it('W15 a built-in of the host that throws would abort everything: there is none', async () => {
    const { builtins } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../policies/capabilities.json'), 'utf8')) as {
      builtins: { name: string }[];
    };
    const all = await moduleOf(`decision := [${builtins.length}]`, 'any');
    expect(() => createEngine(all, data)).not.toThrow();
    for (const call of ['semver.compare("1", "2")', 'json.patch({}, [])', 'units.parse("1K")', 'time.parse_ns("x", "y")']) {
      const built = await moduleOf(`decision := ${call}`, 'any');
      expect(() => createEngine(built, data), call).toThrow('the module calls the host');
    }
  });

  it('W17 an instance whose memory is used up is thrown away, and the next decision is as before', async () => {
    // Twenty-five doublings for the line that asks for it, nothing for the others.
    const doubled = Array.from({ length: 27 }, (_, i) => `\tx${i + 1} := concat("", [x${i}, x${i}])`).join('\n');
    const body = `decision := "small" if input.line != "greedy"\n\ndecision := x27 if {\n\tinput.line == "greedy"\n\tx0 := "0123456789abcdef"\n${doubled}\n}`;
    const { engine } = await packOf(body);
    const ask = (line: string) => engine.evaluate({ ...input, line } as RoutingInput);
    expect(ask('modest')).toEqual([{ result: 'small' }]);
    expect(() => ask('greedy')).toThrow(Error);
    expect(ask('modest')).toEqual([{ result: 'small' }]);
  });

  it('W18 an integer that JavaScript cannot hold is refused on the way in and on the way out', async () => {
    for (const odd of [2 ** 53, -(2 ** 53), 1e300]) expect(outcome(withFigure(odd))).toEqual(REFUSED);
    const clear = (pack.engine.evaluate(input) as [{ result: object }])[0].result;
    const body = `decision := object.union(${JSON.stringify({ ...clear, expiresAfterDays: undefined })}, {"expiresAfterDays": 9007199254740993})`;
    expect(outcome(input, await packOf(body))).toEqual(['committee', 'POL-004']);
  });

  it('W19 `with` stands in tests only', async () => {
    const rules = readFileSync(join(import.meta.dirname, '../../../policies/checks/calls.rego'), 'utf8');
    expect(rules).toContain('with-outside-tests'); // a house rule with its own examples; `npm run policy` applies it
  });

  it('W20 nothing is printed while a decision is made, even by a policy that asks for it', async () => {
    const out = vi.spyOn(console, 'log');
    expect(outcome(input)[0]).toBe('automated');
    // The compiler leaves `print` out of what it builds; the house rules refuse it in the sources.
    expect(outcome(input, await packOf('decision := 1 if print(input.line)'))[0]).toBe('committee');
    expect(out).not.toHaveBeenCalled();
    out.mockRestore();
  });

  it('W21 no regular expressions, so their library is not in the module: it stays small', async () => {
    expect(await refusalOf('decision := regex.match("a*", input.line)')).toContain('regex.match');
    expect(wasm.byteLength).toBeLessThan(1024 * 1024);
  });

  it('W23 object.union_n of no objects is {} in the interpreter and undefined in Wasm: it is never called with an empty list', async () => {
    const call = 'object.union_n([layer | some layer in input.layers])';
    const interpreted = await opa(['eval', '-f', 'raw', '-I', call], { stdin: '{"layers":[]}' });
    expect(JSON.parse(interpreted)).toEqual({});
    const { engine } = await packOf(`decision := ${call}`);
    const ask = (layers: object[]) => engine.evaluate({ layers } as unknown as RoutingInput);
    expect(ask([{ a: 1 }, { b: 2 }])).toEqual([{ result: { a: 1, b: 2 } }]);
    expect(ask([])).toEqual([]);
    // What the interpreter would have cleared ends with the committee.
    expect(outcome(input, await packOf('decision := object.union_n([x | x := input.nowhere])'))).toEqual([
      'committee',
      'POL-004',
    ]);
    // Ours always names the organisation's share first.
    const calls = readdirSync(PROMOTION, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.rego') && !name.endsWith('_test.rego'))
      .flatMap((name) => readFileSync(join(PROMOTION, name), 'utf8').match(/object\.union_n\(.*/g) ?? []);
    expect(calls).toHaveLength(3);
    for (const one of calls) expect(one).toMatch(/^object\.union_n\(array\.concat\(\[data\.\w+\], /);
  });

  it('W22 the entrypoint is named, and is the only one', async () => {
    expect(() => createEngine(new Uint8Array(wasm), data)).not.toThrow();
    const other = Buffer.from(wasm);
    const name = 'promotion/router/decision';
    for (let place = other.indexOf(name); place >= 0; place = other.indexOf(name, place + 1))
      other.write('__proto__/router/decision', place);
    expect(() => createEngine(other, data)).toThrow('expected only promotion/router/decision');
  });
});
