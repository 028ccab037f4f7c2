import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Profile } from '../../functions/domain/profile.ts';
import type { Result } from '../../functions/domain/result.ts';
import { type ProfileOptions, profileOf } from '../../functions/profile/profile.ts';
import { makeDiskShelf } from './disk-shelf.ts';
import { type OnRows, openTable } from './open.ts';
import { makePool, noPool } from './pool.ts';

/** From this size on, threads pay for their start. */
const LARGE = 8 * 2 ** 20;

/** The profile of a table of any size: threads for a large one, a bounded memory, nothing left on the disk. */
export async function countTable(path: string, options: ProfileOptions, onRows?: OnRows): Promise<Result<Profile>> {
  const pool = statSync(path).size < LARGE ? noPool : makePool();
  const shelf = makeDiskShelf(tmpdir(), pool);
  try {
    const source = await openTable(path, pool, onRows);
    return source.ok ? await profileOf(source.value, options, shelf) : source;
  } finally {
    await pool.close();
    shelf.close();
  }
}
