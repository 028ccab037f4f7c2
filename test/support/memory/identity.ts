// Imitates an issuer whose tokens were all checked before (OidcIdentity): it knows a person for each token it gave out, and nothing
// else. Held to the same law in test/contract.
import { fail, ok, problem } from '../../../functions/domain/result.ts';
import type { Identified, Identity } from '../../../functions/ports.ts';

const UNAUTHENTICATED = fail(problem('UNAUTHENTICATED', '', 'not signed in'));

export function memoryIdentity(known: readonly Identified[]): Identity {
  const byToken = new Map(known.map((one) => [one.token, one]));
  return {
    verify: async (token) => {
      const found = byToken.get(token);
      return found === undefined ? UNAUTHENTICATED : ok(found);
    },
  };
}
