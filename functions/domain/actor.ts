import { z } from 'zod';
import { sha256Hex } from './crypto.ts';
import { Digest } from './digest.ts';

/** A subject that is a mail address is personal data that could never be erased from the vault: refused. */
const Subject = z
  .string()
  .min(1)
  .max(255)
  .superRefine((text, ctx) => {
    if (/[@\uFE6B\uFF20]/.test(text)) {
      ctx.addIssue({ code: 'custom', message: 'use an opaque subject, not a mail address', params: { code: 'PERSONAL_DATA' } });
    }
  });

/** Issuer and subject: never a display name, never an address (R7). */
export const Actor = z.strictObject({ kind: z.enum(['person', 'service']), iss: z.string().min(1).max(500), sub: Subject });
export type Actor = z.infer<typeof Actor>;

/** How the actor proved who they are, and the roles held at that moment (R7a, R7b). Times are epoch seconds, as in the token. */
export const Auth = z.strictObject({
  acr: z.string().max(200).optional(),
  amr: z.array(z.string().max(100)).max(20).optional(),
  authTime: z.int().optional(),
  aud: z.string().min(1).max(500),
  azp: z.string().min(1).max(500),
  exp: z.int(),
  kid: z.string().min(1).max(200),
  /** Digest of the verifying JWK, kept in the vault. */
  jwk: Digest,
  tokenDigest: Digest,
  roles: z.array(z.string().min(1).max(200)).max(200),
  roleSource: z.string().min(1).max(500),
});
export type Auth = z.infer<typeof Auth>;

export type Principal = { readonly actor: Actor; readonly auth: Auth };

export const sameActor = (a: Actor, b: Actor): boolean => a.iss === b.iss && a.sub === b.sub;

/** A person or service without name or address: the shell around the screen may overlay names, sealed bytes never do. */
export const handleOf = (actor: Pick<Actor, 'iss' | 'sub'>): string => sha256Hex(`${actor.iss}|${actor.sub}`).slice(0, 8);
