import { writeFile } from 'node:fs/promises';
import { EXIT, type Exit, note, say } from '../output.ts';
import { type ProfileFlags, profileFile } from '../profile.ts';
import type { OnRows } from '../table/open.ts';
import { refuse } from './context.ts';

export async function profile(
  file: string,
  flags: ProfileFlags & { readonly out?: string; readonly json?: true },
): Promise<Exit> {
  const made = await profileFile(file, flags, progressLine());
  if (!made.ok) return refuse(made.problems);
  if (flags.out) await writeFile(flags.out, made.value.bytes);
  if (flags.json) say(new TextDecoder().decode(made.value.bytes));
  else say(made.value.table.trimEnd());
  note(`${made.value.digest}${flags.out ? ` in ${flags.out}` : ''}; counts only, no row left this machine`);
  return EXIT.yes;
}

/** One line that changes, and only where somebody watches it. The file is read twice: for its digest, then for its rows. */
function progressLine(): OnRows | undefined {
  if (!process.stderr.isTTY) return undefined;
  let [started, last, phase] = [performance.now(), 0, 0];
  return (rows, bytes, size) => {
    const now = performance.now();
    if (rows > 0 && phase === 0) [started, phase] = [now, 1];
    if (now - last < 200) return;
    last = now;
    const read = bytes > 0 ? `, ${mega(bytes)} of ${mega(size)} MB, ${(bytes / 1000 / (now - started)).toFixed(0)} MB/s` : '';
    process.stderr.write(`\r\x1b[K${phase === 0 ? 'digest' : `${rows} rows`}${read}\r`);
  };
}

const mega = (bytes: number): string => (bytes / 1e6).toFixed(0);
