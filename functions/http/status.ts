import type { Dossier } from '../domain/dossier.ts';
import { factsOf } from '../domain/dossier.ts';
import { stateOf } from '../domain/flow.ts';
import { missingSeats } from '../domain/quorum.ts';
import { PromotionRequest } from '../domain/request.ts';
import type { Finding, Routing } from '../domain/routing.ts';
import { type AnswerBy, answerBy } from '../domain/sla.ts';
import type { Vote } from '../domain/vote.ts';
import type { DriveWorld } from '../packs.ts';
import { isLogged } from '../proofs.ts';
import { readRouting } from '../steps/route.ts';
import { readVotes } from '../steps/votes.ts';
import { readJsonBlob } from '../store.ts';

type Told = Finding & { readonly title: string };

/** What is known of a request, for pipelines and pages alike. */
export type Status = {
  readonly dossier: Dossier;
  readonly request: PromotionRequest;
  readonly routing: Routing | null;
  readonly findings: readonly Told[];
  readonly votes: readonly Vote[];
  /** Is its event in a published tree? */
  readonly logged: boolean;
  /** When an answer is late, where the policy says so. */
  readonly answerBy: AnswerBy | null;
  readonly outstanding: readonly { role: string; from: string; missing: number }[];
};

export async function statusOf(world: DriveWorld, dossier: Dossier): Promise<Status> {
  const request = await readJsonBlob(world.vault, dossier.request.payload, PromotionRequest);
  const routing = dossier.routing === undefined ? null : await readRouting(world, dossier);
  const pack = await world.packs.load(dossier.request.pack);
  const votes = (
    await readVotes(
      world,
      dossier,
      dossier.votes.map((row) => row.voteKey),
    )
  ).map(({ vote }) => vote);
  const waits = routing !== null && dossier.screen !== undefined && dossier.decision === undefined;
  const approvals = votes.filter((vote) => vote.choice === 'approve');
  return {
    dossier,
    request,
    routing,
    findings: (routing?.findings ?? []).map((finding) => ({
      ...finding,
      title: pack.rules.get(finding.code)?.title ?? finding.code,
    })),
    votes,
    logged: dossier.seal !== undefined && (await isLogged(world.index, dossier.seal.eventHash)),
    answerBy: routing === null ? null : answerBy(routing, dossier, world.clock.now()),
    outstanding: waits
      ? missingSeats(routing.groups, approvals).map(({ role, from, missing }) => ({ role, from, missing }))
      : [],
  };
}

/** As JSON: ids, digests and figures; no names, no tokens. */
export function statusJson(status: Status) {
  const { dossier, request, routing } = status;
  const { decision, seal, screen } = dossier;
  return {
    requestId: dossier.request.id,
    line: dossier.request.line,
    environment: dossier.request.environment,
    model: { name: request.model.name, version: request.model.version, root: request.model.root },
    state: stateOf(factsOf(dossier)),
    path: routing?.path ?? null,
    findings: status.findings,
    cleared: routing?.cleared ?? [],
    notJudged: routing?.notJudged ?? [],
    holds: routing?.holds ?? [],
    outstanding: status.outstanding,
    outcome: decision?.outcome ?? null,
    reasons: decision?.reasons ?? [],
    screen: screen?.screen ?? null,
    expiresAt: screen?.expiresAt ?? null,
    answerBy: status.answerBy?.at ?? null,
    overdue: status.answerBy?.overdue ?? false,
    eventHash: seal?.eventHash ?? null,
    logged: status.logged,
    votes: status.votes.length,
    times: {
      receivedAt: dossier.request.receivedAt,
      routedAt: dossier.routing?.routedAt ?? null,
      screenStoredAt: screen?.storedAt ?? null,
      decidedAt: decision?.decidedAt ?? null,
    },
  };
}
