// The redacted corpus that is committed beside the policies: what a fork may see, and what CI replays without a store.
import { z } from 'zod';
import { canonicalDigest } from '../domain/canonical.ts';
import { Digest, digestOf } from '../domain/digest.ts';
import { parseBytes } from '../domain/parse.ts';
import { Path } from '../domain/routing.ts';
import type { Broken, Corpus, Past } from './types.ts';

/** One line of a `.jsonl` file. `expected`: what the pack of that day decided; history, so it is never changed later. */
export const GoldenLine = z.strictObject({
  id: z.string().min(1).max(300),
  date: z.iso.date(),
  model: z.string(),
  tier: z.string(),
  line: z.string(),
  environment: z.string(),
  inputDigest: Digest,
  expected: z.strictObject({ path: Path, codes: z.array(z.string()), pack: Digest }),
  input: z.unknown(),
});
export type GoldenLine = z.infer<typeof GoldenLine>;

/** `name` is for messages; lines come one at a time, as text. */
export async function* goldenInputs(name: string, lines: AsyncIterable<string>): Corpus {
  let at = 0;
  for await (const text of lines) {
    at++;
    if (text.trim() !== '') yield readLine(`${name}:${at}`, text);
  }
}

export function readLine(where: string, text: string): Past | Broken {
  const parsed = parseBytes(GoldenLine, new TextEncoder().encode(text), { maxBytes: 32 * 1024 * 1024, maxDepth: 64 });
  if (!parsed.ok)
    return { id: where, broken: `${parsed.problems[0]?.pointer ?? ''} ${parsed.problems[0]?.detail ?? ''}`.trim() };
  const { expected: _, ...past } = parsed.value;
  return canonicalDigest(past.input) === past.inputDigest ? past : { id: where, broken: 'the input differs from its digest' };
}

/**
 * Without what leads back to one store: hashes of its events become hashes of the golden name, and the day becomes a fixed
 * one, so that the same promotions give the same corpus. Figures, features and segments stay: this is for public data.
 */
export function redacted(past: Past, id: string, evaluatedAtDay: number): Past {
  const input = structuredClone(past.input) as { evaluatedAtDay: number; history?: { figures?: Record<string, unknown> } };
  const figures = input.history?.figures;
  for (const key of ['incumbent', 'lastHumanApproved'])
    if (typeof figures?.[key] === 'string') figures[key] = digestOf(`${id}/${key}`);
  input.evaluatedAtDay = evaluatedAtDay;
  return {
    ...past,
    id,
    date: new Date(evaluatedAtDay * 86_400_000).toISOString().slice(0, 10),
    input,
    inputDigest: canonicalDigest(input),
  };
}
