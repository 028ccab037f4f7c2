// `countersign profile` of one table beside what a data scientist would run: numpy, and DuckDB, both with exact deciles.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sameJson } from '../../functions/domain/canonical.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import type { Profile } from '../../functions/domain/profile.ts';
import { fasterBy, type Row, race } from './harness.ts';
import { measured, used } from './measured.ts';

const CACHE = join(homedir(), '.cache', 'countersign', 'bench');
const RIVALS = join(import.meta.dirname, 'rivals.py');
const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const PACKAGES = ['numpy==2.4.6', 'pyarrow==26.0.1', 'duckdb==2.0.0'];

type Counts = Record<string, number[]>;
type Run = { readonly counts: Counts; readonly peak: number; readonly cpu: number };
export type ProfileRows = { readonly rows: readonly Row[]; readonly notes: readonly string[] };

/** `rows`: how large a table. Rivals and tables are made once and kept outside the repository. */
export async function profileRows(rows: number, rounds: number): Promise<ProfileRows> {
  const python = rivalsPython();
  const table = tableOf(python, rows);
  const found: Row[] = [];
  const notes: string[] = [];
  for (const ending of ['csv', 'parquet']) {
    for (const [rival, factor] of [
      ['numpy', 5],
      ['duckdb', 3],
    ] as const) {
      const path = `${table}.${ending}`;
      const last: { ours?: Run; theirs?: Run } = {};
      const keep = (side: 'ours' | 'theirs', run: Run): void => {
        last[side] = run;
      };
      const row = await race(
        `profile, ${rows.toLocaleString('en')} rows × 20 columns, ${ending}`,
        { name: 'countersign', run: () => keep('ours', ours(python, path)) },
        { name: rival, run: () => keep('theirs', theirs(python, rival, path)) },
        { rounds, warmUp: 0, goal: fasterBy(factor) },
      );
      if (!sameJson(last.ours?.counts, last.theirs?.counts)) throw new Error(`${rival} counts ${path} otherwise`);
      found.push(row);
      notes.push(`${ending}: countersign ${used(last.ours)}, ${rival} ${used(last.theirs)}`);
    }
  }
  return { rows: found, notes };
}

function rivalsPython(): string {
  const venv = join(CACHE, 'venv');
  const python = join(venv, 'bin', 'python');
  if (existsSync(python)) return python;
  mkdirSync(CACHE, { recursive: true });
  execFileSync('python3', ['-m', 'venv', venv]);
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES], { stdio: 'inherit' });
  return python;
}

function tableOf(python: string, rows: number): string {
  const table = join(CACHE, `table-${rows}`);
  if (existsSync(`${table}.parquet`)) return table;
  execFileSync(python, [RIVALS, 'generate', String(rows), `${table}-new`]);
  renameSync(`${table}-new.csv`, `${table}.csv`);
  renameSync(`${table}-new.parquet`, `${table}.parquet`);
  return table;
}

function theirs(python: string, rival: string, path: string): Run {
  const { text, peak, cpu } = measured([python, RIVALS, rival, path], python);
  return { counts: JSON.parse(text) as Counts, peak, cpu };
}

/** The whole command, from the start of the process: with the digest of the file, and the scores within each region. */
function ours(python: string, path: string): Run {
  const flags = ['--segments', 'region', '--score', `score=${digestOf('model')}`, '--json'];
  const { text, peak, cpu } = measured([process.execPath, MAIN, 'profile', path, ...flags], python);
  const counts = (JSON.parse(text) as Profile).columns.map(({ name, own }) => [
    name,
    'counts' in own ? own.counts : own.values.map(({ count }) => count).sort((a, b) => a - b),
  ]);
  return { counts: Object.fromEntries(counts) as Counts, peak, cpu };
}
