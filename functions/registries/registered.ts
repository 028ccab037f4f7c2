// A request for a line that a registry is connected with is held against what that registry serves, whichever way it came.

import { hintKeys, type MatchedRow, type Wish } from '../domain/hint.ts';
import type { PromotionRequest, RequestId } from '../domain/request.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import type { Instant } from '../domain/text.ts';
import { problemsOfSnapshot } from '../intake/agree.ts';
import type { Registered } from '../intake/intake.ts';
import type { Clock, Write } from '../ports.ts';
import { aliasFor, type Connection, type Connections, type Snapshot } from '../registry.ts';

export function agreed(request: PromotionRequest, snapshot: Snapshot): Result<void> {
  const problems = problemsOfSnapshot(request, snapshot);
  return problems.length > 0 ? { ok: false, problems } : ok(undefined);
}

/** In the transaction of the request itself, so that no request is forgotten whose registry waits for its end. */
export function matchedWrites(wish: Wish, request: RequestId, at: Instant): Write[] {
  const body: MatchedRow = { wish, request, since: at, attempts: 0, notBefore: at, problems: [] };
  return [{ kind: 'register', key: hintKeys.matched(request), body, expected: 'absent' }];
}

/** The connection whose models stand for this line and environment. */
function connectionOf(
  connections: Connections,
  { line, environment }: Pick<PromotionRequest, 'line' | 'environment'>,
): { readonly connection: Connection; readonly model: string } | undefined {
  for (const connection of connections.values())
    for (const mapped of connection.models)
      if (mapped.line === line && aliasFor(mapped, environment) !== undefined) return { connection, model: mapped.model };
  return undefined;
}

/** For POST /requests: the registry is asked before anything is frozen. One that does not answer throws, and nothing is. */
export const registeredBy =
  (connections: Connections, clock: Clock): Registered =>
  async (request, id) => {
    const found = connectionOf(connections, request);
    if (found === undefined) return ok([]);
    if (request.model.name !== found.model)
      return fail(problem('REGISTRY_MISMATCH', '/model/name', `this line is connected with the model ${found.model}`));
    const { registry } = found.connection;
    const { environment, model } = request;
    const wish: Wish = { registry: registry.name, model: model.name, version: model.version, environment };
    const snapshot = await registry.resolve(wish);
    if (!snapshot.ok) return snapshot;
    const fits = agreed(request, snapshot.value);
    return fits.ok ? ok(matchedWrites(wish, id, clock.now())) : fits;
  };
