// RFC 4180, within a block of whole records: where each wanted field begins and ends. Nothing is copied.
import { RowFault, unreadable } from './row-fault.ts';

const [LF, CR, QUOTE, COMMA] = [0x0a, 0x0d, 0x22, 0x2c] as const;

/** Per wanted column: offsets of its fields. An end below zero stands for a field that holds doubled quotes. */
export type Fields = { readonly rows: number; readonly starts: readonly Int32Array[]; readonly ends: readonly Int32Array[] };

/** `slots` says for each column of the header which wanted one it is, or −1. */
export function fieldsOf(bytes: Uint8Array, slots: Int32Array, wanted: number): Fields {
  const width = slots.length;
  // A record takes at least a byte per column.
  const most = Math.floor(bytes.length / width) + 1;
  const { starts, ends } = room(wanted, most);
  const quotes = bytes.includes(QUOTE);
  const size = bytes.length;
  let [p, row, column] = [0, 0, 0];
  while (p < size) {
    // An empty line is no record; an empty value of a single column is written in quotes.
    if (column === 0 && lineEndAt(bytes, p) > 0) {
      p += lineEndAt(bytes, p);
      continue;
    }
    let start = p;
    let end: number;
    let doubled = false;
    if (bytes[p] === QUOTE) {
      const close = closingQuote(bytes, p + 1);
      if (close === -1) throw fault(row, 'a quote is opened and never closed');
      start = p + 1;
      end = close;
      doubled = bytes.subarray(start, end).includes(QUOTE);
      p = close + 1;
      if (p < size && bytes[p] !== COMMA && lineEndAt(bytes, p) === 0) throw fault(row, 'text follows a closing quote');
    } else {
      let c = bytes[p];
      while (c !== COMMA && c !== LF && p < size) c = bytes[++p];
      end = p < size && c === LF && p > start && bytes[p - 1] === CR ? p - 1 : p;
      if (quotes && bytes.subarray(start, end).includes(QUOTE))
        throw fault(row, 'a quote stands within a field without quotes');
    }
    const slot = column < width ? (slots[column] ?? -1) : -1;
    if (slot >= 0) {
      (starts[slot] as Int32Array)[row] = start;
      (ends[slot] as Int32Array)[row] = doubled ? -end : end;
    }
    column++;
    if (p < size && bytes[p] === COMMA && p + 1 < size) p++;
    else {
      // A comma as the very last byte opens one more, empty field.
      if (p < size && bytes[p] === COMMA && ++column === width) setEmpty(starts, ends, slots[width - 1] ?? -1, row, p);
      p += bytes[p] === CR ? 2 : 1;
      if (column !== width) throw fault(row, `${column} fields, but the header has ${width}`);
      column = 0;
      row++;
    }
  }
  return { rows: row, starts, ends };
}

const rooms: { starts: Int32Array[]; ends: Int32Array[] } = { starts: [], ends: [] };

/** The same memory for every block: a block's fields are read before the next one is cut. */
function room(wanted: number, most: number): { readonly starts: Int32Array[]; readonly ends: Int32Array[] } {
  const large = (before: Int32Array | undefined) => (before && before.length >= most ? before : new Int32Array(most));
  for (let slot = 0; slot < wanted; slot++) {
    rooms.starts[slot] = large(rooms.starts[slot]);
    rooms.ends[slot] = large(rooms.ends[slot]);
  }
  return rooms;
}

function setEmpty(starts: readonly Int32Array[], ends: readonly Int32Array[], slot: number, row: number, at: number): void {
  const [start, end] = [starts[slot], ends[slot]];
  if (!start || !end) return;
  start[row] = at;
  end[row] = at;
}

/** How many bytes the line end here takes; 0 when there is none. */
function lineEndAt(bytes: Uint8Array, p: number): number {
  if (bytes[p] === LF) return 1;
  return bytes[p] === CR && bytes[p + 1] === LF ? 2 : 0;
}

function closingQuote(bytes: Uint8Array, from: number): number {
  for (let p = from; ; p += 2) {
    p = bytes.indexOf(QUOTE, p);
    if (p === -1 || bytes[p + 1] !== QUOTE) return p;
  }
}

const fault = (row: number, what: string): RowFault => new RowFault(unreadable(what), row);
