import { sameJson } from '../canonical.ts';
import type { IntentTransition } from '../freeze.ts';
import { openIntent, signedBy } from '../intent.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { tampered } from './verify-fields.ts';

/** The signed word itself, by a key that the reader's trust gives to that very person. */
export function checkIntent({ intent, envelope, scope, to, from, at }: IntentTransition, trust: Trust): Check {
  const read = openIntent(Buffer.from(envelope, 'base64'));
  const same = read.ok && sameJson(read.value.intent, intent) && at === intent.at;
  if (!read.ok || !same) return tampered('intent', 'what was signed is something else than the record says');
  const { authoriser, line, environment, target } = intent;
  if (line !== scope.line || environment !== scope.environment || (to !== target && to !== from))
    return tampered('intent', 'it was about another place or version');
  const signed = signedBy(read.value, trust);
  if (!signed.ok) return no('intent', signed.problems[0]?.code ?? 'SIGNATURE_INVALID', signed.problems[0]?.detail ?? '');
  return yes('intent', `signed by ${authoriser.sub} with a key that you trust for it`);
}
