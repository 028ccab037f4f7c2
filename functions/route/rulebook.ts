// The rule book: each rule in words, with its present figures and an example of each kind. Sealed by digest with every event.
import { z } from 'zod';
import { DIMENSIONS } from '../domain/diff.ts';
import { PATHS } from '../domain/routing.ts';

const Code = z.string().regex(/^[A-Z]{3}-\d{3}$/);

/** A number of the policy, and where model risk edits it. `*` in the pointer: the same value at each of these places. */
export const RuleFigure = z.strictObject({
  file: z.string(),
  pointer: z.string(),
  value: z.json(),
  /** A tier or a model whose own figure this is; without it, the organisation's. */
  layer: z.string().optional(),
});
export type RuleFigure = z.infer<typeof RuleFigure>;

/** A layer of the data that lets a rule ask for more people. */
const RaisedPath = z.strictObject({ layer: z.string(), file: z.string(), path: z.enum(PATHS) });
export type RaisedPath = z.infer<typeof RaisedPath>;

/** A row of a table of tests: its name there, and every code that fires on it. */
export const RuleExample = z.strictObject({ case: z.string().min(1), codes: z.array(Code) });
export type RuleExample = z.infer<typeof RuleExample>;

const Examples = z.strictObject({ source: z.string(), fires: RuleExample, quiet: RuleExample });
export type Examples = z.infer<typeof Examples>;

export const Rule = z.strictObject({
  code: Code,
  title: z.string().min(1),
  description: z.string().min(1),
  min_path: z.enum([...PATHS, 'hold', 'obligation']),
  severity: z.enum(['info', 'medium', 'high']),
  owner: z.string().min(1),
  controls: z.array(z.string()).min(1),
  remedy: z.string().min(1),
  since: z.string(),
  /** Where its limit stands in the data, `limits.population.score_reviewer_ppm`; `*` for any key. */
  threshold: z.string().optional(),
  // Not in packs that were built before these were: they stay loadable, for replay.
  dimension: z.enum([...DIMENSIONS, 'engine']).optional(),
  figures: z.array(RuleFigure).optional(),
  raised: z.array(RaisedPath).optional(),
  examples: Examples.optional(),
});
export type Rule = z.infer<typeof Rule>;

export const Rulebook = z.strictObject({ schema: z.literal('rulebook/v0'), rules: z.array(Rule) });
