// What is not for the environment: the console's client secret, and the registries with theirs. One secret, read at the first call.
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { secretsClient } from '../adapters/aws/clients.ts';
import { asking } from '../adapters/aws/fault.ts';
import { createOidcIdentity } from '../adapters/local/oidc-identity.ts';
import { serviceToken } from '../adapters/local/service-token.ts';
import { connectionsOf, Registries } from '../adapters/registries/config.ts';
import { sameJson } from '../domain/canonical.ts';
import { InfrastructureError, storyOf } from '../domain/errors.ts';
import type { Clock, Identified, Identity } from '../ports.ts';
import type { RegistryWorld } from '../registries/world.ts';
import type { Connections } from '../registry.ts';
import type { Settings, Told } from './env.ts';
import { type Kept, kept, logLine, steady } from './stage.ts';
import type { AwsWorld } from './world.ts';

/** None of the functions has a right over a bucket but the vault's, so such a registry would only fail, each minute. */
const NO_BUCKET = 'of kind s3: connect it to `countersign serve`, or put MLflow before it; no function may read another bucket';

const Secret = z.strictObject({ clientSecret: z.string().min(1), registries: Registries.optional() });
export type Secret = z.infer<typeof Secret>;

/** A secret may be rotated, and a container may live for hours. */
const SECRET_MS = 10 * 60_000;

export const keptSecret = (told: Told): Kept<Secret> =>
  kept(
    steady(
      () => readSecret(told),
      sameJson,
      (error) => logLine({ level: 'warning', event: 'secret', error: storyOf(error) }),
    ),
    SECRET_MS,
  );

async function readSecret(told: Told): Promise<Secret> {
  const SecretId = told('COUNTERSIGN_SECRET');
  const { SecretString } = await asking('read the secret', () => secretsClient().send(new GetSecretValueCommand({ SecretId })));
  const parsed = Secret.safeParse(jsonIn(SecretString ?? ''));
  const bucket = parsed.data?.registries?.registries.findIndex(({ kind }) => kind === 's3') ?? -1;
  if (bucket >= 0)
    throw new InfrastructureError(`the secret does not read: /registries/registries/${bucket} is ${NO_BUCKET}`, {
      retryable: false,
    });
  if (parsed.success) return parsed.data;
  // Where, and never what: it is a secret.
  const where = parsed.error.issues.map(({ path, message }) => `/${path.join('/')} ${message}`).join('; ');
  throw new InfrastructureError(`the secret does not read: ${where}`, { retryable: false });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Bearer tokens of the API: `aud` is the API's name. */
export const apiIdentity = ({ issuer }: Settings, clock: Clock): Identity =>
  createOidcIdentity([trustedAt(issuer, issuer.audience)], clock);

/** ID tokens of the console: `aud` is its client id. */
export const peopleIdentity = ({ issuer }: Settings, clock: Clock): Identity =>
  createOidcIdentity([trustedAt(issuer, issuer.clientId)], clock);

const trustedAt = ({ url, rolesClaim }: Settings['issuer'], audience: string) => ({ issuer: url, audience, rolesClaim });

/** Undefined where no registry is connected. */
export function registryWorld(world: AwsWorld, { registries }: Pick<Secret, 'registries'>): RegistryWorld | undefined {
  if (registries === undefined) return undefined;
  const connections: Connections = connectionsOf(registries);
  const identity = apiIdentity(world.settings, world.clock);
  const { clientId, clientSecret } = registries.announcer;
  const announcer = async (): Promise<Identified> => {
    const { url } = world.settings.issuer;
    const token = await serviceToken(url, clientId, clientSecret).catch((cause) => {
      throw new InfrastructureError(`${clientId} could not sign in at ${url}`, { retryable: true, cause });
    });
    const known = await identity.verify(token);
    if (known.ok) return known.value;
    throw new InfrastructureError(`the token of ${clientId} does not verify`, { retryable: true });
  };
  return { ...world, connections, announcer };
}
