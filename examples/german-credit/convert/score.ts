import { z } from 'zod';
import { invariant } from '../../../functions/domain/result.ts';
import { cell, type Row, type Source } from './source.ts';

const Pair = z.tuple([z.string(), z.string()]);
const Weights = z.object({ intercept: z.string(), coefficients: z.array(Pair) });
const Preprocessor = z.object({
  numeric: z.object({ scaled: z.array(z.tuple([z.string(), z.string(), z.string()])) }),
  categorical: z.record(z.string(), z.array(z.string())),
});

export type Score = (row: Row) => number;

/** The logistic model as its weights and preprocessor say: scaled numbers and one-hot values, summed, through the logistic curve. */
export function logistic(source: Source, version: string): Score {
  const weights = source.json(`versions/${version}/model/weights.json`, Weights);
  const preprocessor = source.json(`versions/${version}/model/preprocessor.json`, Preprocessor);
  const coefficients = new Map(weights.coefficients.map(([name, value]) => [name, Number(value)]));
  const coefficient = (name: string): number => {
    const value = coefficients.get(name);
    invariant(value !== undefined, `${version} has a coefficient ${name}`);
    return value;
  };
  const scaled = preprocessor.numeric.scaled.map(([name, mean, scale]) => ({ name, mean: Number(mean), scale: Number(scale) }));
  return (row) => {
    let sum = Number(weights.intercept);
    for (const { name, mean, scale } of scaled) sum += coefficient(`num__${name}`) * ((Number(cell(row, name)) - mean) / scale);
    for (const [name, values] of Object.entries(preprocessor.categorical)) {
      const value = cell(row, name);
      invariant(values.includes(value), `${version} knows ${name} = ${value}`);
      sum += coefficient(`cat__${name}_${value}`);
    }
    return 1 / (1 + Math.exp(-sum));
  };
}

/** Scores that cannot be recomputed from data files (boosted trees) are taken from the population that lists them. */
export function listed(rows: readonly Row[], version: string): Score {
  const byId = new Map(rows.map((row) => [cell(row, 'row_id'), Number(cell(row, `score_${version}`))]));
  return (row) => {
    const score = byId.get(cell(row, 'row_id'));
    invariant(score !== undefined, `${version} has a score for row ${cell(row, 'row_id')}`);
    return score;
  };
}
