import { z } from 'zod';
import { canonicalBytes } from '../canonical.ts';
import { keyIdOf, verifyP256 } from '../crypto.ts';
import { type EventHash, eventHashOf } from '../digest.ts';
import { parseBytes } from '../parse.ts';
import { fail, ok, problem, type Result } from '../result.ts';
import type { Instant } from '../text.ts';
import type { Trust } from '../trust.ts';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** One text for the same bytes: what decodes alike but is written otherwise is refused. */
const Base64 = z
  .base64()
  .max(16 * 1024 * 1024)
  .refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'not the one way to write these bytes');

/**
 * A DSSE envelope (secure-systems-lab/dsse v1.0.2): the signed bytes travel inside, so no verifier ever canonicalises. DSSE lets
 * a reader ignore keys it does not know; we refuse them, since nothing signs them and somebody would believe them (docs/event.md).
 */
const Envelope = z.strictObject({
  payloadType: z.string(),
  payload: Base64,
  signatures: z
    .array(z.strictObject({ keyid: z.string().max(200), sig: Base64 }))
    .min(1)
    .max(20),
});
type Envelope = z.infer<typeof Envelope>;

const ENVELOPE_LIMITS = { maxBytes: 32 * 1024 * 1024, maxDepth: 8 };

/** DSSE pre-authentication encoding: the bytes a signature covers. */
export function preAuthEncoding(payload: Uint8Array, payloadType: string = PAYLOAD_TYPE): Uint8Array {
  const type = new TextEncoder().encode(payloadType);
  const head = new TextEncoder().encode(`DSSEv1 ${type.byteLength} ${payloadType} ${payload.byteLength} `);
  const bytes = new Uint8Array(head.byteLength + payload.byteLength);
  bytes.set(head);
  bytes.set(payload, head.byteLength);
  return bytes;
}

export function envelopeBytes(
  payload: Uint8Array,
  keyid: string,
  signature: Uint8Array,
  payloadType: string = PAYLOAD_TYPE,
): Uint8Array {
  const envelope: Envelope = {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid, sig: Buffer.from(signature).toString('base64') }],
  };
  return canonicalBytes(envelope);
}

export type Opened = { readonly envelope: Envelope; readonly payload: Uint8Array; readonly hash: EventHash };

/** Reads an envelope without believing it. What was signed as one type is never taken for another. */
export function openEnvelope(bytes: Uint8Array, payloadType: string = PAYLOAD_TYPE): Result<Opened> {
  const parsed = parseBytes(Envelope, bytes, ENVELOPE_LIMITS);
  if (!parsed.ok) return fail(problem('ENVELOPE_INVALID', parsed.problems[0]?.pointer ?? '', parsed.problems[0]?.detail ?? ''));
  if (parsed.value.payloadType !== payloadType)
    return fail(problem('ENVELOPE_INVALID', '/payloadType', `expected ${payloadType}`));
  const payload = new Uint8Array(Buffer.from(parsed.value.payload, 'base64'));
  return ok({ envelope: parsed.value, payload, hash: eventHashOf(payload) });
}

/** By which key, and how many further signatures nobody looked at: they prove nothing, and are said to be there. */
export type Signed = { readonly keyid: string; readonly unchecked: number };

export const furtherSignatures = ({ unchecked }: Signed): string =>
  unchecked === 0 ? '' : `; ${unchecked} further signature${unchecked === 1 ? '' : 's'} not checked`;

/**
 * Is there a signature by a key we already trust, for this class of environment, at the time the statement gives? The
 * reader's trust decides; nothing in the envelope can add to it. Absence of a signature is a failure.
 */
export function verifyEnvelope(opened: Opened, trust: Trust, at: Instant | undefined): Result<Signed> {
  const signed = preAuthEncoding(opened.payload, opened.envelope.payloadType);
  const reasons: string[] = [];
  for (const { keyid, sig } of opened.envelope.signatures) {
    const key = trust.keys.find((trusted) => trusted.keyid === keyid);
    if (!key || keyIdOf(key.spki) !== keyid) {
      reasons.push(`key ${keyid.slice(0, 12)} is not in the trust given`);
    } else if (trust.class === 'prod' && key.class === 'dev') {
      reasons.push(
        `key ${keyid.slice(0, 12)} is a development key, which environment ${trust.environment} (class prod) does not take`,
      );
    } else if (at !== undefined && ((key.notBefore && at < key.notBefore) || (key.notAfter && at > key.notAfter))) {
      reasons.push(`key ${keyid.slice(0, 12)} was not in use at ${at}`);
    } else if (!verifyP256(key.spki, signed, Buffer.from(sig, 'base64'))) {
      return fail(
        problem('SIGNATURE_INVALID', '/signatures', `the signature of key ${keyid.slice(0, 12)} does not fit the payload`),
      );
    } else {
      return ok({ keyid, unchecked: opened.envelope.signatures.length - 1 });
    }
  }
  return fail(problem('KEY_UNTRUSTED', '/signatures', reasons.join('; ')));
}
