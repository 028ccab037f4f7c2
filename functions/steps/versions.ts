// R63: a version id names one set of bytes, for ever. The row says where it was used; the sealed event says of which bytes.
import { readEvent } from '../baseline.ts';
import { isAbsent } from '../domain/event/statement.ts';
import type { PromotionRequest } from '../domain/request.ts';
import { type Problem, problem } from '../domain/result.ts';
import { LineFactRow, linePk, versionPrefix } from '../domain/rows.ts';
import type { DriveWorld } from '../packs.ts';

/** Asked at the comparison, and again before the approval: another environment of the line may have used the id meanwhile. */
export async function reusedVersion(world: DriveWorld, { line, model }: PromotionRequest): Promise<Problem[]> {
  for (const { body } of await world.index.list(linePk(line), versionPrefix(model.version))) {
    const { event } = LineFactRow.parse(body);
    const predicate = (await readEvent(world, event))?.predicate;
    if (predicate?.kind !== 'promotion' || isAbsent(predicate.model) || predicate.model.root === model.root) continue;
    const detail = `version ${model.version} names other bytes in event ${event}: ${predicate.model.root}, not ${model.root}`;
    return [problem('VERSION_REUSED', '/model/version', detail)];
  }
  return [];
}
