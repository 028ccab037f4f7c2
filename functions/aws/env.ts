// What a function is told by its environment. Names are set by infra/ and read here only; all that is wrong is said at once.
import { z } from 'zod';
import { HealthLimits } from '../domain/health.ts';

const Issuer = z.strictObject({
  url: z.url(),
  audience: z.string().min(1),
  rolesClaim: z.string().min(1),
  clientId: z.string().min(1),
});

/** An operator's own words for one gate, over what is derived from the keys of this deployment. */
const Gate = z.strictObject({
  proof: z.enum(['index', 'inclusion', 'witnessed']).optional(),
  humanSignature: z.enum(['required', 'optional']).optional(),
  /** How many of the witnesses below must have cosigned; absent: one, where there are any. */
  requiredWitnesses: z.int().min(1).optional(),
});

export const Settings = z.object({
  organisation: z.string().min(1),
  retentionOwner: z.string().min(1),
  issuer: Issuer,
  /** Where people reach the console; absent: the address that the HTTP API answers at. */
  baseUrl: z.url().optional(),
  gates: z.record(z.string(), Gate).optional(),
  /** Asked to cosign each tree, and believed by the gates. */
  witnesses: z.array(z.strictObject({ url: z.url(), vkey: z.string().min(1) })).optional(),
  /** Public keys (PEM, P-256) of those who release policies; without one no other policy than the first comes into force. */
  releaseKeys: z.array(z.string().startsWith('-----BEGIN PUBLIC KEY-----')).optional(),
  health: HealthLimits.optional(),
});
export type Settings = z.infer<typeof Settings>;

const json = z.string().transform((text, ctx) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    ctx.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const Env = z.object({
  COUNTERSIGN_TABLE: z.string().min(1).optional(),
  COUNTERSIGN_PRIVATE_TABLE: z.string().min(1).optional(),
  COUNTERSIGN_BUCKET: z.string().min(1).optional(),
  COUNTERSIGN_SEAL_KEY: z.string().min(1).optional(),
  COUNTERSIGN_LOG_KEY: z.string().min(1).optional(),
  COUNTERSIGN_LOG_ORIGIN: z.string().min(1).optional(),
  COUNTERSIGN_CLASS: z.enum(['dev', 'prod']).optional(),
  COUNTERSIGN_CONFIG: json.pipe(Settings).optional(),
  COUNTERSIGN_SECRET: z.string().min(1).optional(),
  COUNTERSIGN_WAKE_QUEUE: z.string().min(1).optional(),
  COUNTERSIGN_LOG_QUEUE: z.string().min(1).optional(),
  COUNTERSIGN_SEALER: z.string().min(1).optional(),
  COUNTERSIGN_MACHINE: z.string().min(1).optional(),
  COUNTERSIGN_BUS: z.string().min(1).optional(),
  COUNTERSIGN_S3_PATH_STYLE: z.literal('1').optional(),
});
type Env = z.infer<typeof Env>;

/** Each function is given only what it needs, so each says what that is; what is missing throws at its first use. */
export type Told = <K extends keyof Env>(name: K) => NonNullable<Env[K]>;

export type Environment = { readonly told: Told; readonly has: (name: keyof Env) => boolean };

export function toldBy(environment: Readonly<Record<string, string | undefined>>): Environment {
  const env = Env.safeParse(environment);
  if (!env.success)
    throw new Error(
      `this function is configured wrongly: ${env.error.issues.map((one) => `${one.path.join('.')} ${one.message}`).join('; ')}`,
    );
  const { data } = env;
  return {
    told: (name) => {
      const value = data[name];
      if (value === undefined) throw new Error(`this function is configured wrongly: ${name} is not set`);
      return value as NonNullable<typeof value>;
    },
    has: (name) => data[name] !== undefined,
  };
}
