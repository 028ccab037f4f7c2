// Numbers as they stand in a CSV, read from its bytes: making a text of each first would take most of the time.

const [PLUS, MINUS, POINT, ZERO, E] = [0x2b, 0x2d, 0x2e, 0x30, 0x65] as const;
const LOWER = 0x20;
/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/**
 * Plain decimal or exponent notation; NaN for all else, also for what no finite double holds. Number() alone would also
 * read '', ' ' and '0x10'. A zero has no sign here.
 */
export function decimalAt(bytes: Uint8Array, start: number, end: number): number {
  let p = start;
  let c = p < end ? (bytes[p] ?? 0) : 0;
  const negative = c === MINUS;
  if (negative || c === PLUS) p++;
  let mantissa = 0;
  const whole = p;
  for (; p < end; p++) {
    c = (bytes[p] ?? 0) - ZERO;
    if (c < 0 || c > 9) break;
    mantissa = mantissa * 10 + c;
  }
  let digits = p - whole;
  let scale = 0;
  if (p < end && bytes[p] === POINT) {
    const point = ++p;
    for (; p < end; p++) {
      c = (bytes[p] ?? 0) - ZERO;
      if (c < 0 || c > 9) break;
      mantissa = mantissa * 10 + c;
    }
    scale = point - p;
    digits -= scale;
  }
  if (digits === 0) return Number.NaN;
  if (p < end) {
    const exponent = exponentAt(bytes, p, end);
    if (Number.isNaN(exponent)) return Number.NaN;
    scale += exponent;
  }
  // Exact operands and one rounding give the nearest double (Clinger 1990); anything else is left to the engine.
  if (mantissa > Number.MAX_SAFE_INTEGER || scale < -22 || scale > 22) return byEngine(bytes, start, end);
  const size = scale < 0 ? mantissa / (POWERS[-scale] ?? 1) : mantissa * (POWERS[scale] ?? 1);
  return negative ? 0 - size : size;
}

function exponentAt(bytes: Uint8Array, start: number, end: number): number {
  let p = start;
  if (((bytes[p++] ?? 0) | LOWER) !== E) return Number.NaN;
  const negative = bytes[p] === MINUS;
  if (p < end && (negative || bytes[p] === PLUS)) p++;
  if (p === end) return Number.NaN;
  let exponent = 0;
  for (; p < end; p++) {
    const c = (bytes[p] ?? 0) - ZERO;
    if (c < 0 || c > 9) return Number.NaN;
    exponent = Math.min(exponent * 10 + c, 1_000_000);
  }
  return negative ? -exponent : exponent;
}

/** Only for what was found to be digits: bytes are characters then. */
function byEngine(bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const value = Number(text) + 0;
  return Number.isFinite(value) ? value : Number.NaN;
}

export function decimalOf(text: string): number {
  const bytes = Buffer.from(text);
  return decimalAt(bytes, 0, bytes.length);
}
