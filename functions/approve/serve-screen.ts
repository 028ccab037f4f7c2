import type { z } from 'zod';
import { canonicalDigest } from '../domain/canonical.ts';
import { hexOf } from '../domain/digest.ts';
import type { Dossier } from '../domain/dossier.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import { keys, type ServedRow } from '../domain/rows.ts';
import type { Identified, World } from '../ports.ts';
import { nowFor, readBlob } from '../store.ts';

/**
 * The exact stored bytes, with the first time they were served to this person on record. The row is written before the
 * bytes leave: a vote can only follow what we know was sent.
 */
export async function serveScreen(world: World, dossier: Dossier, reader: Identified): Promise<Result<Uint8Array>> {
  const { actor } = reader.principal;
  if (actor.kind !== 'person') return fail(problem('PERSON_ONLY', '', 'a screen is shown to people'));
  if (dossier.screen === undefined) return fail(problem('NOT_WAITING', '', 'no screen is stored yet'));
  const bytes = await readBlob(world.vault, dossier.screen.screen);
  const personKey = hexOf(canonicalDigest([actor.iss, actor.sub]));
  const row: z.infer<typeof ServedRow> = { actor, screen: dossier.screen.screen, servedAt: nowFor(world.clock, dossier) };
  // A conflict is a later look: the first time stands.
  await world.index.commit([{ kind: 'fact', key: keys.served(dossier.request.id, personKey), body: row }]);
  return ok(bytes);
}
