// What a custodian says of a key: kept until a second one says the same, and somebody with the store acts on both.
import { z } from 'zod';
import { type Actor, Actor as ActorText, Auth, handleOf, sameActor } from '../domain/actor.ts';
import { canonicalDigest } from '../domain/canonical.ts';
import type { Digest } from '../domain/digest.ts';
import { problemsOfCustodian } from '../domain/event/verify-keys.ts';
import { COMPROMISED, type Custodian, KeyId } from '../domain/keys/set.ts';
import { parseBytes } from '../domain/parse.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import { KeyConsentRow, keyConsentPrefix, keys } from '../domain/rows.ts';
import { Instant } from '../domain/text.ts';
import type { Identified, World } from '../ports.ts';
import { storeSignIn } from '../seal/record.ts';
import { readSaid, storeSaid } from '../store.ts';

type ConsentWorld = Pick<World, 'vault' | 'index' | 'clock'>;

/** Which key, and since when: two people must name the same moment, since it decides which events stay valid. */
export const Suspicion = z.strictObject({ keyid: KeyId, since: Instant });
export type Suspicion = z.infer<typeof Suspicion>;

const KeyConsent = Suspicion.extend({
  schema: z.literal('key-consent/v0'),
  meaning: z.literal(COMPROMISED),
  actor: ActorText,
  auth: Auth,
  at: Instant,
});

const actOf = ({ keyid, since }: Suspicion): Digest => canonicalDigest(['key-consent/v1', keyid, since]);
const personKey = (actor: Actor): string => handleOf(actor);

/** Answers how many people have said so by now. The same person saying it again says it once. */
export async function consent(world: ConsentWorld, body: Uint8Array, person: Identified): Promise<Result<number>> {
  const parsed = parseBytes(Suspicion, body);
  if (!parsed.ok) return parsed;
  const { actor, auth } = person.principal;
  const wrong = problemsOfCustodian({ actor, auth });
  if (wrong.length > 0) return fail(...wrong);
  if (parsed.value.since > world.clock.now()) return fail(problem('INVALID_VALUE', '/since', 'a key is stolen in the past'));
  await storeSignIn(world.vault, person);
  const said = { ...parsed.value, schema: 'key-consent/v0', meaning: COMPROMISED, actor, auth, at: world.clock.now() };
  const key = keys.keyConsent(actOf(parsed.value), personKey(actor));
  await world.index.commit([{ kind: 'fact', key, body: { consent: await storeSaid(world.vault, said) } }]);
  return ok((await consentsTo(world, parsed.value)).length);
}

/** In the order in which they said it, each person once. */
export async function consentsTo(world: Pick<World, 'vault' | 'index'>, suspicion: Suspicion): Promise<Custodian[]> {
  const found: Custodian[] = [];
  for (const { body } of await world.index.list(keys.keysPk, keyConsentPrefix(actOf(suspicion)))) {
    const said = await readSaid(world.vault, KeyConsentRow.parse(body).consent, KeyConsent);
    const { meaning, actor, auth, at } = said;
    if (said.keyid !== suspicion.keyid || said.since !== suspicion.since) continue;
    if (found.some((one) => sameActor(one.actor, actor))) continue;
    found.push({ meaning, actor, auth, at, signature: 'not signed by the approver' });
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
}
