import { sameActor } from '../domain/actor.ts';
import { canonicalDigest } from '../domain/canonical.ts';
import { type Dossier, factsOf } from '../domain/dossier.ts';
import { stateOf } from '../domain/flow.ts';
import type { Rationale } from '../domain/request.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import { keys, RationaleRow } from '../domain/rows.ts';
import { blobKey } from '../domain/vault-keys.ts';
import type { Identified, World } from '../ports.ts';
import { nowFor, storeJson } from '../store.ts';

/** A person writes why (R46). Written once: a second text is a conflict that keeps the first. */
export async function giveRationale(
  world: World,
  dossier: Dossier,
  text: Rationale,
  author: Identified,
): Promise<Result<RationaleRow>> {
  const { actor, auth } = author.principal;
  if (actor.kind !== 'person') return fail(problem('PERSON_ONLY', '', 'a rationale is written by a person'));
  if (auth.roles.length === 0) return fail(problem('NOT_YOURS', '', 'you hold no role here'));
  const state = stateOf(factsOf(dossier));
  if (dossier.rationale === undefined && state !== 'needsRationale') {
    return fail(problem('NOT_WAITING', '', `it is ${state}, and asks for no rationale`));
  }
  const row: RationaleRow = { ...text, author: actor, auth, at: nowFor(world.clock, dossier) };
  await world.vault.putOnce(blobKey(auth.jwk), author.jwk);
  await storeJson(world.vault, row);
  const outcome = await world.index.commit([{ kind: 'fact', key: keys.fact(dossier.request.id, 'rationale'), body: row }]);
  world.workflow.wake(dossier.request.id);
  if (outcome.kind === 'committed') return ok(row);
  const stored = RationaleRow.parse(outcome.found?.body);
  const { author: _, auth: __, at: ___, ...said } = stored;
  const same = sameActor(stored.author, actor) && canonicalDigest(said) === canonicalDigest(text);
  return same
    ? ok(stored)
    : fail(problem('OTHER_ANSWER_STORED', '/text', `a rationale was written at ${stored.at}; it stands`));
}
