import { invariant } from './result.ts';

/** Each bucket is so much wider than the one before it: a quantile is told within this part of itself. */
const GROWTH = 1.02;
const LOG_GROWTH = Math.log(GROWTH);

/** Durations, counted in buckets that grow: ten years in milliseconds are 1 400 of them, whatever the number of durations. */
export class Spans {
  readonly #buckets = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const bucket = ms < 1 ? 0 : Math.floor(Math.log(ms) / LOG_GROWTH) + 1;
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
  }

  /** The nearest rank: at least this share of all durations is no longer (to the bucket's width); null without any. */
  quantile(share: number): number | null {
    invariant(share > 0 && share <= 1, 'a share of what was counted');
    let left = Math.ceil(share * this.#count);
    if (left === 0) return null;
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      left -= this.#buckets.get(bucket) ?? 0;
      if (left <= 0) return bucket === 0 ? 0 : Math.round(GROWTH ** (bucket - 0.5));
    }
    return null;
  }
}
