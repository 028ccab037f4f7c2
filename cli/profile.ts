import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { Digest, digestOf } from '../functions/domain/digest.ts';
import { columnPsi, type Psi } from '../functions/domain/measure/psi.ts';
import { parseBytes, parseValue } from '../functions/domain/parse.ts';
import { Profile } from '../functions/domain/profile.ts';
import { fail, ok, type Problem, problem, type Result } from '../functions/domain/result.ts';
import { Folder } from './files.ts';
import { countTable } from './table/count.ts';
import type { OnRows } from './table/open.ts';

/** `--columns a,b --segments a,b --score col=ROOT --slice DIGEST --baseline FILE`, as the command line gives them. */
export type ProfileFlags = {
  readonly columns?: readonly string[];
  readonly segments: readonly string[];
  readonly scores: readonly string[];
  /** The scoring slice; the digest of the file itself when absent. */
  readonly slice?: string;
  readonly baselines: readonly string[];
};

type SealedProfile = { readonly digest: Digest; readonly profile: Profile };
export type ProfileOutput = {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly profile: Profile;
  readonly table: string;
};

/** The work behind `countersign profile`. The bytes hold counts; no row leaves this machine. */
export async function profileFile(file: string, flags: ProfileFlags, onRows?: OnRows): Promise<Result<ProfileOutput>> {
  const folder = new Folder(dirname(file), (_, done, size) => onRows?.(0, done, size));
  const hashed = await folder.hash(basename(file));
  if (!hashed) return fail(problem('NOT_FOUND', '', `no such file: ${file}`));
  const slice = parseValue(Digest, flags.slice ?? hashed.digest);
  const scores = scoresOf(flags.scores);
  const baselines = await baselinesOf(flags.baselines);
  const problems = [slice, scores, baselines].flatMap((result) => (result.ok ? [] : result.problems));
  if (!slice.ok || !scores.ok || !baselines.ok) return fail(...problems);
  const options = { slice: slice.value, scores: scores.value, segments: flags.segments, columns: flags.columns };
  const profile = await countTable(file, { ...options, baselines: baselines.value }, onRows);
  if (!profile.ok) return profile;
  const bytes = canonicalBytes(profile.value);
  const table = tableOf(profile.value, baselines.value);
  return ok({ digest: digestOf(bytes), bytes, profile: profile.value, table });
}

function scoresOf(flags: readonly string[]): Result<Map<string, Digest>> {
  const problems: Problem[] = [];
  const scores = new Map<string, Digest>();
  for (const flag of flags) {
    const at = flag.lastIndexOf('=');
    const root = parseValue(Digest, flag.slice(at + 1));
    if (at < 1 || !root.ok) problems.push(problem('INVALID_VALUE', '', `--score ${flag}: write column=sha256:<model root>`));
    else scores.set(flag.slice(0, at), root.value);
  }
  return problems.length > 0 ? fail(...problems) : ok(scores);
}

async function baselinesOf(files: readonly string[]): Promise<Result<SealedProfile[]>> {
  const problems: Problem[] = [];
  const baselines: SealedProfile[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch(() => undefined);
    if (!bytes) {
      problems.push(problem('NOT_FOUND', '', `--baseline ${file}: cannot be read`));
      continue;
    }
    const profile = parseBytes(Profile, bytes);
    if (profile.ok) baselines.push({ digest: digestOf(bytes), profile: profile.value });
    else problems.push(...profile.problems.map((p) => problem(p.code, p.pointer, `--baseline ${file}: ${p.detail}`)));
  }
  return problems.length > 0 ? fail(...problems) : ok(baselines);
}

/** For people: what was counted, and how far it is from each baseline. */
function tableOf(profile: Profile, baselines: readonly SealedProfile[]): string {
  const header = ['column', 'kind', 'bins', 'missing', ...baselines.map(({ digest }) => `PSI to ${digest.slice(7, 15)}`)];
  const lines = profile.columns.map((column) => [
    column.name,
    column.kind === 'numeric' && column.scoredBy !== undefined ? 'score' : column.kind,
    String(column.kind === 'numeric' ? column.own.counts.length : column.own.values.length),
    String(column.missing),
    ...baselines.map((baseline) => psiText(column, baseline)),
  ]);
  const widths = header.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]?.length ?? 0)));
  const text = [header, ...lines].map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${profile.rows} rows of ${profile.slice}\n${text.join('\n')}\n`;
}

function psiText(column: Profile['columns'][number], { digest, profile }: SealedProfile): string {
  const scoredBy = column.kind === 'numeric' ? column.scoredBy : undefined;
  const theirs = profile.columns.find((other) =>
    scoredBy === undefined ? other.name === column.name : other.kind === 'numeric' && other.scoredBy === scoredBy,
  );
  if (!theirs) return '-';
  const psi: Psi | string = columnPsi(theirs, column, digest);
  return typeof psi === 'string' ? psi : `${psi.psi} (99 %: ${psi.null99})`;
}
