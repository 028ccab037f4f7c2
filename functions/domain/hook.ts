// Is this webhook from who shares a secret with us, and of now? One verifier, four ways to write a signature. What passes is a
// hint and nothing more: no registry signs the model's bytes, and anybody who can write to the registry can cause a hook.
import { equalBytes, hmacSha256 } from './crypto.ts';
import { digestOf } from './digest.ts';
import { fail, ok, problem, type Result } from './result.ts';

/** As it arrived. A header that stood twice is joined with a comma by every server, so it fits no shape below. */
export type RawHook = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** `bearer`: what W&B sends beside its signature, because that one does not bind a time. */
export type HookKeys = { readonly secrets: readonly string[]; readonly bearer?: string };

export type HookProfile = 'standard' | 'mlflow' | 'databricks' | 'wandb';

/** Bodies of registries are some hundred bytes; ours may carry a CloudEvent. */
export const MAX_HOOK_BYTES = 256 * 1024;

/** Older or younger than this is a replay, or a clock nobody should believe. */
const WINDOW_SECONDS = 300;

/** One answer for every failure: whoever probes learns nothing from it. */
export const BAD_HOOK = problem('UNAUTHENTICATED', '', 'a hook with a valid signature, of now, is needed');

type Signed = {
  /** The same for each retry of one delivery. */
  readonly delivery: string;
  readonly signed: Uint8Array;
  readonly macs: readonly Uint8Array[];
  /** Unix seconds that the signature covers; null where the sender signs none. */
  readonly at: number | null;
};

/** The delivery's own id; a hash of the body where the sender gives none. */
export function verifyHook(profile: HookProfile, raw: RawHook, keys: HookKeys, nowMs: number): Result<string> {
  const signed = raw.body.byteLength > MAX_HOOK_BYTES ? undefined : READ[profile](raw, keys);
  if (signed === undefined) return fail(BAD_HOOK);
  // Late last, so that the time a refusal takes says nothing of the secret.
  const fits = keys.secrets
    .map((secret) => hmacSha256(keyOf(profile, secret), signed.signed))
    .some((mac) => signed.macs.some((one) => equalBytes(one, mac)));
  const ofNow = signed.at === null || Math.abs(nowMs / 1000 - signed.at) <= WINDOW_SECONDS;
  return fits && ofNow ? ok(signed.delivery) : fail(BAD_HOOK);
}

const READ: Readonly<Record<HookProfile, (raw: RawHook, keys: HookKeys) => Signed | undefined>> = {
  // Standard Webhooks 1.0.0; several signatures while a secret is being changed.
  standard: ({ headers, body }) => {
    const macs = (headers['webhook-signature'] ?? '').split(' ').map((one) => macIn(/^v1,(.+)$/.exec(one)?.[1]));
    return timed(headers['webhook-id'], headers['webhook-timestamp'], macs, body);
  },
  // MLflow 3.17.2, mlflow/webhooks/delivery.py: the same shape under other names.
  mlflow: ({ headers, body }) =>
    timed(
      headers['x-mlflow-delivery-id'],
      headers['x-mlflow-timestamp'],
      [macIn(/^v1,(.+)$/.exec(headers['x-mlflow-signature'] ?? '')?.[1])],
      body,
    ),
  // Hex over the body alone; its time is inside.
  databricks: ({ headers, body }) => {
    const mac = macIn(headers['x-databricks-signature']);
    const [, ms] = /"event_timestamp"\s*:\s*(\d{13})\b/.exec(new TextDecoder().decode(body)) ?? [];
    if (mac === undefined || ms === undefined) return undefined;
    return { delivery: digestOf(body), signed: body, macs: [mac], at: Number(ms) / 1000 };
  },
  // Base64 or hex over the body, and no time at all: a fixed token must come with it.
  wandb: ({ headers, body }, { bearer }) => {
    const mac = macIn(headers['x-wandb-signature']);
    const sent = new TextEncoder().encode(headers['authorization'] ?? '');
    const known = bearer !== undefined && equalBytes(sent, new TextEncoder().encode(`Bearer ${bearer}`));
    return mac === undefined || !known ? undefined : { delivery: digestOf(body), signed: body, macs: [mac], at: null };
  },
};

function timed(
  id: string | undefined,
  at: string | undefined,
  macs: readonly (Uint8Array | undefined)[],
  body: Uint8Array,
): Signed | undefined {
  const read = macs.filter((mac) => mac !== undefined);
  // A dot in the id would let two different triples sign alike.
  if (id === undefined || !/^[\w-]{1,200}$/.test(id) || at === undefined || !/^\d{1,12}$/.test(at)) return undefined;
  if (read.length === 0 || read.length !== macs.length || read.length > 5) return undefined;
  return { delivery: id, signed: Buffer.concat([Buffer.from(`${id}.${at}.`), body]), macs: read, at: Number(at) };
}

/** 32 bytes in base64 or hex, written in the one way there is. */
function macIn(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  const bytes = /^[A-Za-z0-9+/]{43}=$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  return bytes?.toString('base64') === text ? bytes : undefined;
}

/** Standard Webhooks write theirs as `whsec_` and base64; the others use the text as it was typed. */
function keyOf(profile: HookProfile, secret: string): Uint8Array {
  const [, coded] = profile === 'standard' ? (/^whsec_([A-Za-z0-9+/=]+)$/.exec(secret) ?? []) : [];
  return coded === undefined ? new TextEncoder().encode(secret) : Buffer.from(coded, 'base64');
}
