import { z } from 'zod';
import { invariant } from './result.ts';

/** A number as a decimal string: at every boundary, because floats differ by engine and language. At most 12 places. */
export const Decimal = z
  .string()
  .regex(/^-?(0|[1-9]\d{0,14})(\.\d{1,12})?$/, 'expected a decimal string such as "0.0500"')
  .brand<'Decimal'>()
  .meta({ examples: ['0.737937'] });
export type Decimal = z.infer<typeof Decimal>;

/** A double written as its shortest round-trip text, as `repr` in Python and `String` in JavaScript do: bin edges. */
export const Double = z
  .string()
  .max(32)
  .refine((text) => text.length > 0 && Number.isFinite(Number(text)) && /^-?\d/.test(text), 'expected a finite number as text')
  .meta({ examples: ['0.038067699999999996'] });
export type Double = z.infer<typeof Double>;

/** Six places, as every figure is sealed; never "-0.000000". */
export function decimal6(value: number): Decimal {
  invariant(Number.isFinite(value), 'a figure is finite');
  const text = value.toFixed(6);
  return (text === '-0.000000' ? '0.000000' : text) as Decimal;
}

/** The difference a − b of two decimals, exact to six places. */
export const minus = (a: Decimal, b: Decimal): Decimal => decimal6(Number(a) - Number(b));

/**
 * A decimal in millionths, rounded up: `_ppm` figures are "the more, the heavier", so doubt rounds to the heavier path.
 * Works on the text, not on a float, so that 0.100000 is 100000 and 0.1000001 is 100001.
 */
export function ppmUp(value: string): number {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value);
  invariant(match, 'a decimal string');
  const [, sign = '', whole = '0', fraction = ''] = match;
  const padded = fraction.padEnd(6, '0');
  const millionths = Number(whole) * 1_000_000 + Number(padded.slice(0, 6));
  const rest = /[1-9]/.test(padded.slice(6));
  const ppm = sign === '-' ? -millionths : millionths + (rest ? 1 : 0);
  invariant(Number.isSafeInteger(ppm), 'millionths fit a safe integer');
  return ppm === 0 ? 0 : ppm;
}

/** Rounded down: for limits, which doubt makes tighter. */
export const ppmDown = (value: string): number =>
  value.startsWith('-') ? 0 - ppmUp(value.slice(1)) : Math.floor(ppmUp(value.replace(/(\.\d{6})\d*$/, '$1')));
