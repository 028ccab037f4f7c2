import type { Digest } from '../domain/digest.ts';
import type { Decision } from '../domain/routing.ts';

/** What the rule book says of a rule that matters here. `threshold` names the data it reads, as a dotted path. */
export type RuleWords = { readonly title: string; readonly threshold?: string | undefined };

/** One policy pack as what-if sees it. The engine belongs to another stage, so it comes in as a function. */
export type Side = {
  readonly digest: Digest;
  readonly data: unknown;
  readonly rules: ReadonlyMap<string, RuleWords>;
  readonly decide: (input: unknown) => Decision;
};

/** One past promotion: whose it was, and everything the policy saw. `id` is its event hash, or its name in a corpus. */
export type Past = {
  readonly id: string;
  readonly date: string;
  readonly model: string;
  readonly tier: string;
  readonly line: string;
  readonly environment: string;
  readonly input: unknown;
  readonly inputDigest: Digest;
};

/** A promotion that cannot be replayed, and why: it is counted, never skipped. */
export type Broken = { readonly id: string; readonly broken: string };
export type Corpus = AsyncIterable<Past | Broken>;
