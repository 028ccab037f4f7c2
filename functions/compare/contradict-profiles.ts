import type { Digest } from '../domain/digest.ts';
import { sameEdges } from '../domain/measure/psi.ts';
import { parseBytes } from '../domain/parse.ts';
import { type NumericColumn, Profile } from '../domain/profile.ts';
import { type Problem, pointerOf, problem } from '../domain/result.ts';
import { PROFILE_LIMITS, scoringSlices } from './material.ts';
import type { Baseline, Comparison } from './types.ts';

type Expect = (holds: boolean, path: readonly (string | number)[], detail: string) => void;

/** A profile is of the scoring slice, adds up, and was counted at the edges that the baselines sealed. */
export function profileContradictions(c: Comparison): Problem[] {
  const problems: Problem[] = [];
  const slices = scoringSlices(c.request);
  let scoring = 0;
  c.request.profiles.forEach((digest, i) => {
    const expect: Expect = (holds, path, detail) => {
      const where = path.length === 0 ? '' : `${pointerOf(path)}: `;
      if (!holds) problems.push(problem('PROFILE_MISMATCH', `/profiles/${i}`, `${where}${detail}`));
    };
    const content = c.bytes(digest);
    const parsed = content === undefined ? undefined : parseBytes(Profile, content, PROFILE_LIMITS);
    if (!parsed?.ok) {
      // The first fault says it: a file that is no profile at all would otherwise fill the record.
      const [fault] = parsed?.problems ?? [];
      expect(false, [], fault ? `not a profile: ${fault.pointer} ${fault.detail}` : 'these bytes are not in the vault');
      return;
    }
    if (!slices.has(parsed.value.slice)) return;
    scoring++;
    checkCounts(parsed.value, c, expect);
    checkColumns(parsed.value, c, expect);
    checkSegments(parsed.value, expect);
  });
  if (c.request.profiles.length > 0 && scoring !== 1) {
    problems.push(problem('PROFILE_MISMATCH', '/profiles', `one profile must be of the scoring slice, ${scoring} are`));
  }
  return problems;
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const sumOf = (counts: readonly { count: number }[]): number => sum(counts.map(({ count }) => count));
const distinct = (texts: readonly unknown[]): boolean => new Set(texts).size === texts.length;

function checkCounts(profile: Profile, c: Comparison, expect: Expect): void {
  const slice = c.request.dataset.find(({ digest }) => digest === profile.slice);
  expect(profile.rows === slice?.rows, ['rows'], `${profile.rows} rows, the scoring slice has ${slice?.rows}`);
  expect(distinct(profile.columns.map(({ name }) => name)), ['columns'], 'a column stands twice');
  expect(distinct(profile.shares.map(({ segment }) => segment)), ['shares'], 'a segment column stands twice');
  profile.shares.forEach(({ counts }, i) => {
    expect(sumOf(counts) === profile.rows, ['shares', i], 'the counts do not add up to the rows');
    expect(distinct(counts.map(({ value }) => value)), ['shares', i], 'a value stands twice');
  });
}

function checkColumns(profile: Profile, c: Comparison, expect: Expect): void {
  const baselines = [c.incumbent, c.lastHumanApproved].filter((baseline) => baseline !== null);
  const roots = new Set<Digest>([c.request.model.root, ...baselines.map(({ request }) => request.model.root)]);
  const scoredBy = profile.columns.flatMap((column) => (column.kind === 'numeric' ? (column.scoredBy ?? []) : []));
  expect(distinct(scoredBy), ['columns'], 'one model has two score columns');
  profile.columns.forEach((column, i) => {
    const adds = (counts: number, path: readonly (string | number)[]) =>
      expect(counts + column.missing === profile.rows, ['columns', i, ...path], 'the counts do not add up to the rows');
    if (column.kind === 'categorical') {
      adds(sumOf(column.own.values), ['own']);
      expect(distinct(column.own.values.map(({ value }) => value)), ['columns', i], 'a value stands twice');
      return;
    }
    adds(sum(column.own.counts), ['own']);
    if (column.scoredBy !== undefined) {
      expect(roots.has(column.scoredBy), ['columns', i, 'scoredBy'], 'neither the candidate nor a baseline has this root');
    }
    expect(distinct(column.at.map((at) => at.profile)), ['columns', i, 'at'], 'a baseline stands twice');
    column.at.forEach((at, j) => {
      adds(sum(at.counts), ['at', j]);
      expect(at.counts.length === at.edges.length + 1, ['columns', i, 'at', j], 'one count more than edges');
      const theirs = baselines.find((baseline) => baseline.profileDigest === at.profile);
      const own = theirs && counterpart(theirs, column)?.own.edges;
      if (theirs) expect(own !== undefined && sameEdges(own, at.edges), ['columns', i, 'at', j], 'not at the sealed edges');
    });
  });
}

/** A score goes by the model that gave it, an input by its name. */
const counterpart = (baseline: Baseline, { name, scoredBy }: NumericColumn): NumericColumn | undefined =>
  baseline.profile?.columns
    .filter((column) => column.kind === 'numeric')
    .find((column) =>
      scoredBy === undefined ? column.scoredBy === undefined && column.name === name : column.scoredBy === scoredBy,
    );

function checkSegments(profile: Profile, expect: Expect): void {
  const columns = new Map(profile.columns.map((column) => [column.name, column]));
  expect(
    distinct(profile.segments.map(({ segment, value }) => JSON.stringify([segment, value]))),
    ['segments'],
    'a value stands twice',
  );
  profile.segments.forEach(({ segment, value, rows, scores }, i) => {
    const share = profile.shares.find((one) => one.segment === segment)?.counts.find((one) => one.value === value)?.count;
    expect(share === rows, ['segments', i, 'rows'], `${rows} rows, the share counts ${share ?? 'none'}`);
    scores.forEach(({ column: name, own, at, missing }, j) => {
      const column = columns.get(name);
      const adds = (counts: readonly number[]) => sum(counts) + missing === rows;
      const whole = column?.kind === 'numeric' ? column : undefined;
      expect(
        adds(own) && own.length === whole?.own.counts.length,
        ['segments', i, 'scores', j],
        'not counted as the whole column',
      );
      for (const { profile: baseline, counts } of at) {
        const length = whole?.at.find((one) => one.profile === baseline)?.counts.length;
        expect(adds(counts) && counts.length === length, ['segments', i, 'scores', j, 'at'], 'not counted as the whole column');
      }
    });
  });
}
