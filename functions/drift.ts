// A monitor reports drift on the traffic of an active version: sealed at once, and it stands until people answer it (R38).
import { activeOf } from './activation.ts';
import { readEvent, readPromotion } from './baseline.ts';
import { consequencesOf } from './consequences.ts';
import type { EventHash } from './domain/digest.ts';
import { NOT_REGISTERED } from './domain/line.ts';
import { parseBytes } from './domain/parse.ts';
import { personalDataIn } from './domain/personal-data.ts';
import type { PromotionRequest } from './domain/request.ts';
import { ok, type Problem, problem, type Result } from './domain/result.ts';
import { type DriftFinding, DriftReport, driftIdOf, problemsOfMonitor } from './domain/standing.ts';
import { blobKey } from './domain/vault-keys.ts';
import type { DriveWorld } from './packs.ts';
import type { Identified } from './ports.ts';
import { lineOf } from './route/pack.ts';
import { recordAt, sealRecord, storeSignIn } from './seal/record.ts';
import { readHead } from './store.ts';

export type Reported = { readonly event: EventHash; readonly repeated: boolean };

/** The same report by the same monitor is one finding: it answers the first hash, also after the version was replaced. */
export async function reportDrift(world: DriveWorld, raw: Uint8Array, monitor: Identified): Promise<Result<Reported>> {
  const wrongSender = problemsOfMonitor(monitor.principal);
  const parsed = parseBytes(DriftReport, raw);
  if (!parsed.ok || wrongSender.length > 0)
    return { ok: false, problems: [...wrongSender, ...(parsed.ok ? [] : parsed.problems)] };
  const personal = personalDataIn(parsed.value);
  if (personal.length > 0) return { ok: false, problems: personal };
  const { schema: _, ...report } = parsed.value;
  const { actor, auth } = monitor.principal;
  const id = driftIdOf(parsed.value, actor);
  const before = await recordAt(world, id, consequencesOf);
  if (before !== undefined) return ok(before);

  const problems = await problemsOfReport(world, parsed.value);
  if (problems.length > 0) return { ok: false, problems };
  await storeSignIn(world.vault, monitor);
  const finding: DriftFinding = { kind: 'driftFinding', ...report, actor, auth, at: world.clock.now() };
  return ok(await sealRecord(world, id, finding, consequencesOf));
}

async function problemsOfReport(world: DriveWorld, report: DriftReport): Promise<Problem[]> {
  const active = await activeOf(world.index);
  if (active === undefined) return [problem('NOT_INITIALISED', '', 'no policy is active')];
  const line = lineOf(await world.packs.load(active.row.pack), report.line);
  if (line === null) return [problem('NOT_FOUND', '/line', NOT_REGISTERED)];
  if (!line.environments.some(({ name }) => name === report.environment))
    return [problem('NOT_FOUND', '/environment', NOT_REGISTERED)];
  const watched = await problemsOfWatched(world, report);
  if (watched.length > 0) return watched;
  const { request } = await readPromotion(world.vault, report.event);
  const missing = (await world.vault.size(blobKey(report.report))) === undefined;
  const bytes = missing ? [problem('BYTES_MISSING', '/report', `${report.report} was not uploaded`)] : [];
  return [...problemsOfNames(report, request), ...bytes];
}

/** What is watched is what is active: a figure about a version that was replaced says nothing about the next one. */
async function problemsOfWatched(world: DriveWorld, { line, environment, event }: DriftReport): Promise<Problem[]> {
  const found = await readEvent(world, event);
  const promotion = found?.predicate.kind === 'promotion' ? found.predicate : undefined;
  const ofLine = promotion?.scope.line === line && promotion.scope.environment === environment;
  if (promotion?.outcome !== 'approved' || !ofLine)
    return [problem('NOT_FOUND', '/event', 'no approved promotion of this line into this environment')];
  const { head } = await readHead(world.index, line, environment);
  if (head.incumbent === event) return [];
  return [problem('STALE_COMPARISON', '/event', `it was replaced; active is ${head.incumbent ?? 'nothing'}`)];
}

/** A feature that the model does not have was measured on something else. A segment nobody registered is what may be found. */
function problemsOfNames({ measured }: DriftReport, { features }: PromotionRequest): Problem[] {
  const known = new Set(features.map(({ name }) => name));
  return measured.flatMap((one, i) =>
    one.what === 'feature' && !known.has(one.name)
      ? [problem('INVALID_VALUE', `/measured/${i}/name`, 'the version watched has no such feature')]
      : [],
  );
}
