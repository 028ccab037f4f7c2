import { z } from 'zod';
import { Double } from './decimal.ts';
import { Digest } from './digest.ts';
import { Label } from './text.ts';

const Count = z.int().nonnegative();
const Value = z.string().max(500);

/** Counts at edges: (-inf, e1] (e1, e2] … (ek, +inf); one count more than edges. Missing values are counted apart. */
const Binned = z
  .strictObject({ edges: z.array(Double).max(1000), counts: z.array(Count).max(1001) })
  .refine((binned) => binned.counts.length === binned.edges.length + 1, 'one count more than edges')
  .refine(
    (binned) => binned.edges.every((edge, i) => i === 0 || Number(edge) > Number(binned.edges[i - 1])),
    'edges must rise',
  );

/** The same rows counted at the own edges of a baseline's sealed profile. */
const BinnedAt = z.strictObject({ profile: Digest, edges: z.array(Double).max(1000), counts: z.array(Count).max(1001) });

const NumericColumn = z.strictObject({
  name: Label,
  kind: z.literal('numeric'),
  /** OMS root of the model whose score this column holds. */
  scoredBy: Digest.optional(),
  own: Binned,
  at: z.array(BinnedAt).max(10),
  missing: Count,
});
export type NumericColumn = z.infer<typeof NumericColumn>;

const CategoricalColumn = z.strictObject({
  name: Label,
  kind: z.literal('categorical'),
  own: z.strictObject({ values: z.array(z.strictObject({ value: Value, count: Count })).max(10_000) }),
  missing: Count,
});
export type CategoricalColumn = z.infer<typeof CategoricalColumn>;

/**
 * Counts of one population, and nothing of its rows. `own` are this population's deciles, for the next promotion to bin at;
 * `at` are the same rows at the edges of each baseline, so edges are never inherited. Convention `half_row/1`: docs/psi.md.
 */
export const Profile = z.strictObject({
  schema: z.literal('profile/v1'),
  convention: z.literal('half_row/1'),
  slice: Digest,
  rows: Count,
  columns: z.array(z.discriminatedUnion('kind', [NumericColumn, CategoricalColumn])).max(5000),
  /** Shares of the segment columns. */
  shares: z
    .array(z.strictObject({ segment: Label, counts: z.array(z.strictObject({ value: Value, count: Count })).max(10_000) }))
    .max(200),
  /** Scores within a segment value, at the edges of the whole population's score column of that name. */
  segments: z
    .array(
      z.strictObject({
        segment: Label,
        value: Value,
        rows: Count,
        scores: z.array(
          z.strictObject({
            column: Label,
            own: z.array(Count),
            at: z.array(z.strictObject({ profile: Digest, counts: z.array(Count) })),
            missing: Count,
          }),
        ),
      }),
    )
    .max(10_000),
});
export type Profile = z.infer<typeof Profile>;
