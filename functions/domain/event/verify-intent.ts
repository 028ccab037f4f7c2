import { sameJson } from '../canonical.ts';
import type { IntentTransition } from '../freeze.ts';
import { INTENT_TYPE, Intent } from '../intent.ts';
import { parseBytes } from '../parse.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { openEnvelope, verifyEnvelope } from './envelope.ts';
import { tampered } from './verify-fields.ts';

/** The signed word itself, by a key that the reader's trust gives to that very person. */
export function checkIntent({ intent, envelope, scope, to, from, at }: IntentTransition, trust: Trust): Check {
  const opened = openEnvelope(Buffer.from(envelope, 'base64'), INTENT_TYPE);
  const parsed = opened.ok ? parseBytes(Intent, opened.value.payload) : opened;
  const same = parsed.ok && sameJson(parsed.value, intent) && at === intent.at;
  if (!opened.ok || !same) return tampered('intent', 'what was signed is something else than the record says');
  const { authoriser, line, environment, target } = intent;
  if (line !== scope.line || environment !== scope.environment || (to !== target && to !== from))
    return tampered('intent', 'it was about another place or version');
  const mine = (trust.intents ?? []).filter(({ iss, sub }) => iss === authoriser.iss && sub === authoriser.sub);
  const signed = verifyEnvelope(opened.value, { ...trust, keys: mine }, at);
  if (!signed.ok) return no('intent', signed.problems[0]?.code ?? 'SIGNATURE_INVALID', signed.problems[0]?.detail ?? '');
  return yes('intent', `signed by ${authoriser.sub} with a key that you trust for it`);
}
