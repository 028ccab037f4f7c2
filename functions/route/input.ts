import { z } from 'zod';
import type { Side } from '../domain/diff.ts';
import { Name } from '../domain/text.ts';

/**
 * What the policy sees: the diff in integers only. Wasm and the interpreter disagree on float arithmetic (OPA issue 3298),
 * so figures travel in millionths (`_ppm`) and days since 1970. Every key is always there and unknown is null, so that a
 * rule which forgets to ask for a figure can never mistake its absence for health.
 */
const Ppm = z.int().nullable();
const Int = z.int().nullable();
// Half a surrogate pair has no canonical bytes, so what holds one could not be sealed.
const Text = z
  .string()
  .max(5000)
  .refine((text) => text.isWellFormed());
const Texts = z.array(Text).max(20_000);
const State = z.enum(['same', 'differs', 'measured', 'unknown']);
const list = <S extends z.ZodType>(item: S) => z.array(item).max(20_000);

const FromTo = z.strictObject({ from: Text, to: Text });
const NamedFromTo = z.strictObject({ name: Text, from: Text, to: Text });
const Psi = z.strictObject({ name: Text, psi_ppm: Ppm, null99_ppm: Ppm, n: Int, m: Int, bins: Int });
const Feature = z.strictObject({ name: Text, family: Text, source: Text });
const FileFact = z.strictObject({ path: Text, role: Text });
const MetricIn = z.strictObject({
  name: Text,
  candidate_ppm: Ppm,
  baseline_ppm: Ppm,
  worse_ppm: Ppm,
  n: Int,
  limit_ppm: Ppm,
  source: z.enum(['recomputed', 'stated']),
});

type Shape = Record<string, z.ZodType>;
type Nullable<F extends Shape> = { [K in keyof F]: z.ZodNullable<F[K]> };

/** Both sides have the same keys whatever their state; a side without a baseline has null in each. */
function dimension<Own extends Shape, F extends Shape>(own: Own, figures: F) {
  const nullable = Object.fromEntries(Object.entries(figures).map(([key, type]) => [key, type.nullable()])) as Nullable<F>;
  const why = z.array(Text.max(100)).max(100);
  const side = z.strictObject({
    state: z.enum([...State.options, 'none', 'asIncumbent'] satisfies Side<unknown>['state'][]),
    why,
    figures: z.strictObject(nullable),
  });
  return z.strictObject({
    state: State,
    why,
    figures: z.strictObject(own),
    against: z.strictObject({ incumbent: side, lastHumanApproved: side }),
  });
}

const DriftIn = z.strictObject({ what: Text, name: Text.nullable(), psi_ppm: Ppm, n: Int, known: z.boolean() });
const StandingIn = z.strictObject({
  suspended: z.boolean(),
  drift: list(z.strictObject({ event: Text, answered: z.boolean(), measured: list(DriftIn) })),
});

export const RoutingInput = z.strictObject({
  schema: z.literal('routing-input/v0'),
  line: Name,
  environment: Name,
  evaluatedAtDay: z.int().nonnegative(),
  modelClass: dimension({ class: Text, family: Text }, { class: FromTo, family: FromTo }),
  hyperparameters: dimension({}, { changed: list(NamedFromTo), added: Texts, removed: Texts }),
  loss: dimension({ loss: Text }, { loss: FromTo }),
  features: dimension(
    { count: Int },
    {
      added: list(Feature.extend({ familyKnown: z.boolean(), sourceKnown: z.boolean() })),
      removed: list(Feature),
      retyped: list(NamedFromTo),
      reordered: z.boolean(),
      relabelled: list(NamedFromTo.extend({ field: z.enum(['family', 'source', 'required']) })),
    },
  ),
  protected: dimension({ attributes: Texts, proxies: Texts }, { changed: list(NamedFromTo) }),
  transforms: dimension({}, { changed: Texts }),
  // Keys that may be absent were not yet there when older inputs were sealed; what is absent proves nothing.
  population: dimension(
    { rows: Int },
    {
      score: Psi,
      features: list(Psi),
      filters: FromTo.optional(),
      scored: z.strictObject({ fromDay: z.int(), toDay: z.int(), sameRows: z.boolean() }).optional(),
    },
  ),
  segments: dimension(
    { unregistered: list(z.strictObject({ segment: Text, value: Text, count: Int })) },
    { shares: list(Psi), within: list(Psi.extend({ segment: Text, value: Text })) },
  ),
  decisionRule: dimension(
    { adverseAction: Texts },
    {
      thresholds: z.strictObject({ from: Texts, to: Texts }),
      actionsChanged: z.boolean(),
      scoreChanged: z.boolean(),
      adverseActionChanged: z.boolean(),
      flips: z.strictObject({ rows: Int, changed: Int, rate_ppm: Ppm, toAdverse: Int, fromAdverse: Int }),
    },
  ),
  calibration: dimension({ calibration: Text }, { calibration: FromTo }),
  metrics: dimension(
    { recomputed: Int, stated: Int },
    {
      overall: list(MetricIn),
      segments: list(z.strictObject({ segment: Text, protected: z.boolean(), n: Int, metrics: list(MetricIn) })),
      notJudged: list(z.strictObject({ what: Text, n: z.int(), minimum: z.int(), null99_ppm: Ppm, pooled: z.boolean() })),
    },
  ),
  evaluation: dimension(
    { method: Text, slice: Text, leaks: list(z.strictObject({ slice: Text, of: Text, how: Text })).optional() },
    { slice: FromTo, changed: Texts },
  ),
  fairness: dimension(
    {},
    {
      ratios: list(
        z.strictObject({ segment: Text, candidate_ppm: Ppm, baseline_ppm: Ppm, worse_ppm: Ppm, protected: z.boolean() }),
      ),
    },
  ),
  // `ahead`, `empty`, `rows_ppm` and `days_ppm` are only there where there is something to say (diff.ts).
  trainingWindow: dimension(
    {
      fromDay: Int,
      toDay: Int,
      ahead: list(z.strictObject({ slice: Text, days: z.int() })).optional(),
      empty: Texts.optional(),
    },
    {
      fromDay: z.int(),
      toDay: z.int(),
      filters: FromTo.optional(),
      rows_ppm: z.int().optional(),
      days_ppm: z.int().optional(),
    },
  ),
  use: dimension({}, { changed: Texts }),
  terms: dimension(
    {},
    {
      loosened: list(z.strictObject({ band: Text, from: Text, to: Text })),
      tightened: list(z.strictObject({ band: Text, from: Text, to: Text })),
      families: list(NamedFromTo),
      carried: z.boolean(),
    },
  ),
  gates: dimension({ results: list(z.strictObject({ name: Text, kind: Text, result: z.enum(['pass', 'fail']) })) }, {}),
  evidence: dimension(
    { predictions: z.boolean(), explanations: list(z.strictObject({ kind: Text, slice: Text })), profiles: Int },
    {},
  ),
  history: dimension(
    {
      incumbent: Text.nullable(),
      lastHumanApproved: Text.nullable(),
      automatedSinceHuman: Int,
      daysSinceHuman: Int,
      // The one key that may be absent: only lines with stages have it, and HIS-010 asks the data whether it must be there.
      predecessor: z.strictObject({ environment: Name, event: Text.nullable() }).optional(),
      // Not there when nothing stands, so that inputs sealed before are the same again. What forgets it changes nothing: with
      // anything standing, approve/decide.ts lets no policy approve alone.
      standing: StandingIn.optional(),
    },
    {},
  ),
  // Absent in what was sealed before decision 0014: it replays as it was, and under a policy of today it is not proven.
  artefact: dimension(
    { files: Int, name: Text, library: Text },
    {
      name: FromTo,
      library: FromTo,
      added: list(FileFact),
      removed: list(FileFact),
      roles: list(z.strictObject({ path: Text, from: Text, to: Text })),
      changed: list(FileFact),
    },
  ).optional(),
});
export type RoutingInput = z.infer<typeof RoutingInput>;

/** The same as JSON Schema, for authors and for the static checker of the policies. */
export const routingInputSchema = (): unknown => z.toJSONSchema(RoutingInput, { target: 'draft-7' });
