import type { EventHash } from '../digest.ts';
import { parseBytes } from '../parse.ts';
import { PromotionRequest, requestIdOf } from '../request.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { envelopeKey, type Read } from '../vault-keys.ts';
import { openEnvelope } from './envelope.ts';
import { isAbsent, type Promotion, parseStatement } from './statement.ts';
import { bytesOf, firstFault, tampered } from './verify-fields.ts';
import { verifyProven } from './verify-proven.ts';

/**
 * What the candidate was compared with: each baseline is an approved promotion of the same head, signed by a key of the same
 * trust, and the bytes that the comparison read of it are those that it sealed. Its own votes and screens are its own matter.
 */
export async function checkBaselines(promotion: Promotion, trust: Trust, read: Read): Promise<Check> {
  const { incumbent, lastHumanApproved } = promotion.lineage;
  const hashes = [...new Set([incumbent, lastHumanApproved].filter((hash) => hash !== null))];
  if (hashes.length === 0) return yes('baselines', 'none: the first of its line, or none was named');
  for (const hash of hashes) {
    const fault = await faultOf(hash, promotion, trust, read);
    if (typeof fault === 'string') return tampered('baselines', fault);
    if (fault !== undefined) return fault;
  }
  return yes('baselines', `${hashes.length} sealed earlier for this line, signed by a trusted key, bytes unchanged`);
}

async function faultOf(hash: EventHash, by: Promotion, trust: Trust, read: Read): Promise<Check | string | undefined> {
  const what = `the event ${hash.slice(0, 19)}… it was compared with`;
  const bytes = await read(envelopeKey(hash, 'approved'));
  if (bytes === undefined) return `${what} is not here`;
  const opened = openEnvelope(bytes);
  if (!opened.ok || opened.value.hash !== hash) return `${what} was changed`;
  const parsed = parseStatement(opened.value.payload);
  const predicate = parsed.ok ? parsed.value.predicate : undefined;
  if (predicate?.kind !== 'promotion' || predicate.outcome !== 'approved' || isAbsent(predicate.request))
    return `${what} is no approved promotion`;
  const signed = await verifyProven({ bytes, opened: opened.value }, trust, predicate.times.decidedAt, read);
  const [unsigned] = signed.ok ? [] : signed.problems;
  if (unsigned) return no('baselines', unsigned.code, `${what}: ${unsigned.detail}`);
  const { scope, routing, model } = predicate;
  if (scope.line !== by.scope.line || scope.environment !== by.scope.environment) return `${what} is of another line`;
  if (hash === by.lineage.lastHumanApproved && !isAbsent(routing) && routing.path === 'automated')
    return `${what} as approved by people was approved by policy`;
  const { challenger } = by;
  const against = isAbsent(challenger) || challenger.against.kind !== 'incumbent' ? undefined : challenger.against;
  // What was refused may have said otherwise, and was refused for it.
  if (by.outcome === 'approved' && against?.event === hash && (isAbsent(model) || against.root !== model.root))
    return `${what} sealed another model than is said here`;
  return faultOfBytes(predicate, what, read);
}

async function faultOfBytes({ request, requestId }: Promotion, what: string, read: Read): Promise<string | undefined> {
  if (isAbsent(request)) return `${what} has no request`;
  const bytes = await bytesOf(read, request.payload, `the request of ${what}`);
  if (typeof bytes === 'string') return bytes;
  const parsed = parseBytes(PromotionRequest, bytes);
  if (!parsed.ok || requestIdOf(parsed.value) !== requestId) return `the request of ${what} is not the one its id names`;
  const { profiles, predictions } = parsed.value;
  return firstFault(read, [
    ...profiles.map((digest) => ({ digest, what: `a population profile of ${what}` })),
    ...(predictions === undefined ? [] : [{ digest: predictions, what: `the predictions of ${what}` }]),
  ]);
}
