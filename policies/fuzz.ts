// `npm run policy:fuzz`: generated inputs through both engines. `--count 50000 --seed N`; a difference names its seed and place.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEngine } from '../functions/route/engine.ts';
import { corpusOf } from './corpus.ts';
import { differences } from './engines.ts';
import { inParallel, POLICIES } from './tools/run.ts';

const BATCH = 500;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
  const count = Number(values.count ?? 50_000);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  console.log(`${count} generated inputs through Wasm and the OPA interpreter, seed ${seed} (again with --seed ${seed})`);
  const dist = (name: string) => new Uint8Array(readFileSync(join(POLICIES, 'dist', name)));
  const engine = createEngine(dist('policy.wasm'), JSON.parse(new TextDecoder().decode(dist('data.json'))) as object);
  const corpus = corpusOf(seed);
  const starts = Array.from({ length: Math.ceil(count / BATCH) }, (_, k) => k * BATCH);
  const started = performance.now();
  const paths: Record<string, number> = {};
  let done = 0;
  let told = 0;
  const found = await inParallel(starts, availableParallelism(), async (start) => {
    const inputs = Array.from({ length: Math.min(BATCH, count - start) }, (_, k) => corpus.at(start + k));
    const wrong = await differences(inputs, engine, (path) => {
      paths[path] = (paths[path] ?? 0) + 1;
    });
    done += inputs.length;
    const seconds = (performance.now() - started) / 1000;
    if (seconds - told > 5 || done === count) {
      told = seconds;
      const left = Math.round((seconds / done) * (count - done));
      console.log(`  ${done} of ${count} in ${Math.round(seconds)} s, about ${left} s left`);
    }
    return wrong.map((one) => ({ ...one, i: one.i + start }));
  });
  const all = found.flat();
  for (const { i, wasm, interpreter } of all.slice(0, 5)) {
    const from = Math.max(0, [...wasm].findIndex((char, at) => char !== interpreter[at]) - 100);
    const part = (text: string) => text.slice(from, from + 400);
    console.log(`\ninput ${i} of seed ${seed}\n  Wasm        …${part(wasm)}\n  interpreter …${part(interpreter)}`);
  }
  const kinds = Object.entries(paths).map(([path, n]) => `${n} ${path}`);
  console.log(`${all.length} differences in ${count} inputs (${kinds.sort().join(', ')}), seed ${seed}`);
  return all.length;
}

process.exitCode = (await main()) > 0 ? 1 : 0;
