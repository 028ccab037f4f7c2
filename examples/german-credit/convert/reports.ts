import { decimal6 } from '../../../functions/domain/decimal.ts';
import type { Digest } from '../../../functions/domain/digest.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { invariant } from '../../../functions/domain/result.ts';
import { figure, inSegment, type Version, valuesOf } from './evaluate.ts';
import { PROTECTED } from './labels.ts';
import type { Row } from './source.ts';

// The three validation gates of a version, computed here from its own files. Their limits are ours, not a bank's.

export const TOOL = 'german-credit convert.ts';
const AUC_FLOOR = '0.650000';
/** Four fifths, the usual habit, would fail most versions on age bands; see the README. */
const RATIO_FLOOR = '0.750000';
const RATIO_ROWS = 80;

type SliceName = { readonly name: string; readonly digest: Digest };
export type Report = { readonly gate: string; readonly result: 'pass' | 'fail' } & Readonly<Record<string, unknown>>;

export function performanceReport(version: Version, rows: readonly Row[], slice: SliceName): Report {
  const auc = figure(version, rows, 'auc');
  const result = auc !== null && auc >= AUC_FLOOR ? 'pass' : 'fail';
  return { gate: 'performance', tool: TOOL, slice, n: rows.length, auc, floor: AUC_FLOOR, result };
}

/** Lowest approval rate over highest, among values with enough rows to say so. */
export function fairnessReport(version: Version, rows: readonly Row[], slice: SliceName): Report {
  const segments = PROTECTED.map((column) => {
    const values = valuesOf(rows, column).map((value) => {
      const part = inSegment(rows, column, value);
      return { value, n: part.length, approvalRate: figure(version, part, 'approval_rate'), judged: part.length >= RATIO_ROWS };
    });
    const rates = values.filter(({ judged }) => judged).map(({ approvalRate }) => Number(approvalRate));
    const ratio = rates.length > 1 ? decimal6(Math.min(...rates) / Math.max(...rates)) : null;
    return { column, ratio, values };
  });
  const result = segments.every(({ ratio }) => ratio === null || ratio >= RATIO_FLOOR) ? 'pass' : 'fail';
  return { gate: 'fairness', tool: TOOL, slice, floor: RATIO_FLOOR, minimumRows: RATIO_ROWS, segments, result };
}

export type NamedBytes = { readonly path: string; readonly bytes: Uint8Array };

/** A model of data files only: nothing in it has to be run to be read. */
export function securityReport(files: readonly NamedBytes[]): Report {
  const listed = files.map(({ path, bytes }) => ({ path, digest: digestOf(bytes), format: formatOf(path, bytes) }));
  const result = listed.every(({ format }) => format !== 'unknown') ? 'pass' : 'fail';
  return { gate: 'security', tool: TOOL, files: listed, executables: [], loadedByUs: [], result };
}

/** By content, not by name alone: a pickle starts with byte 0x80 and is no UTF-8 text. */
function formatOf(path: string, bytes: Uint8Array): 'json' | 'lightgbm-text' | 'unknown' {
  const text = Buffer.from(bytes).toString('utf8');
  if (text.includes('\uFFFD')) return 'unknown';
  if (path.endsWith('.json')) {
    invariant(typeof JSON.parse(text) === 'object', `${path} is JSON`);
    return 'json';
  }
  return text.startsWith('tree\n') ? 'lightgbm-text' : 'unknown';
}
