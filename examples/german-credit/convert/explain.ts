import { decimal6 } from '../../../functions/domain/decimal.ts';
import type { Digest } from '../../../functions/domain/digest.ts';
import { cell, type Rows, type ShapSummary } from './source.ts';

type SliceName = { readonly name: string; readonly digest: Digest; readonly rows: number };
export type Summary = {
  readonly kind: string;
  readonly library: string;
  readonly explainer: string;
  readonly scale: string;
  readonly baseValue: string;
  readonly slice: SliceName;
  readonly background: SliceName;
  readonly meanAbs: readonly { readonly feature: string; readonly value: string }[];
};

/** The source's summary in our words, with slices named by the digests of the files committed here. */
export const summaryOf = (shap: ShapSummary, slice: SliceName, background: SliceName): Summary => ({
  kind: shap.kind,
  library: shap.library,
  explainer: shap.explainer,
  scale: shap.scale,
  baseValue: shap.base_value,
  slice,
  background,
  meanAbs: shap.mean_abs.map(({ feature, value }) => ({ feature, value })),
});

/** The same over fewer rows: a row's SHAP values depend on model and background, not on the other rows explained. */
export function summaryOfRows(whole: Summary, values: Rows, slice: SliceName): Summary {
  const features = values.columns.filter((name) => name !== 'row_id');
  const means = features.map((feature) => {
    const sum = values.rows.reduce((total, row) => total + Math.abs(Number(cell(row, feature))), 0);
    return { feature, value: decimal6(sum / values.rows.length) };
  });
  return { ...whole, slice, meanAbs: means.sort((a, b) => Number(b.value) - Number(a.value)) };
}

/** In words, for whoever cannot see the picture. */
export function altText(summary: Summary): string {
  const [first, second, third] = summary.meanAbs;
  const last = summary.meanAbs.at(-1);
  const said = [first, second, third].map((entry) => `${entry?.feature} ${entry?.value}`).join(', ');
  const many = summary.meanAbs.length;
  return `Bar chart: mean absolute SHAP value (log-odds) of ${many} inputs on ${summary.slice.name}. Largest: ${said}. Smallest: ${last?.feature} ${last?.value}.`;
}
