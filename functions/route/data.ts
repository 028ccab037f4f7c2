import { z } from 'zod';
import { Committee, HumanPath, ModelLine, problemOfStages } from '../domain/line.ts';
import { Path } from '../domain/routing.ts';
import { Label, Name, prose } from '../domain/text.ts';
import { LONGEST_WAIVER_DAYS } from './layers.ts';
import { type Tighter, type TighterTree, tighterTree } from './tighter.ts';

/**
 * The numbers of the pack, as model risk edits them in policies/data. Each file holds the keys of one schema below.
 * `x-tighter` goes into the JSON Schema: which way a lower layer may move a value. `superset`: a lower layer adds to the list.
 */
const tighter = (way: Tighter) => ({ 'x-tighter': way });

const Ppm = z.int().min(0).meta(tighter('lower'));
const Count = z.int().min(0).meta(tighter('lower'));
const Share = z.int().min(0).max(1_000_000).meta(tighter('higher'));
const perMetric = z.record(Label, Ppm);

const Limits = z.strictObject({
  population: z.strictObject({
    score_recorded_ppm: Ppm,
    score_reviewer_ppm: Ppm,
    score_committee_ppm: Ppm,
    since_people_recorded_ppm: Ppm,
    since_people_committee_ppm: Ppm,
    feature_reviewer_ppm: Ppm,
    null99_ppm: Ppm,
  }),
  segments: z.strictObject({ share_committee_ppm: Ppm }),
  metrics: z.strictObject({ overall_ppm: perMetric, segment_ppm: perMetric }),
  decision_rule: z.strictObject({ flips_with_change_ppm: Ppm, flips_same_rule_ppm: Ppm }),
  fairness: z.strictObject({ worse_ppm: Ppm }),
  training_window: z.strictObject({
    /** By how many days a window may end after the day of the request: what says so has not seen those rows. */
    ahead_days: Count,
    /** The least share of the baseline's rows, and of its days, to learn from. */
    rows_ppm: Share,
    days_ppm: Share,
  }),
  history: z.strictObject({
    automated_in_a_row: Count,
    days_since_people: Count,
    drift_committee_ppm: z.strictObject({ score: Ppm, segment: Ppm }),
  }),
});

/** As a token's roles claim says it. */
const RoleOf = z.string().regex(/^[a-z0-9][a-z0-9._-]*@[a-z0-9][a-z0-9._-]*$/, 'expected role@committee');

const PathRule = z.strictObject({
  expires_after_days: z.int().min(1).max(365).meta(tighter('lower')),
  artefacts: z.array(z.enum(['explanation'])).meta(tighter('superset')),
  /** How old the sign-in of whoever decides may be. Absent: as old as the session lasts; a layer below may then still ask. */
  step_up_minutes: z.int().min(1).max(1440).meta(tighter('lower')).optional(),
  /** When an answer is late, and who is shown it then. Late is never yes: only people approve. */
  respond_within_hours: z.int().min(1).max(8760).meta(tighter('lower')).optional(),
  escalate_to: z.array(RoleOf).max(20).meta(tighter('superset')).optional(),
});

/** One person of each entry acknowledges what policy approves (R33). Empty: policy approves alone. Missing: nobody knows. */
const AutomatedRule = PathRule.extend({
  on_call_ack: z
    .array(z.strictObject({ role: Name, from: Name }))
    .max(5)
    .meta(tighter('superset')),
});

const Lines = z.record(Name, ModelLine).superRefine((lines, ctx) => {
  for (const [name, line] of Object.entries(lines)) {
    if (name !== line.line) ctx.addIssue({ code: 'custom', path: [name, 'line'], message: `must be ${name}, as its key` });
    const stages = problemOfStages(line);
    if (stages !== undefined) ctx.addIssue({ code: 'custom', path: [name, 'environments'], message: stages });
  }
});

/** UTC days since 1970, which is what a rule can compare; people read the date beside it. */
const dayOf = (date: string): number => Math.floor(Date.parse(date) / 86_400_000);

type Dated = { readonly [key: string]: unknown };
const sameDay = (day: string, date: string) => (dated: Dated, ctx: z.RefinementCtx) => {
  const right = dayOf(String(dated[date]));
  if (dated[day] === right) return;
  ctx.addIssue({ code: 'custom', path: [day], message: `must be ${right}, the day of ${dated[date]}` });
};

const RegimeBreak = z.strictObject({ day: z.int(), date: z.iso.date(), name: Label }).superRefine(sameDay('day', 'date'));

const RuleCode = z.string().regex(/^[A-Z]{3}-\d{3}$/, 'expected the code of a rule, such as POP-002');
const Person = z.strictObject({ iss: Label, sub: Label });

/** A code may be raised, and so may with one word every rule that asks for a reviewer. */
const RaisedKey = z
  .string()
  .regex(/^([A-Z]{3}-\d{3}|reviewer)$/, 'expected the code of a rule, or reviewer for every rule that asks for one');

/** What the policy itself could not decide is never waived: who would have looked at what? */
const NEVER_WAIVED = /^(POL|LIN|OBL|WVR)-/;

const Waived = z.strictObject({
  id: Name,
  line: Name,
  owner: Person,
  approvedBy: Person.optional(),
  reason: prose(20, 1000),
  from: z.iso.date(),
  from_day: z.int(),
  /** Its last day. */
  expires: z.iso.date(),
  expires_day: z.int(),
});
const Waiver = z
  .union([
    Waived.extend({ code: RuleCode, min_path: Path.extract(['automated', 'reviewer']) }),
    Waived.extend({ limits: partOf(Limits) }),
  ])
  .superRefine(sameDay('from_day', 'from'))
  .superRefine(sameDay('expires_day', 'expires'))
  .superRefine(({ from_day, expires_day }, ctx) => {
    const days = expires_day - from_day + 1;
    if (days >= 1 && days <= LONGEST_WAIVER_DAYS) return;
    const message =
      days < 1 ? 'must not be before its first day' : `${days} days, at most ${LONGEST_WAIVER_DAYS}: renew it instead`;
    ctx.addIssue({ code: 'custom', path: ['expires_day'], message });
  });

const Floors = z.strictObject({
  codes: z.record(RuleCode, Path.extract(['automated', 'reviewer'])).superRefine((floors, ctx) => {
    for (const code of Object.keys(floors).filter((one) => NEVER_WAIVED.test(one)))
      ctx.addIssue({ code: 'custom', path: [code], message: 'no rule of this kind may be waived' });
  }),
  limits: partOf(Limits),
});

/** One schema per file of policies/data. */
export const DATA_FILES = {
  limits: z.strictObject({ limits: Limits }),
  gates: z.strictObject({ gates: z.strictObject({ required: z.array(Label).min(1).meta(tighter('superset')) }) }),
  paths: z.strictObject({
    paths: z.strictObject({ automated: AutomatedRule, reviewer: PathRule, committee: PathRule }),
    second_reviewer_min: z.int().min(2).max(20).meta(tighter('higher')),
  }),
  min_paths: z.strictObject({ min_paths: z.record(RaisedKey, Path.meta(tighter('higher'))) }),
  committees: z.strictObject({ committees: z.array(Committee).meta(tighter('superset')) }),
  calendar: z.strictObject({
    calendar: z.strictObject({ regime_breaks: z.array(RegimeBreak).meta(tighter('superset')) }),
  }),
  lines: z.strictObject({ lines: Lines }),
  /** Whose people end a version without a successor. */
  archive: z.strictObject({ archive: HumanPath.meta(tighter('higher')) }),
  waivers: z.strictObject({ floors: Floors, waivers: z.array(Waiver) }),
} as const;

/** Files that are the organisation's alone: a line is registered once, and only the organisation lowers. */
const UNLAYERED: readonly string[] = ['lines', 'waivers'];

/** The same files in a tier or of a model: any part of them, and nothing that is the organisation's alone. */
export const LAYER_FILES: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries(DATA_FILES)
    .filter(([name]) => !UNLAYERED.includes(name))
    .map(([name, schema]) => [name, partOf(schema)]),
);

/** The same in an overlay over the organisation's data, which may bring waivers of its own but no floors. */
export const OVERLAY_FILES: Readonly<Record<string, z.ZodType>> = {
  ...LAYER_FILES,
  waivers: z.strictObject({ waivers: DATA_FILES.waivers.shape.waivers }),
};

function partOf(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>);
  return z.strictObject(Object.fromEntries(shape.map(([key, inner]) => [key, partOf(inner).optional()])));
}

/** Which way is tighter, by the place of the value in the data; travels in the pack, so that it is judged by its own words. */
export const dataDirections = (): TighterTree =>
  tighterTree(Object.values(LAYER_FILES).map((schema) => z.toJSONSchema(schema, { target: 'draft-7' })));

/**
 * What this code reads of a pack's data.json; the rest is Rego's, which escalates when a limit is missing. The strict schemas
 * above are for building: a pack built before a key was known must still load, or its decisions could not be replayed.
 */
export const PackData = z.looseObject({
  paths: z.looseObject({ committee: z.looseObject({ expires_after_days: PathRule.shape.expires_after_days }) }),
  lines: Lines,
});
