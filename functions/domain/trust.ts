import { z } from 'zod';
import { Digest, type EventHash } from './digest.ts';
import type { Code } from './errors.ts';
import { KeyUse } from './keys/set.ts';
import { parseVkey, SIGNATURE_TYPES } from './log/note.ts';
import { Instant, Name } from './text.ts';

/** A note key as C2SP tools write it. A log's key and a witness's are told apart by their type, so none stands in for the other. */
const vkey = (type: keyof typeof SIGNATURE_TYPES) =>
  z.string().refine(
    (text) => {
      const key = parseVkey(text);
      return key.ok && key.value.type === SIGNATURE_TYPES[type];
    },
    type === 'note' ? 'expected the vkey of a log (Ed25519, type 1)' : 'expected the vkey of a witness (Ed25519, type 4)',
  );

const Class = z.enum(['dev', 'prod']);
const COMPROMISED = { status: z.enum(['active', 'retired', 'compromised']).optional(), compromisedSince: Instant.optional() };
const saysSince = ({ status, compromisedSince }: { status?: string | undefined; compromisedSince?: string | undefined }) =>
  (status === 'compromised') === (compromisedSince !== undefined);
const SINCE = { message: 'a compromised key says since when, and no other does', path: ['compromisedSince'] };

/** The form only; whether it is one of a timestamping authority is asked where a stamp is (log/check-timestamp.ts). */
const CERTIFICATE = /^-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

/**
 * What a verifier believes, given to it beforehand (`--trust`, the gate's configuration), **never taken from what is being
 * verified**. `class: prod` refuses development keys.
 */
export const Trust = z.strictObject({
  environment: Name,
  class: Class,
  keys: z.array(
    z
      .strictObject({
        keyid: z.string().regex(/^[0-9a-f]{64}$/),
        spki: z.string().startsWith('-----BEGIN PUBLIC KEY-----'),
        class: Class,
        /** What the reader takes its signatures for; without it for events and for policy releases. */
        use: z.array(KeyUse).min(1).optional(),
        notBefore: Instant.optional(),
        notAfter: Instant.optional(),
        ...COMPROMISED,
      })
      .refine(saysSince, SINCE),
  ),
  /** The list of keys (`keys.json`) that these were taken from, by its digest: from here `countersign keys follow` goes on. */
  keySet: Digest.optional(),
  issuers: z.array(z.string().min(1)),
  /** How far an event must be proven: by the index alone, in a trusted log, or in a log that witnesses have seen. */
  proof: z.enum(['index', 'inclusion', 'witnessed']),
  logs: z.array(z.strictObject({ vkey: vkey('note'), class: Class, ...COMPROMISED }).refine(saysSince, SINCE)).optional(),
  /** k of n: how many of these must have cosigned. */
  witnesses: z.strictObject({ required: z.int().min(1), vkeys: z.array(vkey('cosignature')).min(1) }).optional(),
  /** Certificates, in PEM, of the timestamping authorities (RFC 3161) whose word is taken for when a tree existed. */
  timestampAuthorities: z.array(z.string().regex(CERTIFICATE, 'expected one certificate in PEM')).optional(),
  humanSignature: z.enum(['required', 'optional']),
  /** Whose signed word deploys an approved version while the store is frozen; absent: nobody's. */
  intents: z
    .array(
      z.strictObject({
        keyid: z.string().regex(/^[0-9a-f]{64}$/),
        spki: z.string().startsWith('-----BEGIN PUBLIC KEY-----'),
        class: z.enum(['dev', 'prod']),
        iss: z.string().min(1),
        sub: z.string().min(1),
      }),
    )
    .optional(),
  /** May two people let bytes run here without an approval, for some hours? Absent: no. */
  breakGlass: z.enum(['allowed', 'refused']).optional(),
});
export type Trust = z.infer<typeof Trust>;

export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string; readonly code?: Code };

export type Verdict = {
  readonly verdict: 'allow' | 'deny' | 'unknown';
  /** `BREAK_GLASS`: allowed without an approval. `INTENT`: while frozen, on somebody's signed word. */
  readonly code: Code | 'OK' | 'BREAK_GLASS' | 'INTENT';
  readonly eventHash: EventHash | null;
  readonly checks: readonly Check[];
};

export const yes = (name: string, detail: string): Check => ({ name, ok: true, detail });
export const no = (name: string, code: Code, detail: string): Check => ({ name, ok: false, detail, code });
