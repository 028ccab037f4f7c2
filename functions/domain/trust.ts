import { z } from 'zod';
import type { EventHash } from './digest.ts';
import type { Code } from './errors.ts';
import { Instant, Name } from './text.ts';

/**
 * What a verifier believes, given to it beforehand (`--trust`, the gate's configuration), **never taken from what is being
 * verified**. `class: prod` refuses development keys.
 */
export const Trust = z.strictObject({
  environment: Name,
  class: z.enum(['dev', 'prod']),
  keys: z.array(
    z.strictObject({
      keyid: z.string().regex(/^[0-9a-f]{64}$/),
      spki: z.string().startsWith('-----BEGIN PUBLIC KEY-----'),
      class: z.enum(['dev', 'prod']),
      notBefore: Instant.optional(),
      notAfter: Instant.optional(),
    }),
  ),
  issuers: z.array(z.string().min(1)),
  proof: z.enum(['index', 'inclusion', 'witnessed']),
  humanSignature: z.enum(['required', 'optional']),
});
export type Trust = z.infer<typeof Trust>;

export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string; readonly code?: Code };

export type Verdict = {
  readonly verdict: 'allow' | 'deny' | 'unknown';
  readonly code: Code | 'OK';
  readonly eventHash: EventHash | null;
  readonly checks: readonly Check[];
};

export const yes = (name: string, detail: string): Check => ({ name, ok: true, detail });
export const no = (name: string, code: Code, detail: string): Check => ({ name, ok: false, detail, code });
