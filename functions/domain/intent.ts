// While the store is frozen: somebody trusted beforehand signs which approved version they deploy, and why. The gate keeps it and
// it is sealed at the thaw, with its own time.
import { z } from 'zod';
import { Actor } from './actor.ts';
import { EventHash } from './digest.ts';
import { type Opened, openEnvelope, verifyEnvelope } from './event/envelope.ts';
import { parseBytes } from './parse.ts';
import { fail, ok, problem, type Result } from './result.ts';
import { Instant, instantOf, Name, prose } from './text.ts';
import type { Trust } from './trust.ts';

export const INTENT_TYPE = 'application/vnd.countersign.intent+json';

export const Intent = z.strictObject({
  schema: z.literal('deploy-intent/v0'),
  line: Name,
  environment: Name,
  /** The approval that it deploys by. */
  target: EventHash,
  reason: prose(20, 2000),
  authoriser: Actor,
  at: Instant,
});
export type Intent = z.infer<typeof Intent>;

/** Clocks differ; an intent of tomorrow is none. */
const SKEW_MS = 30_000;

type Asked = { readonly line: string; readonly environment: string; readonly event: EventHash };

type ReadIntent = { readonly intent: Intent; readonly opened: Opened };

/** Without believing it: whose word it says that it is, and about what. */
export function openIntent(envelope: Uint8Array): Result<ReadIntent> {
  const opened = openEnvelope(envelope, INTENT_TYPE);
  if (!opened.ok) return opened;
  const parsed = parseBytes(Intent, opened.value.payload);
  return parsed.ok ? ok({ intent: parsed.value, opened: opened.value }) : parsed;
}

/** Signed by a key that the gate's own configuration gives to that very person. */
export function signedBy({ intent, opened }: ReadIntent, trust: Trust): Result<unknown> {
  const { authoriser, at } = intent;
  const mine = (trust.intents ?? []).filter(({ iss, sub }) => iss === authoriser.iss && sub === authoriser.sub);
  return verifyEnvelope(opened, { ...trust, keys: mine }, at);
}

/** Signed by whom the gate trusts, for this question, within this freeze. */
export function readIntent(
  envelope: Uint8Array,
  asked: Asked,
  trust: Trust,
  frozen: { readonly since: Instant; readonly now: Instant },
): Result<ReadIntent> {
  const read = openIntent(envelope);
  if (!read.ok) return read;
  const signed = signedBy(read.value, trust);
  if (!signed.ok) return signed;
  const { intent } = read.value;
  const { at } = intent;
  const fits = intent.line === asked.line && intent.environment === asked.environment && intent.target === asked.event;
  if (!fits) return fail(problem('OUT_OF_SCOPE', '/intent', 'it is about another deployment'));
  const latest = instantOf(Date.parse(frozen.now) + SKEW_MS);
  if (at < frozen.since || at > latest)
    return fail(problem('OUT_OF_SCOPE', '/intent', `it is of ${at}, the freeze began at ${frozen.since}`));
  return read;
}
