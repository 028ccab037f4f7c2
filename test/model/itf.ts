// Traces as Quint writes them (Informal Trace Format): sets, maps and numbers are wrapped, and are unwrapped here.
import { z } from 'zod';

const Decision = z.object({ votes: z.array(z.string()), approved: z.boolean() });
const ModelState = z.object({
  ballots: z.record(z.string(), z.boolean()),
  voteObjects: z.array(z.string()),
  voteRows: z.array(z.string()),
  decisions: z.array(Decision),
  envelopes: z.array(Decision),
  sealed: z.array(Decision),
  unlogged: z.array(z.string()),
  tree: z.array(z.array(z.string())),
  published: z.number(),
  signed: z.array(z.unknown()),
  crashes: z.number(),
  did: z.string(),
  who: z.string(),
});
export type ModelState = z.infer<typeof ModelState>;

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  const { '#set': set, '#map': map, '#bigint': number } = value as Record<string, unknown>;
  if (Array.isArray(set)) return set.map(unwrapped);
  if (typeof number === 'string') return Number(number);
  const pairs = Array.isArray(map) ? (map as [string, unknown][]) : Object.entries(value);
  return Object.fromEntries(pairs.map(([name, one]) => [name, unwrapped(one)]));
}

export function statesOf(text: string): ModelState[] {
  const { states } = JSON.parse(text) as { states: Record<string, unknown>[] };
  return states.map((state) => {
    const [name] = Object.keys(state).filter((key) => key.endsWith('::s') || key === 's');
    return ModelState.parse(unwrapped(state[name ?? '']));
  });
}
