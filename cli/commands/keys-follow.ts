// For whoever verifies: from the list of keys they pinned to the newest. It reads files and asks no server.
import { rename, writeFile } from 'node:fs/promises';
import { Digest } from '../../functions/domain/digest.ts';
import { followKeys, trustIn } from '../../functions/domain/keys/follow.ts';
import { EXIT, type Exit, note, say } from '../output.ts';
import { recordsIn } from '../records-in.ts';
import { UsageError } from '../usage-error.ts';
import { refuse } from './context.ts';
import { readTrust } from './verify.ts';

export type FollowFlags = { readonly from: string; readonly pin?: string };

/** All files or none: what cannot be followed for one of them is told before any is written. */
export async function follow(files: readonly string[], { from, pin }: FollowFlags): Promise<Exit> {
  const start = pin === undefined ? undefined : Digest.safeParse(pin);
  if (start?.success === false) throw new UsageError(`--pin ${pin}: write sha256: and 64 hex digits`);
  const envelopes = await recordsIn(from);
  const written: [string, string][] = [];
  for (const file of files) {
    const trust = await readTrust(file);
    const pinned = start?.data ?? trust.keySet;
    if (pinned === undefined)
      throw new UsageError(`${file} pins no list of keys: give --pin with a digest that people told you`);
    const followed = followKeys(pinned, envelopes);
    if (!followed.ok) return refuse(followed.problems);
    const { set, steps } = followed.value;
    for (const { change, keys, at } of steps) note(`${file}: list ${keys.version}, ${change.what} at ${at}`);
    written.push([file, `${JSON.stringify(trustIn(trust, set), null, 2)}\n`]);
    say(`${file}: list ${set.version} of keys, ${steps.length === 0 ? 'nothing is newer' : `further by ${steps.length}`}`);
  }
  for (const [file, text] of written) {
    await writeFile(`${file}.new`, text, { flush: true });
    await rename(`${file}.new`, file);
  }
  return EXIT.yes;
}
