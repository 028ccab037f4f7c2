import { z } from 'zod';
import { sha256Hex } from './crypto.ts';

const looksLikeLink = (text: unknown): boolean => typeof text === 'string' && /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/** A string that names bytes. A link in its place is the commonest mistake (R19), so it has its own code. */
const digestText = <B extends string>() =>
  z
    .string()
    .superRefine((text, ctx) => {
      if (/^sha256:[0-9a-f]{64}$/.test(text)) return;
      const link = looksLikeLink(text);
      ctx.addIssue({
        code: 'custom',
        message: link
          ? 'a link is not evidence: send the digest of the bytes and upload them'
          : 'expected sha256: and 64 lower-case hex digits',
        params: { code: link ? 'LINK_IS_NOT_EVIDENCE' : 'INVALID_VALUE' },
      });
    })
    .brand<B>();

/** `sha256:<64 hex>`. Raw hex appears only in object keys and in-toto digest sets. */
export const Digest = digestText<'Digest'>().meta({ examples: [`sha256:${'0'.repeat(64)}`] });
export type Digest = z.infer<typeof Digest>;

/** SHA-256 of an event's payload bytes, never of its envelope: ECDSA signatures differ on each retry. */
export const EventHash = digestText<'EventHash'>();
export type EventHash = z.infer<typeof EventHash>;

export const digestOf = (bytes: Uint8Array | string): Digest => `sha256:${sha256Hex(bytes)}` as Digest;

export const eventHashOf = (payload: Uint8Array): EventHash => `sha256:${sha256Hex(payload)}` as EventHash;

export const hexOf = (digest: Digest | EventHash): string => digest.slice('sha256:'.length);

export const digestFromHex = (hex: string): Digest => Digest.parse(`sha256:${hex}`);
