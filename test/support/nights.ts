// A line that is retrained every night: rows that nobody scored before, and predictions that found nothing new. In a copy of the
// example, so that each night has files of its own.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../cli/manifest.ts';
import { instantOf } from '../../functions/domain/text.ts';
import { LINE_01, manifestOf } from './faults-races.ts';
import { EXAMPLE } from './promote.ts';
import { generator } from './sim/turns.ts';

const DAY_MS = 86_400_000;

export type Nights = {
  readonly root: string;
  /** The retrain of what is in production, for the use it is in production for, or for another: that is the committee's. */
  readonly retrain: (name: string, context: string, day: number, line?: string) => Promise<Manifest>;
  readonly close: () => Promise<void>;
};

export async function openNights(days: number): Promise<Nights> {
  const root = await mkdtemp(join(tmpdir(), 'countersign-nights-'));
  await cp(EXAMPLE, root, { recursive: true });
  await challengeItself(root);
  const all = await everybody(root);
  for (let day = 0; day < days; day++) await applicantsOf(root, day, all);
  return { root, retrain, close: () => rm(root, { recursive: true, force: true }) };
}

/** Predictions in which the model in production is its own challenger: those of a retrain that found nothing new. */
async function challengeItself(root: string): Promise<void> {
  const [head = '', ...rows] = (await readFile(join(root, 'data/predictions/v01.csv'), 'utf8')).trimEnd().split('\n');
  const [candidate, incumbent] = ['candidate', 'incumbent'].map((name) => head.split(',').indexOf(name));
  const again = (row: string): string => {
    const cells = row.split(',');
    return cells.with(incumbent ?? -1, cells[candidate ?? -1] ?? '').join(',');
  };
  await writeFile(join(root, 'data/predictions/again.csv'), `${[head, ...rows.map(again)].join('\n')}\n`);
}

const applicants = (day: number) => `data/populations/night-${day}.csv`;

/** Everybody who ever applied in the example, with the score of the first version alone. */
async function everybody(root: string): Promise<{ head: string; rows: string[] }> {
  const files = ['reference-development', 'current-2026-10'].map(async (name) => {
    const [head = '', ...rows] = (await readFile(join(root, `data/populations/${name}.csv`), 'utf8')).trimEnd().split('\n');
    const later = head.split(',').length - head.split(',').indexOf('score_v01') - 1;
    return [head, ...rows].map((row) => row.split(',').slice(0, -later).join(','));
  });
  const [[head = '', ...before] = [], [same = '', ...now] = []] = await Promise.all(files);
  if (same !== head) throw new Error('both files of applicants have the same columns');
  return { head, rows: [...before, ...now] };
}

/**
 * Every night six of ten of them apply. Rows that were judged already are a question for people (POP-009), and so few that chance
 * alone could move the score are one, too (POP-007).
 */
async function applicantsOf(root: string, day: number, { head, rows }: { head: string; rows: string[] }): Promise<void> {
  const draw = generator(day);
  await writeFile(join(root, applicants(day)), `${[head, ...rows.filter(() => draw(10) < 6)].join('\n')}\n`);
}

async function retrain(name: string, context: string, day: number, line = LINE_01): Promise<Manifest> {
  const first = await manifestOf('01-in-band-retrain/1-v01.yaml');
  const { challenger, terms, dataset, population } = await manifestOf('01-in-band-retrain/2-v02.yaml');
  if (population === undefined || !('file' in population)) throw new Error('the example has a population');
  const file = applicants(day);
  // Scored on traffic up to the evening before.
  const to = instantOf(Date.parse('2026-10-31T00:00:00Z') + day * DAY_MS).slice(0, 10);
  const scored = dataset.map((slice) => (slice.role === 'scoring' ? { ...slice, file, window: { from: to, to } } : slice));
  return {
    ...{ ...first, line, challenger, terms, dataset: scored, predictions: 'data/predictions/again.csv' },
    population: { ...population, file, scores: { score_v01: 'candidate' as const } },
    model: { ...first.model, version: name },
    use: { ...first.use, context },
    pipelineRun: { ...first.pipelineRun, id: name },
  };
}
