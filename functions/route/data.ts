import { z } from 'zod';
import { ModelLine, problemOfStages, Tiers } from '../domain/line.ts';
import { Label, Name } from '../domain/text.ts';

/** The numbers of the pack, as model risk edits them in policies/data. Each file holds the keys of one schema below. */
const Ppm = z.int().min(0);
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
  history: z.strictObject({
    automated_in_a_row: z.int().min(0),
    days_since_people: z.int().min(0),
    drift_committee_ppm: z.strictObject({ score: Ppm, segment: Ppm }),
  }),
});

const PathRule = z.strictObject({
  expires_after_days: z.int().min(1).max(365),
  artefacts: z.array(z.enum(['explanation'])),
});

const Lines = z.record(Name, ModelLine).superRefine((lines, ctx) => {
  for (const [name, line] of Object.entries(lines)) {
    if (name !== line.line) ctx.addIssue({ code: 'custom', path: [name, 'line'], message: `must be ${name}, as its key` });
    const stages = problemOfStages(line);
    if (stages !== undefined) ctx.addIssue({ code: 'custom', path: [name, 'environments'], message: stages });
  }
});

const RegimeBreak = z.strictObject({ day: z.int(), date: z.iso.date(), name: Label });

/** One schema per file of policies/data. */
export const DATA_FILES = {
  limits: z.strictObject({ limits: Limits }),
  gates: z.strictObject({ gates: z.strictObject({ required: z.array(Label).min(1) }) }),
  paths: z.strictObject({
    paths: z.strictObject({ automated: PathRule, reviewer: PathRule, committee: PathRule }),
    second_reviewer_min: z.int().min(2).max(20),
  }),
  calendar: z.strictObject({ calendar: z.strictObject({ regime_breaks: z.array(RegimeBreak) }) }),
  lines: z.strictObject({ lines: Lines }),
  tiers: z.strictObject({ tiers: Tiers }),
} as const;

/**
 * What this code reads of a pack's data.json; the rest is Rego's, which escalates when a limit is missing. The strict schemas
 * above are for building: a pack built before a key was known must still load, or its decisions could not be replayed.
 */
export const PackData = z.looseObject({
  paths: z.looseObject({ committee: z.looseObject({ expires_after_days: PathRule.shape.expires_after_days }) }),
  lines: Lines,
  tiers: Tiers.optional(),
});
