import { writeFile } from 'node:fs/promises';
import { EXIT, type Exit, note, say } from '../output.ts';
import { type ProfileFlags, profileFile } from '../profile.ts';
import { refuse } from './context.ts';

export async function profile(
  file: string,
  flags: ProfileFlags & { readonly out?: string; readonly json?: true },
): Promise<Exit> {
  const made = await profileFile(file, flags, () => undefined);
  if (!made.ok) return refuse(made.problems);
  if (flags.out) await writeFile(flags.out, made.value.bytes);
  if (flags.json) say(new TextDecoder().decode(made.value.bytes));
  else say(made.value.table.trimEnd());
  note(`${made.value.digest}${flags.out ? ` in ${flags.out}` : ''}; counts only, no row left this machine`);
  return EXIT.yes;
}
