import type { Digest, EventHash } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import type { ModelLine } from '../domain/line.ts';
import { parsePredictions } from '../domain/measure/predictions.ts';
import { parseBytes } from '../domain/parse.ts';
import { PromotionRequest, vaultDigestsOf } from '../domain/request.ts';
import type { Instant } from '../domain/text.ts';
import { blobKey } from '../domain/vault-keys.ts';
import type { Vault } from '../ports.ts';
import { scoringProfile } from './material.ts';
import type { Baseline, Comparison, Predecessor, StandingFact } from './types.ts';

/** A baseline as its rows name it: the event, the digest of its request as received, and when it was decided. */
export type BaselineRef = { readonly event: EventHash; readonly payload: Digest; readonly decidedAt: Instant };

export type ComparisonFacts = {
  readonly request: PromotionRequest;
  readonly line: ModelLine | null;
  readonly rules: Comparison['rules'];
  readonly receivedAt: Instant;
  readonly incumbent: BaselineRef | null;
  readonly lastHumanApproved: BaselineRef | null;
  readonly automatedSinceHuman: number | null;
  readonly predecessor?: Predecessor | undefined;
  readonly standing: readonly StandingFact[];
};

type Source = { readonly vault: Pick<Vault, 'get' | 'size'> };

/** Reads all a comparison needs, so that comparing itself is pure. Model files are not read, only their sizes. */
export async function loadComparison({ vault }: Source, facts: ComparisonFacts): Promise<Comparison> {
  const { request, incumbent, lastHumanApproved } = facts;
  const sizes = new Map<Digest, number | undefined>();
  for (const { digest } of vaultDigestsOf(request)) sizes.set(digest, await vault.size(blobKey(digest)));
  const bytes = await evidenceOf(vault, request);
  const first = incumbent && (await loadBaseline(vault, incumbent));
  const human = lastHumanApproved?.event === incumbent?.event ? first : await loadOrNone(vault, lastHumanApproved);
  return {
    request,
    line: facts.line,
    rules: facts.rules,
    receivedAt: facts.receivedAt,
    bytes: (digest) => bytes.get(digest),
    sizeOf: (digest) => sizes.get(digest),
    incumbent: first,
    lastHumanApproved: human,
    automatedSinceHuman: facts.automatedSinceHuman,
    predecessor: facts.predecessor,
    standing: facts.standing,
  };
}

const loadOrNone = async (vault: Source['vault'], ref: BaselineRef | null): Promise<Baseline | null> =>
  ref && loadBaseline(vault, ref);

/** Profiles, predictions, evaluation slice and gate reports: what is read. What is not in the vault is not in the map. */
async function evidenceOf(vault: Source['vault'], request: PromotionRequest): Promise<Map<Digest, Uint8Array>> {
  const gates = request.gates.map(({ report }) => report);
  const tables = [request.evaluationRegime.slice, ...(request.predictions ? [request.predictions] : [])];
  const wanted = [...request.profiles, ...tables, ...gates];
  const found = new Map<Digest, Uint8Array>();
  for (const digest of new Set(wanted)) {
    const content = await vault.get(blobKey(digest));
    if (content === undefined) continue;
    // Hashed at every reading: bytes swapped in the vault for a moment must not decide a path.
    if (digestOf(content) !== digest)
      throw new InfrastructureError(`the vault holds other bytes under ${digest}`, { retryable: false });
    found.set(digest, content);
  }
  return found;
}

/** What was sealed must be there and unchanged: without it nothing is compared, and nothing is called unknown either. */
async function sealed(vault: Source['vault'], digest: Digest, what: string): Promise<Uint8Array> {
  const content = await vault.get(blobKey(digest));
  if (content === undefined) throw new InfrastructureError(`${what} is not in the vault: ${digest}`, { retryable: true });
  if (digestOf(content) !== digest) throw new InfrastructureError(`${what} was changed: ${digest}`, { retryable: false });
  return content;
}

async function loadBaseline(vault: Source['vault'], { event, payload, decidedAt }: BaselineRef): Promise<Baseline> {
  const parsed = parseBytes(PromotionRequest, await sealed(vault, payload, `the request of ${event}`));
  if (!parsed.ok) throw new InfrastructureError(`the request of ${event} does not parse`, { retryable: false });
  const request = parsed.value;
  const contents = new Map<Digest, Uint8Array>();
  for (const digest of request.profiles) contents.set(digest, await sealed(vault, digest, `a profile of ${event}`));
  const profile = scoringProfile(request, (digest) => contents.get(digest));
  const predictions =
    request.predictions && parsePredictions(await sealed(vault, request.predictions, `predictions of ${event}`));
  return {
    event,
    request,
    profileDigest: typeof profile === 'string' ? null : profile.digest,
    profile: typeof profile === 'string' ? null : profile.profile,
    predictions: predictions?.ok ? predictions.value : null,
    evaluationSlice: request.evaluationRegime.slice,
    environment: request.environment,
    decidedAt,
  };
}
