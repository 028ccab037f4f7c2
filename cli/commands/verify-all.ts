// Every event of a folder: of a vault, or of several exports laid together. On all processors, since each stands alone.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, type Exit, hanging, json, note, say } from '../output.ts';
import { liesIn } from '../plain-file.ts';
import type { EventsFound, EventsJob } from '../table/events.ts';
import { inOrder, makePool, noPool } from '../table/pool.ts';
import { UsageError } from '../usage-error.ts';
import { readTrust } from './verify.ts';

export type AllFlags = { readonly trust: string; readonly seals?: true; readonly json?: true };

/** One task: long enough that handing it over costs nothing, short enough that the processors end together. */
const TOGETHER = { seals: 64, full: 4 } as const;
/** Events pass through and leave nothing: a large nursery would only let them pile up. */
const SMALL = { maxYoungGenerationSizeMb: 8 };
/** One line each so often, as a rebuild says it: a terminal is not needed, and a long run is not silent. */
const EVERY = 10_000;
/** Enough to see what is wrong; `--json` names them all. */
const NAMED = 20;

export async function verifyAll(folder: string, flags: AllFlags): Promise<Exit> {
  const trust = await readTrust(flags.trust);
  const keys = [...(await listed(folder, 'events')), ...(await listed(folder, 'records'))];
  if (keys.length === 0) throw new UsageError(`${folder} holds no events: neither events/ nor records/ has a file in it`);
  const seals = flags.seals === true;
  const failed = await checked({ folder, keys, trust, seals });
  const verified = failed.length === 0;
  const level = seals ? 'seals' : 'full';
  if (flags.json) json({ verified, level, events: keys.length, failed });
  else {
    for (const { key, checks } of failed.slice(0, NAMED))
      for (const { name, detail } of checks) say(hanging(`${key}  `, `${name}: ${detail}`));
    if (failed.length > NAMED) say(`and ${failed.length - NAMED} more; --json names them all`);
    if (seals) say(hanging('not proven here  ', 'that what the events name is there and unchanged: leave out --seals'));
    say(hanging('not proven here  ', 'that no event is missing here: the log tells, and who watches it'));
    say(`${keys.length - failed.length} of ${keys.length} ${verified ? 'verify' : 'verify; the others do not'}`);
  }
  return verified ? EXIT.yes : EXIT.no;
}

async function checked({ keys, ...same }: EventsJob): Promise<EventsFound['failed']> {
  const size = same.seals ? TOGETHER.seals : TOGETHER.full;
  const pool = keys.length > 2 * size ? makePool(SMALL) : noPool;
  async function* tasks() {
    for (let at = 0; at < keys.length; at += size) {
      const job = { ...same, keys: keys.slice(at, at + size) };
      yield () => pool.run({ kind: 'events', job });
    }
  }
  const failed: EventsFound['failed'][number][] = [];
  let done = 0;
  try {
    for await (const found of inOrder(tasks(), pool.ahead)) {
      failed.push(...found.failed);
      const before = done;
      done = Math.min(keys.length, done + size);
      if (Math.floor(done / EVERY) > Math.floor(before / EVERY)) note(`${done} of ${keys.length} events`);
    }
  } finally {
    await pool.close();
  }
  return failed;
}

/** Whatever lies there: what is no event is said to be none, and not passed over. */
async function listed(folder: string, name: string): Promise<string[]> {
  const inside = await liesIn(folder, name);
  if (inside === undefined) return [];
  if (!inside) throw new UsageError(`${join(folder, name)} leads out of the folder`);
  return (await readdir(join(folder, name))).sort().map((file) => `${name}/${file}`);
}
