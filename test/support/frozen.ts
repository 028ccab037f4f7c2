// A store whose health is watched, over notes in memory, and people who may sign an intent.
import { generateKeyPairSync, sign } from 'node:crypto';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { keyIdOf } from '../../functions/domain/crypto.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../../functions/domain/event/envelope.ts';
import { HealthLimits } from '../../functions/domain/health.ts';
import { INTENT_TYPE, type Intent } from '../../functions/domain/intent.ts';
import type { Trust } from '../../functions/domain/trust.ts';
import { type Warden, wardenOf } from '../../functions/health.ts';
import type { Spool } from '../../functions/ports.ts';
import { PLACE } from './brakes.ts';
import { trustIn } from './evidence.ts';
import { ISSUER, type TestWorld } from './world.ts';

export const MINUTE = 60_000;

export type Watched<W extends TestWorld> = W & {
  readonly health: Warden;
  readonly lines: unknown[];
  readonly gates: ReadonlyMap<string, Trust>;
};

const memorySpool = (lines: unknown[] = []): Spool => ({
  append: async (line) => void lines.push(JSON.parse(JSON.stringify(line))),
  read: async () => lines,
});

export function watched<W extends TestWorld>(world: W, lines: unknown[] = []): Watched<W> {
  const gates = new Map([[PLACE.environment, trustIn(world, { intents: [SIGNER] })]]);
  return Object.assign(world, { lines, gates, health: wardenOf(memorySpool(lines), HealthLimits.parse({}), MINUTE) });
}

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const keyid = keyIdOf(spki);

/** Trust in one person's key. */
export const SIGNER = { keyid, spki, class: 'dev' as const, iss: ISSUER, sub: 'person-on-call' };

export function intentFor(world: TestWorld, target: EventHash, more: Partial<Intent> = {}): Uint8Array {
  const authoriser = { kind: 'person' as const, iss: ISSUER, sub: SIGNER.sub };
  const reason = 'Payments stand still and this version is known to work.';
  const intent = { schema: 'deploy-intent/v0', ...PLACE, target, reason, authoriser, at: world.clock.now(), ...more };
  const payload = canonicalBytes(intent);
  const signature = new Uint8Array(sign('sha256', preAuthEncoding(payload, INTENT_TYPE), pair.privateKey));
  return envelopeBytes(payload, keyid, signature, INTENT_TYPE);
}
