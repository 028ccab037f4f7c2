// Two packs that differ in their data only: the committed module with other numbers, named by its own digest.
import { join } from 'node:path';
import { goldenCorpus } from '../../cli/commands/what-if-corpus.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { RoutingInput } from '../../functions/route/input.ts';
import { loadPack } from '../../functions/route/pack.ts';
import { decideInput } from '../../functions/route/route.ts';
import { type Question, type Report, whatIf } from '../../functions/whatif/report.ts';
import type { Past, Side } from '../../functions/whatif/types.ts';
import { packFiles } from './pack.ts';

export const GOLDEN = join(import.meta.dirname, '..', '..', 'policies', 'golden');

const jsonOf = (bytes: Uint8Array | undefined): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** The files of the committed pack with the datum at a pointer set; the manifest is made to fit. */
export function filesWith(changes: Readonly<Record<string, unknown>>): Map<string, Uint8Array> {
  const files = packFiles();
  const data = jsonOf(files.get('data.json')) as Record<string, unknown>;
  for (const [pointer, value] of Object.entries(changes)) put(data, pointer.split('/').slice(1), value);
  const bytes = canonicalBytes(data);
  const manifest = jsonOf(files.get('manifest.json')) as { files: Record<string, string> };
  manifest.files['data.json'] = digestOf(bytes);
  return files.set('data.json', bytes).set('manifest.json', canonicalBytes(manifest));
}

function put(here: Record<string, unknown>, [part = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) put(here[part] as Record<string, unknown>, rest, value);
  else here[part] = value;
}

export function sideWith(changes: Readonly<Record<string, unknown>> = {}): Side {
  const files = filesWith(changes);
  const pack = loadPack(files);
  const data = jsonOf(files.get('data.json'));
  return { digest: pack.digest, data, rules: pack.rules, decide: (input) => decideInput(pack, input) };
}

export async function golden(): Promise<Past[]> {
  const all: Past[] = [];
  for await (const past of goldenCorpus(GOLDEN)) {
    if ('broken' in past) throw new Error(`${past.id}: ${past.broken}`);
    all.push(past);
  }
  return all;
}

export async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** 2026-11-21: any day will do that is not the corpus's own. */
const TODAY = 20_778;

export async function asked(base: Side, head: Side, more: Partial<Question> = {}): Promise<Report> {
  return whatIf({
    base,
    head,
    corpus: stream(await golden()),
    readable: (input) => RoutingInput.safeParse(input).success,
    today: TODAY,
    sameInputSchema: true,
    ...more,
  });
}
