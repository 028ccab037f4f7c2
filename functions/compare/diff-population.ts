import type { DiffDimensions, PsiFigure, Why } from '../domain/diff.ts';
import { columnPsi, type Psi, psiOf, valuesPsi } from '../domain/measure/psi.ts';
import type { NumericColumn, Profile } from '../domain/profile.ts';
import type { Material, SealedProfile } from './material.ts';
import { byText, dimension, measuredOr } from './sides.ts';
import { filterChange, freshness } from './slices.ts';
import type { Baseline, Comparison } from './types.ts';

type Column = Profile['columns'][number];
type Pair = { readonly before: SealedProfile; readonly after: SealedProfile };

/** Collects figures and, where one cannot be had, why. */
class Figures {
  readonly why: Why[] = [];
  add(name: string, psi: Psi | Why): PsiFigure[] {
    if (typeof psi !== 'string') return [{ name, ...psi }];
    this.why.push(psi);
    return [];
  }
}

/** Both profiles, or why not; what keeps all figures from being trusted goes to `why`. */
function pairOf(c: Comparison, m: Material, baseline: Baseline, why: Why[]): Pair | undefined {
  const { profile, profileDigest } = baseline;
  if (profile === null || profileDigest === null) why.push('baseline-profile-missing');
  if (typeof m.profile === 'string') why.push(m.profile);
  if (c.line === null) why.push('line-unknown');
  if (profile === null || profileDigest === null || typeof m.profile === 'string') return undefined;
  // Below this a change cannot be told from chance; without a line nobody has said where that is.
  if (c.line !== null && Math.min(profile.rows, m.profile.profile.rows) < c.line.minRows) why.push('sample-below-minimum');
  return { before: { digest: profileDigest, profile }, after: m.profile };
}

const isScore = (column: Column): column is NumericColumn => column.kind === 'numeric' && column.scoredBy !== undefined;

/** The same model's score over both populations: names of columns mean nothing here, the root says who scored. */
const scoreOf = (profile: Profile, baseline: Baseline): NumericColumn | undefined =>
  profile.columns.filter(isScore).find((column) => column.scoredBy === baseline.request.model.root);

export function population(c: Comparison, m: Material): DiffDimensions['population'] {
  const rows = typeof m.profile === 'string' ? null : m.profile.profile.rows;
  return dimension(c, { rows }, (baseline) => {
    const figures = new Figures();
    const slices = {
      filters: filterChange(baseline.request, c.request, ['scoring']),
      scored: freshness(baseline.request, c.request),
    };
    const pair = pairOf(c, m, baseline, figures.why);
    if (pair === undefined) return { state: 'unknown', why: [...new Set(figures.why)].sort(), figures: slices };
    const features = featurePsis(c, baseline, pair, figures);
    const before = scoreOf(pair.before.profile, baseline);
    const after = scoreOf(pair.after.profile, baseline);
    const psi = before && after ? columnPsi(before, after, pair.before.digest) : 'score-column-missing';
    const [score] = figures.add(before?.name ?? 'score', psi);
    const known = { features, ...slices };
    if (score === undefined) return { state: 'unknown', why: [...new Set(figures.why)].sort(), figures: known };
    return measuredOr(figures.why, { score, ...known });
  });
}

/** Every input both profiles count, and each feature both models take must be among them. */
function featurePsis(c: Comparison, baseline: Baseline, { before, after }: Pair, figures: Figures): PsiFigure[] {
  const inputs = (profile: Profile) => new Map(profile.columns.filter((one) => !isScore(one)).map((one) => [one.name, one]));
  const [was, is] = [inputs(before.profile), inputs(after.profile)];
  const taken = new Set(c.request.features.map(({ name }) => name));
  const needed = baseline.request.features.map(({ name }) => name).filter((name) => taken.has(name));
  return [...new Set([...needed, ...was.keys()])].sort().flatMap((name) => {
    const [old, now] = [was.get(name), is.get(name)];
    if (old && now) return figures.add(name, columnPsi(old, now, before.digest));
    return needed.includes(name) ? figures.add(name, 'feature-column-missing') : [];
  });
}

export function segments(c: Comparison, m: Material): DiffDimensions['segments'] {
  const columns = [...new Set(c.line?.segments.map(({ filter }) => filter.column) ?? [])].sort();
  return dimension(c, { unregistered: unregistered(c, m, columns) }, (baseline) => {
    const figures = new Figures();
    const pair = pairOf(c, m, baseline, figures.why);
    if (pair === undefined) return { state: 'unknown', why: [...new Set(figures.why)].sort(), figures: {} };
    const shares = columns.flatMap((column) => {
      const [was, is] = [pair.before, pair.after].map(({ profile }) =>
        profile.shares.find(({ segment }) => segment === column),
      );
      return figures.add(column, was && is ? valuesPsi(was.counts, is.counts) : 'share-missing');
    });
    return measuredOr(figures.why, { shares, within: withinSegments(baseline, pair) });
  });
}

/** Values of a registered segment column that model risk never registered: nobody validated the model for them (R37). */
function unregistered(c: Comparison, m: Material, columns: readonly string[]) {
  if (typeof m.profile === 'string' || c.line === null) return [];
  const known = new Set(c.line.segments.map(({ filter }) => JSON.stringify([filter.column, filter.value])));
  return m.profile.profile.shares
    .filter(({ segment }) => columns.includes(segment))
    .flatMap(({ segment, counts }) => counts.map(({ value, count }) => ({ segment, value, count })))
    .filter(({ segment, value, count }) => count > 0 && !known.has(JSON.stringify([segment, value])))
    .sort(byText(({ segment, value }) => JSON.stringify([segment, value])));
}

/** Score movement inside each segment value, at the edges of the whole population. What is missing here is not judged. */
function withinSegments(baseline: Baseline, { before, after }: Pair) {
  const scores = (profile: Profile, { segment, value }: { segment: string; value: string }) => {
    const name = scoreOf(profile, baseline)?.name;
    const within = profile.segments.find((one) => one.segment === segment && one.value === value);
    return within?.scores.find(({ column }) => column === name);
  };
  return after.profile.segments
    .flatMap(({ segment, value }) => {
      const was = scores(before.profile, { segment, value });
      const is = scores(after.profile, { segment, value });
      const at = is?.at.find(({ profile }) => profile === before.digest);
      if (!was || !is || at?.counts.length !== was.own.length) return [];
      const psi = psiOf([...was.own, was.missing], [...at.counts, is.missing]);
      return psi === null ? [] : [{ name: was.column, ...psi, segment, value }];
    })
    .sort(byText(({ segment, value }) => JSON.stringify([segment, value])));
}
