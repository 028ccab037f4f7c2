import type { Batch, ColumnBatch, Limits, Texts, Want } from './batch.ts';
import { fieldsOf } from './csv-fields.ts';
import { decimalAt } from './decimal.ts';
import { RowFault, unreadable } from './row-fault.ts';

/** What is wanted of a block of whole records. Needs nothing but its arguments, so blocks can be read side by side. */
export function batchOf(bytes: Uint8Array, width: number, wants: readonly Want[], limits: Limits): Batch {
  const slots = new Int32Array(width).fill(-1);
  for (const [slot, { at }] of wants.entries()) slots[at] = slot;
  const { rows, starts, ends } = fieldsOf(bytes, slots, wants.length);
  const columns = wants.map((want, slot): ColumnBatch => {
    const fields: Column = { bytes, rows, starts: at(starts, slot), ends: at(ends, slot) };
    const texts = want.texts ? textsIn(fields, want.codes, limits.values) : undefined;
    const overfull = want.texts && !texts;
    const numbers = want.numbers || overfull ? numbersIn(fields) : {};
    return { at: want.at, ...numbers, ...(texts ? { texts } : {}), ...(overfull ? { overfull } : {}) };
  });
  return { rows, columns };
}

const at = (offsets: readonly Int32Array[], slot: number): Int32Array => offsets[slot] ?? new Int32Array();

type Column = { readonly bytes: Uint8Array; readonly rows: number; readonly starts: Int32Array; readonly ends: Int32Array };

function numbersIn({ bytes, rows, starts, ends }: Column): { numbers: Float64Array; missing: number; text?: string } {
  const numbers = new Float64Array(rows);
  let bad = -1;
  let missing = 0;
  for (let row = 0; row < rows; row++) {
    const [start, end] = [starts[row] ?? 0, ends[row] ?? 0];
    // A field with a quote in it is no number.
    const value = end > start ? decimalAt(bytes, start, end) : Number.NaN;
    numbers[row] = value;
    if (end === start) missing++;
    else if (Number.isNaN(value) && bad === -1) bad = row;
  }
  return bad === -1 ? { numbers, missing } : { numbers, missing, text: textAt(bytes, starts[bad] ?? 0, ends[bad] ?? 0) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textAt(bytes: Uint8Array, start: number, end: number): string {
  try {
    const text = utf8.decode(bytes.subarray(start, Math.abs(end)));
    return end < 0 ? text.replaceAll('""', '"') : text;
  } catch {
    throw new RowFault(unreadable('a value is not UTF-8; save the table as UTF-8'));
  }
}

/** Distinct texts by their bytes, in an open table; undefined when there are more than `most`. */
function textsIn({ bytes, rows, starts, ends }: Column, coded: boolean, most: number): Texts | undefined {
  const size = 1 << (33 - Math.clz32(Math.min(most + 1, rows) + 7));
  const table = new Int32Array(size);
  const firsts: number[] = [];
  const counts: number[] = [];
  const codes = coded ? new Uint16Array(rows) : undefined;
  for (let row = 0; row < rows; row++) {
    const start = starts[row] ?? 0;
    const end = Math.abs(ends[row] ?? 0);
    let hash = end - start;
    for (let p = start; p < end; p++) hash = Math.imul(hash ^ (bytes[p] ?? 0), 0x01000193);
    let place = (hash ^ (hash >>> 15)) & (size - 1);
    let known = (table[place] ?? 0) - 1;
    while (known >= 0) {
      const first = firsts[known] ?? 0;
      if (sameBytes(bytes, starts[first] ?? 0, Math.abs(ends[first] ?? 0), start, end)) break;
      place = (place + 1) & (size - 1);
      known = (table[place] ?? 0) - 1;
    }
    if (known < 0) {
      if (firsts.length === most) return undefined;
      known = firsts.push(row) - 1;
      counts.push(0);
      table[place] = known + 1;
    }
    counts[known] = (counts[known] ?? 0) + 1;
    if (codes) codes[row] = known;
  }
  const values = firsts.map((row) => textAt(bytes, starts[row] ?? 0, ends[row] ?? 0));
  return { values, counts: Uint32Array.from(counts), ...(codes ? { codes } : {}) };
}

function sameBytes(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  if (aEnd - a !== bEnd - b) return false;
  let [i, j] = [a, b];
  while (i < aEnd) if (bytes[i++] !== bytes[j++]) return false;
  return true;
}
