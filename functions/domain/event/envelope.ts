import { z } from 'zod';
import { canonicalBytes } from '../canonical.ts';
import { keyIdOf, verifyP256 } from '../crypto.ts';
import { type EventHash, eventHashOf } from '../digest.ts';
import type { Code } from '../errors.ts';
import { parseBytes } from '../parse.ts';
import { fail, ok, type Problem, problem, type Result } from '../result.ts';
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

export const envelopeBytes = (
  payload: Uint8Array,
  keyid: string,
  signature: Uint8Array,
  payloadType: string = PAYLOAD_TYPE,
): Uint8Array => envelopeSignedBy(payload, [{ keyid, signature }], payloadType);

/** With several signatures over the same bytes: a list of keys is signed by the key that goes and the one that comes. */
export function envelopeSignedBy(
  payload: Uint8Array,
  signed: readonly { readonly keyid: string; readonly signature: Uint8Array }[],
  payloadType: string = PAYLOAD_TYPE,
): Uint8Array {
  const envelope: Envelope = {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: signed.map(({ keyid, signature }) => ({ keyid, sig: Buffer.from(signature).toString('base64') })),
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
 * Is there a signature by a key we already trust, for this use and class of environment, in its window, and before it was
 * stolen? The reader's trust decides; nothing in the envelope can add to it. Absence of a signature is a failure. `at`: the time
 * that the statement gives; it was signed no earlier. `proven`: when witnesses had it in the log; it was signed no later.
 */
export function verifyEnvelope(opened: Opened, trust: Trust, at: Instant | undefined, proven?: Instant): Result<Signed> {
  const signed = preAuthEncoding(opened.payload, opened.envelope.payloadType);
  const reasons: Problem[] = [];
  for (const { keyid, sig } of opened.envelope.signatures) {
    const key = trust.keys.find((trusted) => trusted.keyid === keyid);
    const reason = reasonAgainst(key, keyid, opened.envelope.payloadType, trust, { at, proven });
    if (reason !== undefined) {
      reasons.push(reason);
    } else if (key === undefined || !verifyP256(key.spki, signed, Buffer.from(sig, 'base64'))) {
      return fail(problem('SIGNATURE_INVALID', SIGNATURES, `the signature of key ${short(keyid)} does not fit the payload`));
    } else {
      return ok({ keyid, unchecked: opened.envelope.signatures.length - 1 });
    }
  }
  // Of several the one that says most: a key that is known and was refused, before one that nobody knows.
  const code = reasons.find((one) => one.code !== 'KEY_UNTRUSTED')?.code ?? 'KEY_UNTRUSTED';
  return fail(problem(code, SIGNATURES, reasons.map(({ detail }) => detail).join('; ')));
}

const SIGNATURES = '/signatures';
const short = (keyid: string): string => keyid.slice(0, 12);

type Times = { readonly at: Instant | undefined; readonly proven: Instant | undefined };

function reasonAgainst(
  key: Trust['keys'][number] | undefined,
  keyid: string,
  payloadType: string,
  { class: gate, environment }: Trust,
  { at, proven }: Times,
): Problem | undefined {
  const no = (code: Code, why: string) => problem(code, SIGNATURES, `key ${short(keyid)} ${why}`);
  if (!key || keyIdOf(key.spki) !== keyid) return no('KEY_UNTRUSTED', 'is not in the trust given');
  if (gate === 'prod' && key.class === 'dev')
    return no('KEY_UNTRUSTED', `is a development key, which environment ${environment} (class prod) does not take`);
  // Named by the type of what is signed: a pack's signature is over another type than an event's.
  const use = payloadType === PAYLOAD_TYPE ? 'seal' : 'release';
  if (key.use !== undefined && !key.use.includes(use)) return no('KEY_WRONG_USE', `is trusted for ${key.use}, not to ${use}`);
  const late = at !== undefined && key.notAfter !== undefined && at > key.notAfter;
  const early = at !== undefined && key.notBefore !== undefined && at < key.notBefore;
  // Who stole it writes any time into an event. Only somebody else's clock tells what was there before.
  const since = key.compromisedSince;
  if (since !== undefined && (proven === undefined || proven >= since))
    return no('KEY_COMPROMISED', `was compromised at ${since}, and ${provenWords(proven)}`);
  if (late || early) return no('KEY_OUT_OF_WINDOW', `was not in use at ${at}`);
  return undefined;
}

const provenWords = (proven: Instant | undefined): string =>
  proven === undefined ? 'nothing proves that this was logged before' : `this is proven in the log only for ${proven}`;
