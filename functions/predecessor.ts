// Stages (R65): was this very model approved in the stage before? What a row names is believed only as far as the vault says it.
import { readPromotion } from './baseline.ts';
import type { Predecessor } from './compare/types.ts';
import type { EventHash } from './domain/digest.ts';
import { isAbsent } from './domain/event/statement.ts';
import type { ModelLine } from './domain/line.ts';
import type { PromotionRequest } from './domain/request.ts';
import type { Vault } from './ports.ts';

/** Which event is said to have approved the model in a stage. */
export type Named = (environment: string) => EventHash | undefined;

export const namedIn =
  (rows: readonly { readonly environment: string; readonly event: EventHash }[]): Named =>
  (environment) =>
    rows.find((row) => row.environment === environment)?.event;

/** Undefined where no stage is registered before this one: then nothing is asked, and nothing of it is sealed. */
export async function predecessorOf(
  vault: Pick<Vault, 'get'>,
  line: ModelLine | null,
  request: PromotionRequest,
  named: Named,
): Promise<Predecessor | undefined> {
  const environment = line?.environments.find(({ name }) => name === request.environment)?.after;
  if (environment === undefined) return undefined;
  const event = named(environment);
  if (event === undefined) return { environment, event: null };
  const { outcome, scope, model } = (await readPromotion(vault, event)).promotion;
  const there = scope.line === request.line && scope.environment === environment;
  // The root covers no names: with another manifest the same bytes lie under other paths, and a loader runs something else.
  const same = !isAbsent(model) && model.root === request.model.root && model.manifest === request.model.manifest;
  const proves = outcome === 'approved' && there && same;
  return { environment, event: proves ? event : null };
}
