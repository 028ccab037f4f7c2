// The inputs that a vault has sealed, one after the other: nothing is held, and nothing is believed before its digest fits.
import { canonicalDigest } from '../domain/canonical.ts';
import { hexOf } from '../domain/digest.ts';
import { openEnvelope } from '../domain/event/envelope.ts';
import { isAbsent, type Promotion, parseStatement } from '../domain/event/statement.ts';
import type { Vault } from '../ports.ts';
import type { Broken, Corpus, Past } from './types.ts';

/** Promotions that ended before routing have no input: they are no part of what a policy decided. */
export async function* sealedInputs(vault: Pick<Vault, 'get' | 'list'>): Corpus {
  for (const prefix of ['events/', 'records/']) {
    for await (const key of vault.list(prefix)) {
      const past = readEnvelope(key, await vault.get(key));
      if (past !== undefined) yield past;
    }
  }
}

function readEnvelope(key: string, bytes: Uint8Array | undefined): Past | Broken | undefined {
  const broken = (why: string): Broken => ({ id: key, broken: why });
  const opened = bytes === undefined ? undefined : openEnvelope(bytes);
  if (!opened?.ok) return broken('the envelope cannot be read');
  const { hash, payload } = opened.value;
  if (key.split('/')[1] !== `${hexOf(hash)}.dsse.json`) return broken('the envelope is stored under the hash of another event');
  const statement = parseStatement(payload);
  if (!statement.ok) return broken(`the statement does not parse: ${statement.problems[0]?.detail ?? ''}`);
  const { predicate } = statement.value;
  return predicate.kind === 'promotion' ? pastOf(hash, predicate, broken) : undefined;
}

function pastOf(id: string, promotion: Promotion, broken: (why: string) => Broken): Past | Broken | undefined {
  const { routing, model, materiality, scope, times } = promotion;
  if (isAbsent(routing)) return undefined;
  if (canonicalDigest(routing.input) !== routing.inputDigest) return broken('the input differs from its sealed digest');
  return {
    id,
    date: times.receivedAt.slice(0, 10),
    model: isAbsent(model) ? promotion.requestId : `${model.name} ${model.version}`,
    tier: isAbsent(materiality) ? 'unknown' : materiality.tier,
    line: scope.line,
    environment: scope.environment,
    input: routing.input,
    inputDigest: routing.inputDigest,
  };
}
