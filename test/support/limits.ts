// The numbers of the committed pack, so that whoever changes one of them changes the data and its own edge tests only.
import { at } from '../../functions/route/layers.ts';
import { packFiles } from './pack.ts';

const data: unknown = JSON.parse(new TextDecoder().decode(packFiles().get('data.json')));

/** The organisation's number at a pointer into the data. */
export function limitAt(pointer: string): number {
  const value = at(data, pointer.split('/').slice(1));
  if (typeof value !== 'number') throw new Error(`the data have no number at ${pointer}`);
  return value;
}

/** 100000 → 0.100000, as diffs write figures. */
export const decimal = (ppm: number): string => (ppm / 1e6).toFixed(6);
