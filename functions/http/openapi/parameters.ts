import { z } from 'zod';
import { Digest, EventHash } from '../../domain/digest.ts';
import { RequestId } from '../../domain/request.ts';
import { Day, Instant, Name } from '../../domain/text.ts';
import { isVaultKey } from '../../domain/vault-keys.ts';
import type { Parameters } from './operation.ts';

const HEX = '7b1a'.repeat(16);
const SHA = `sha256:${HEX}`;

export const place: Parameters = {
  line: { schema: Name, what: 'one model in one decisioning use', example: 'german-credit' },
  environment: { schema: Name, what: 'where it would run', example: 'production' },
};
export const requestId: Parameters = {
  id: { schema: RequestId, what: 'a promotion request', example: 'req-cbg576vc2nithryw4bztogh6mb' },
};
export const eventHash: Parameters = {
  hash: { schema: EventHash, what: 'SHA-256 of the payload of an event, never of its envelope', example: SHA },
};
export const actId: Parameters = { id: { schema: Digest, what: 'a proposal', example: SHA } };
export const blobDigest: Parameters = { digest: { schema: Digest, what: 'SHA-256 of the bytes', example: SHA } };
export const stage: Parameters = {
  line: { schema: Name, what: 'one model in one decisioning use', example: 'german-credit' },
  root: { schema: Digest, what: 'OMS root of the model', example: SHA },
};
export const registry: Parameters = {
  registry: { schema: Name, what: 'a registry that this server is connected with', example: 'mlflow' },
};
export const vaultKey: Parameters = {
  key: { schema: z.string().refine(isVaultKey), what: 'the name of an object; it holds slashes', example: `blobs/${HEX}` },
};
export const tile: Parameters = {
  rest: { schema: z.string(), what: 'level and number as C2SP tlog-tiles writes them; it holds slashes', example: '0/000.p/3' },
};
export const treeSize: Parameters = {
  size: { schema: z.string().regex(/^\d{1,16}$/), what: 'entries of a published tree', example: '3' },
};
export const gatePlace: Parameters = {
  environment: { schema: Name, what: 'where it would run', example: 'production' },
};
export const artefact: Parameters = {
  line: { schema: Name, what: 'the use it will run for', example: 'german-credit' },
  event: { schema: EventHash, what: 'the event that is said to approve it', example: SHA },
  root: { schema: Digest, what: 'OMS root of the bytes to deploy', example: SHA },
  manifest: { schema: Digest, what: 'digest of their OMS manifest, which binds the names', example: SHA },
};
export const asOf: Parameters = {
  'as-of': {
    schema: z.union([Day, Instant]),
    what: 'as it was then; a day is its last moment',
    example: '2026-10-31',
    optional: true,
  },
};
