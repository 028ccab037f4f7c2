import type { Diff } from '../domain/diff.ts';
import { artefact } from './diff-artefact.ts';
import { metricDimensions } from './diff-metrics.ts';
import { modelDimensions } from './diff-model.ts';
import { population, segments } from './diff-population.ts';
import { restDimensions } from './diff-rest.ts';
import { materialOf } from './material.ts';
import type { Comparison } from './types.ts';

/**
 * Candidate against incumbent and last human-approved version. Pure and total: every dimension is there, whatever is missing,
 * and what cannot be compared is `unknown` with its reason. Limits are policy, so nothing here judges.
 */
export function diffOf(c: Comparison): Diff {
  const material = materialOf(c);
  return {
    schema: 'diff/v0',
    ...modelDimensions(c),
    population: population(c, material),
    segments: segments(c, material),
    ...metricDimensions(c, material),
    ...restDimensions(c, material),
    artefact: artefact(c),
  };
}
