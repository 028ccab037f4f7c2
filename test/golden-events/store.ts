// Golden events on disk: a list, the trust to verify them with, and the evidence of all of them under its vault keys.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EventHash } from '../../functions/domain/digest.ts';
import { Trust } from '../../functions/domain/trust.ts';
import { isVaultKey, type Read } from '../../functions/domain/vault-keys.ts';

const GOLDEN = join(import.meta.dirname, '..', 'golden', 'events');
export const KEYS = join(GOLDEN, 'keys');
export const LIST = join(GOLDEN, 'events.json');
export const TRUST = join(GOLDEN, 'trust.json');
export const evidenceAt = (key: string): string => join(GOLDEN, 'evidence', ...key.split('/'));

const Listed = z.array(z.strictObject({ name: z.string(), kind: z.string(), event: EventHash }));
export type Listed = z.infer<typeof Listed>;

export const listed = (): Listed => (existsSync(LIST) ? Listed.parse(JSON.parse(readFileSync(LIST, 'utf8'))) : []);

export const goldenTrust = (): Trust => Trust.parse(JSON.parse(readFileSync(TRUST, 'utf8')));

export const readGolden: Read = async (key) => {
  if (!isVaultKey(key)) throw new Error(`not a vault key: ${key}`);
  return existsSync(evidenceAt(key)) ? new Uint8Array(readFileSync(evidenceAt(key))) : undefined;
};
