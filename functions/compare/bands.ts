import type { Decimal } from '../domain/decimal.ts';
import type { Terms } from '../domain/terms.ts';

type BandChange = { band: string; from: string; to: string };

/** Where a band applies: overall (undefined), or `column=value`, for which an exact band beats `*`. */
export function limitOf({ bands }: Terms, metric: string, segment: string | undefined): Decimal | null {
  const tightest = (wanted: string | undefined): Decimal | null =>
    bands
      .filter((band) => band.metric === metric && band.segment === wanted)
      .map((band) => band.maxWorse)
      .reduce<Decimal | null>((least, one) => (least === null || Number(one) < Number(least) ? one : least), null);
  return tightest(segment) ?? (segment === undefined ? null : tightest('*'));
}

/** Metrics that have a sealed band here. */
export const bandedMetrics = ({ bands }: Terms, segment: string | undefined): string[] =>
  bands
    .filter((band) => band.segment === segment || (segment !== undefined && band.segment === '*'))
    .map((band) => band.metric);

/** By the limit in force for each metric and segment, so that an exact band that undercuts `*` is seen as what it does. */
export function bandChanges(before: Terms, after: Terms): { loosened: BandChange[]; tightened: BandChange[] } {
  const places = [...before.bands, ...after.bands].map(({ metric, segment }) => JSON.stringify([metric, segment ?? null]));
  const loosened: BandChange[] = [];
  const tightened: BandChange[] = [];
  for (const place of [...new Set(places)].sort()) {
    const [metric, where] = JSON.parse(place) as [string, string | null];
    const [from, to] = [before, after].map((terms) => limitOf(terms, metric, where ?? undefined)) as [
      Decimal | null,
      Decimal | null,
    ];
    const change = { band: where === null ? metric : `${metric} in ${where}`, from: from ?? 'none', to: to ?? 'none' };
    // No band is the loosest there is.
    const looser = to === null ? from !== null : from !== null && Number(to) > Number(from);
    if (looser) loosened.push(change);
    else if (to !== null && (from === null || Number(to) < Number(from))) tightened.push(change);
  }
  return { loosened, tightened };
}
