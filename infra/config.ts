// The file that says what is deployed. All that is wrong with it is told at once, each with its pointer; nothing is asked of AWS.
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';
import { parseBytes } from '../functions/domain/parse.ts';
import type { Result } from '../functions/domain/result.ts';
import { Name } from '../functions/domain/text.ts';

/** AI Act, Art. 18: ten years for what is high risk. Where model risk says that no line is, seven (docs/aws.md). */
const FLOOR_YEARS = { highRisk: 10, other: 7 };
/** Lambda takes 4 KB of environment in all. This is left for COUNTERSIGN_CONFIG and the lists of keys. */
const ROOM = 2500;
const LONGEST_KEY_ARN = 80;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const isLoopback = (url: string): boolean => URL.canParse(url) && LOOPBACK.has(new URL(url).hostname);
const isWeb = (url: string): boolean =>
  URL.canParse(url) && (new URL(url).protocol === 'https:' || (new URL(url).protocol === 'http:' && isLoopback(url)));
const WebUrl = z.string().refine(isWeb, 'an https address; http only on loopback');

const retentionDays = Object.values(RetentionDays).filter((days): days is RetentionDays => typeof days === 'number');
const arn = (service: string, rest: RegExp) =>
  z.string().regex(new RegExp(`^arn:[a-z-]+:${service}:[a-z0-9-]*:\\d{12}:${rest.source}$`), `expected the ARN of ${service}`);

/** A gate that asks for less or more than its class does. */
const Gate = z.strictObject({
  proof: z.enum(['index', 'inclusion', 'witnessed']).optional(),
  humanSignature: z.enum(['required', 'optional']).optional(),
  /** How many of `witnesses` must have cosigned; absent: one, where there are any. */
  requiredWitnesses: z.int().min(1).optional(),
});

const VKEY = /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/;

/** A witness of somebody else's log, in an account of its own: `<name>-witness`. */
const Witness = z.strictObject({
  /** Name in its note key: who cosigns. */
  name: z.string().regex(/^[^\s+]+$/, 'no spaces and no plus sign'),
  account: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  /** The logs it may cosign, as vkeys; `GET /log/keys` of the deployed log names its own. */
  logs: z.array(z.string().regex(VKEY, 'expected a vkey')).min(1).max(5),
  alarmTopic: arn('sns', /[A-Za-z0-9_-]+/).optional(),
});

export const Config = z
  .strictObject({
    schema: z.literal('aws/v0'),
    /** Stacks are named after it, so that two deployments fit one account. */
    name: z.string().regex(/^[a-z][a-z0-9-]{1,30}$/, 'small letters, digits and dashes'),
    class: z.enum(['prod', 'dev']),
    account: z
      .string()
      .regex(/^\d{12}$/, 'twelve digits')
      .optional(),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'such as eu-central-1')
      .optional(),
    organisation: z.string().min(1).max(200),
    retentionOwner: z.string().min(1).max(200),
    retention: z.strictObject({
      years: z.int().min(1).max(99),
      /** May any line be high risk? Yes until somebody answers for the opposite. */
      highRiskLines: z.boolean().default(true),
    }),
    issuer: z.strictObject({
      url: WebUrl,
      audience: z.string().min(1),
      rolesClaim: z.string().min(1),
      clientId: z.string().min(1),
    }),
    /** Name in Secrets Manager of `{"clientSecret": …}`, made before the first deploy. */
    clientSecretName: z.string().regex(/^[A-Za-z0-9/_+=.@-]{1,200}$/),
    /**
     * Generations of each key. One more makes a new key beside the others; `rotate` then puts it into use (docs/aws.md). What an older
     * one signed verifies for ever, so the number never falls.
     */
    keys: z.strictObject({ seal: z.int().min(1).max(9), log: z.int().min(1).max(9) }).default({ seal: 1, log: 1 }),
    logOrigin: z.string().regex(/^[^\s+]{1,200}$/, 'no spaces and no plus sign: it is the first line of every checkpoint'),
    logRetentionDays: z.int().refine((days) => retentionDays.includes(days), `one of ${retentionDays.join(', ')}`),
    baseUrl: WebUrl.optional(),
    gates: z.record(Name, Gate).optional(),
    /** Public keys (PEM, P-256) of those who release policies; without one only the first policy is ever in force. */
    releaseKeys: z
      .array(
        z
          .string()
          .regex(/^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$/, 'expected a public key in PEM'),
      )
      .max(4)
      .optional(),
    /** Asked to cosign each tree of the log, and believed by the gates. */
    witnesses: z.array(z.strictObject({ url: WebUrl, vkey: z.string().regex(VKEY, 'expected a vkey') })).optional(),
    /** Who is called: a topic that is there, or an address for a topic of our own. */
    alarmTopic: arn('sns', /[A-Za-z0-9_-]+/).optional(),
    alarmEmail: z.email().optional(),
    /** The one role that may schedule a key's deletion or change the vault's lock. Without it: nobody. */
    breakGlassRole: arn('iam', /role\/[A-Za-z0-9+=,.@_/-]+/).optional(),
    witness: Witness.optional(),
  })
  .superRefine((config, context) => {
    const wrong = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (config.alarmTopic !== undefined && config.alarmEmail !== undefined)
      wrong(['alarmEmail'], 'either a topic that is there or an address for a new one');
    const told = JSON.stringify(functionConfigOf(config)).length + (config.keys.seal + config.keys.log) * LONGEST_KEY_ARN;
    if (told > ROOM)
      wrong([], `what the functions are told would not fit their environment: ${told} characters, and ${ROOM} do`);
    if (config.class !== 'prod') return;
    const floor = config.retention.highRiskLines ? FLOOR_YEARS.highRisk : FLOOR_YEARS.other;
    if (config.retention.years < floor)
      wrong(['retention', 'years'], `at least ${floor} in production: evidence outlives the model`);
    if (isLoopback(config.issuer.url)) wrong(['issuer', 'url'], 'no loopback in production: nobody else could sign in');
    if (config.alarmTopic === undefined && config.alarmEmail === undefined)
      wrong(['alarmTopic'], 'production calls somebody: name alarmTopic or alarmEmail');
  });
export type Config = z.infer<typeof Config>;

export const readConfig = (bytes: Uint8Array): Result<Config> => parseBytes(Config, bytes);

/** What the functions are told (COUNTERSIGN_CONFIG). */
export const functionConfigOf = ({ organisation, retentionOwner, issuer, baseUrl, gates, witnesses, releaseKeys }: Config) => ({
  organisation,
  retentionOwner,
  issuer,
  ...(baseUrl === undefined ? {} : { baseUrl }),
  ...(gates === undefined ? {} : { gates }),
  ...(witnesses === undefined ? {} : { witnesses }),
  ...(releaseKeys === undefined ? {} : { releaseKeys }),
});

/** The longest that so many years can be, leap days counted: S3 counts days. */
export const retentionDaysOf = ({ retention }: Config): number => Math.ceil(retention.years * 365.25);
