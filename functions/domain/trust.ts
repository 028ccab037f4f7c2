import { z } from 'zod';
import type { EventHash } from './digest.ts';
import type { Code } from './errors.ts';
import { Instant, Name } from './text.ts';

/** A note key as C2SP tools write it; `parseVkey` says whether it reads. */
const Vkey = z.string().regex(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/, 'expected name+8 hex digits+base64');

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
  /** How far an event must be proven: by the index alone, in a trusted log, or in a log that witnesses have seen. */
  proof: z.enum(['index', 'inclusion', 'witnessed']),
  logs: z.array(z.strictObject({ vkey: Vkey, class: z.enum(['dev', 'prod']) })).optional(),
  /** k of n: how many of these must have cosigned. */
  witnesses: z.strictObject({ required: z.int().min(1), vkeys: z.array(Vkey).min(1) }).optional(),
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
