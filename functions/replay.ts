// Decides again from frozen bytes: `plan` before anything is sent, `replay` years after.
import { readPromotion } from './baseline.ts';
import { contradictionsOf, refusalsOf } from './compare/contradictions.ts';
import { diffOf } from './compare/diff.ts';
import { loadComparison } from './compare/load.ts';
import { sameJson } from './domain/canonical.ts';
import type { Diff } from './domain/diff.ts';
import type { Digest, EventHash } from './domain/digest.ts';
import { isAbsent, type Promotion } from './domain/event/statement.ts';
import { stagesOf, standingIn } from './domain/named-events.ts';
import { PromotionRequest } from './domain/request.ts';
import type { Problem } from './domain/result.ts';
import type { Routing } from './domain/routing.ts';
import { epochDay, type Instant } from './domain/text.ts';
import { type Check, no, yes } from './domain/trust.ts';
import { lineageOf } from './lineage.ts';
import type { Packs } from './packs.ts';
import type { Vault } from './ports.ts';
import { type Named, namedIn, predecessorOf } from './predecessor.ts';
import { lineOf } from './route/pack.ts';
import { route, routeUnactivated } from './route/route.ts';
import { readStanding } from './standing.ts';
import { refOf } from './steps/material.ts';
import { readJsonBlob } from './store.ts';

export type Bench = { readonly vault: Pick<Vault, 'get' | 'size'>; readonly packs: Packs };
export type Case = {
  readonly request: PromotionRequest;
  readonly pack: Digest;
  readonly receivedAt: Instant;
  readonly automatedSinceHuman: number | null;
  /** Which event approved the same model in the stage before; none known without it. */
  readonly named?: Named;
  /** Records that stood against the line when the request came. */
  readonly standing?: readonly EventHash[];
  /** False for a pack that no sealed event had put into force. */
  readonly activated?: boolean;
  /** True for a request that is not sealed yet. */
  readonly announced?: boolean;
};
export type Evaluation = { readonly contradictions: readonly Problem[]; readonly diff: Diff; readonly routing: Routing };

/** The same stages as at intake, with no store behind them that could change. */
export async function evaluate(
  bench: Bench,
  {
    request,
    pack: digest,
    receivedAt,
    automatedSinceHuman,
    named = () => undefined,
    standing = [],
    activated = true,
    announced = false,
  }: Case,
): Promise<Evaluation> {
  const pack = await bench.packs.load(digest);
  const sealed = async (hash: EventHash | null) => refOf(hash === null ? null : await readPromotion(bench.vault, hash));
  const comparison = await loadComparison(bench, {
    request,
    line: lineOf(pack, request.line),
    rules: pack.rules,
    receivedAt,
    incumbent: await sealed(request.comparedWith.incumbent),
    lastHumanApproved: await sealed(request.comparedWith.lastHumanApproved),
    automatedSinceHuman,
    predecessor: await predecessorOf(bench.vault, lineOf(pack, request.line), request, named),
    standing: await readStanding(bench.vault, standing),
  });
  const diff = diffOf(comparison);
  const facts = { diff, line: request.line, environment: request.environment, evaluatedAtDay: epochDay(receivedAt) };
  return {
    contradictions: announced ? refusalsOf(comparison) : contradictionsOf(comparison),
    diff,
    routing: activated ? route(pack, facts) : routeUnactivated(pack, facts),
  };
}

/**
 * Answers a dispute from the event (R18a, R54): recomputation, diff and routing again, under the sealed pack, compared byte
 * for byte with what was sealed. The count of automated promotions before this one is taken from the event only where
 * the events it counts are not at hand; everything else is computed again.
 */
export async function replay(bench: Bench, promotion: Promotion): Promise<Check[]> {
  const { request: field, routing, diff } = promotion;
  if (isAbsent(field) || isAbsent(routing) || isAbsent(diff)) {
    return [yes('replay', `nothing to replay: it ended before routing (${promotion.outcome})`)];
  }
  const sealed = diff as Diff;
  const again = await evaluate(bench, {
    request: await readJsonBlob(bench.vault, field.payload, PromotionRequest),
    pack: routing.pack,
    receivedAt: promotion.times.receivedAt,
    automatedSinceHuman: await countedAgain(bench, promotion, sealed),
    named: namedIn(stagesOf(sealed)),
    standing: standingIn(sealed),
    activated: !routing.findings.some(({ code }) => code === 'POL-003'),
  });
  const contradictions = again.contradictions.map(({ code, detail }) => `${code} ${detail}`).join('; ');
  return [
    contradictions === ''
      ? yes('recomputed', 'nothing stated contradicts the bytes')
      : no('recomputed', 'FIELD_TAMPERED', contradictions),
    sameBytes('diff', again.diff, diff, `${Object.keys(again.diff).length - 1} dimensions, byte for byte`),
    sameBytes(
      'routing',
      again.routing,
      routing,
      `${again.routing.path}, byte for byte, under pack ${routing.pack.slice(0, 19)}…`,
    ),
  ];
}

/** Counted along the sealed events; an export from before they were in it has only the event's own figure. */
async function countedAgain({ vault }: Bench, { scope, lineage }: Promotion, diff: Diff): Promise<number | null> {
  const sealed = diff.history.figures.automatedSinceHuman;
  const walked = sealed === null ? undefined : await lineageOf({ vault }, { ...scope, incumbent: lineage.incumbent });
  if (walked === undefined) return sealed;
  return walked.lastHumanApproved === lineage.lastHumanApproved ? walked.automatedSinceHuman : null;
}

function sameBytes(name: string, again: unknown, sealed: unknown, detail: string): Check {
  return sameJson(again, sealed)
    ? yes(name, detail)
    : no(name, 'FIELD_TAMPERED', `replay gives another ${name} than was sealed`);
}
