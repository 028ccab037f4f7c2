// What an auditor holds of one event, and the same event said otherwise under the same signature: a signer that went wrong.

import { readEvent } from '../../functions/baseline.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { type EventHash, eventHashOf } from '../../functions/domain/digest.ts';
import type { Dossier } from '../../functions/domain/dossier.ts';
import { envelopeBytes, preAuthEncoding } from '../../functions/domain/event/envelope.ts';
import { type Promotion, type Statement, statementOf } from '../../functions/domain/event/statement.ts';
import type { Check, Trust } from '../../functions/domain/trust.ts';
import { exportKeys } from '../../functions/export.ts';
import type { Signer } from '../../functions/ports.ts';
import { ISSUER, type TestWorld } from './world.ts';

export type TestEvidence = {
  readonly event: EventHash;
  readonly key: string;
  readonly files: Map<string, Uint8Array>;
  readonly promotion: Promotion;
};

export const trustIn = (world: TestWorld, more: Partial<Trust> = {}): Trust => ({
  environment: 'sandbox',
  class: 'dev',
  keys: [{ keyid: world.signer.keyid, spki: world.signer.spki, class: 'dev' }],
  issuers: [ISSUER],
  proof: 'index',
  humanSignature: 'optional',
  ...more,
});

/** The exported set of a sealed request. */
export async function evidenceOf(world: TestWorld, dossier: Dossier): Promise<TestEvidence> {
  const event = dossier.seal?.eventHash;
  const stored = event === undefined ? undefined : await readEvent(world, event);
  if (stored === undefined || stored.predicate.kind !== 'promotion') throw new Error('not a sealed promotion');
  const files = new Map<string, Uint8Array>();
  for (const key of await exportKeys(world, stored)) {
    const bytes = await world.vault.get(key);
    if (bytes === undefined) throw new Error(`the vault lacks ${key}`);
    files.set(key, bytes);
  }
  return { event: stored.hash, key: stored.key, files, promotion: stored.predicate };
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** An envelope around a changed copy, signed as it should never be. `shape` changes the statement around it. */
export async function resigned(
  signer: Signer,
  promotion: Promotion,
  change: (promotion: Draft<Promotion>) => void,
  shape: (statement: Draft<Statement>) => void = () => undefined,
): Promise<{ envelope: Uint8Array; event: EventHash }> {
  const changed = structuredClone(promotion);
  change(changed);
  const statement = structuredClone(statementOf(changed));
  shape(statement);
  const payload = canonicalBytes(statement);
  const signature = await signer.sign(preAuthEncoding(payload));
  return { envelope: envelopeBytes(payload, signer.keyid, signature), event: eventHashOf(payload) };
}

export const failed = (checks: readonly Check[]): string[] => checks.filter((check) => !check.ok).map((check) => check.name);

/** One bit changed at a position; negative counts from the end. */
export function flippedAt(bytes: Uint8Array, position: number): Uint8Array {
  const copy = bytes.slice();
  const at = position < 0 ? copy.length + position : position;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
