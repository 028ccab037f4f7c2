// `index.txt`: every other file of a pack with its SHA-256, one line each, sorted by name, as `sha256sum -c` reads it. It is made
// again from the files and compared, so that it has one way to be written and a file that it does not name cannot be slipped in.
import { type Digest, hexOf } from '../digest.ts';

export const INDEX = 'index.txt';

export const listingText = (files: ReadonlyMap<string, Digest>): string =>
  [...files]
    .filter(([name]) => name !== INDEX)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, digest]) => `${hexOf(digest)}  ${name}\n`)
    .join('');

/** What the listing says of files that are otherwise, by name; empty when it is the one that they make. */
export function listingFaults(listing: string, files: ReadonlyMap<string, Digest>): string[] {
  const said = new Map<string, string>();
  for (const line of listing.split('\n')) {
    const [, hex, name] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
    if (hex !== undefined && name !== undefined) said.set(name, `sha256:${hex}`);
  }
  const faults: string[] = [];
  for (const [name, digest] of files) {
    if (name === INDEX) continue;
    if (!said.has(name)) faults.push(`${name} is not in ${INDEX}`);
    else if (said.get(name) !== digest) faults.push(`${name} was changed`);
  }
  for (const name of said.keys()) if (!files.has(name)) faults.push(`${name} is missing`);
  if (faults.length === 0 && listing !== listingText(files)) faults.push(`${INDEX} is not written as it is written`);
  return faults;
}
