// The HTTP API as one function: the same app as the local server.
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { s3Client } from '../adapters/aws/clients.ts';
import { s3Direct } from '../adapters/aws/s3-direct.ts';
import { createOidcClient } from '../adapters/local/oidc-client.ts';
import { toldBy } from '../aws/env.ts';
import { gatesOf, releasesOf } from '../aws/gates.ts';
import { apiIdentity, keptSecret, peopleIdentity, registryWorld, type Secret } from '../aws/registries.ts';
import { logLine } from '../aws/stage.ts';
import { openedFor } from '../aws/task.ts';
import { type AwsWorld, openHealth, random } from '../aws/world.ts';
import { entryOf, InfrastructureError, storyOf } from '../domain/errors.ts';
import type { Problem } from '../domain/result.ts';
import { keys } from '../domain/rows.ts';
import { frozenProblem } from '../health.ts';
import { registeredBy } from '../registries/registered.ts';
import { createApp } from './app.ts';
import { problemOfError } from './problem.ts';
import { createSessions } from './session.ts';

const env = toldBy(process.env);
const open = openedFor({ sealer: true });
const secret = keptSecret(env.told);

type Served = {
  readonly app: Hono;
  readonly world: AwsWorld;
  readonly host: string;
  readonly policy: number | undefined;
  readonly secret: Secret;
};
let served: Served | undefined;

export const handler = async (event: APIGatewayProxyEventV2, context: Context): Promise<unknown> => {
  let now: Served;
  try {
    now = await serving(`https://${event.requestContext.domainName}`);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    logLine({ level: 'error', event: 'open', error: storyOf(error) });
    return unanswered(await frozenProblem({ health: openHealth(env.told) }).catch(() => undefined));
  }
  const { app, world, host } = now;
  // Behind a domain of one's own the API is called by another name; people and forms know only the one they use.
  const asked = { ...event, requestContext: { ...event.requestContext, domainName: host } };
  const answer = await handle(app)(asked as unknown as LambdaEvent, context as never);
  // What was woken must be sent before this process is stopped.
  await world.workflow.idle();
  return answer;
};

/** Another app after a change of keys, of the secret, or of the policy, whose environments it guards; before the start none is kept. */
async function serving(address: string): Promise<Served> {
  const world = await open();
  const policy = (await world.index.get(keys.activation))?.revision;
  const read = await secret();
  const same = served?.world === world && served.policy === policy && served.secret === read;
  if (served === undefined || policy === undefined || !same) served = await serve(world, policy, read, address);
  return served;
}

/** The store does not open, so there is no app to answer: every gate reads this as a no. */
function unanswered(frozen: Problem | undefined): APIGatewayProxyStructuredResultV2 {
  const { code, detail } = frozen ?? problemOfError(new InfrastructureError('', { retryable: true }));
  const { status, title, remedy } = entryOf(code);
  const body = { type: `https://countersign.dev/errors#${code}`, title, status, detail, remedy, code, problems: [] };
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  return { statusCode: status, headers, body: JSON.stringify(body) };
}

/** `address`: said by the API itself, never by who calls. */
async function serve(world: AwsWorld, policy: number | undefined, read: Secret, address: string): Promise<Served> {
  const { settings, clock } = world;
  const baseUrl = settings.baseUrl ?? address;
  const { clientSecret, registries } = read;
  const connected = registryWorld(world, { registries });
  const gates = await gatesOf(world);
  const { url, clientId } = settings.issuer;
  const client = createOidcClient({
    issuer: url,
    clientId,
    secret: clientSecret,
    redirectUri: `${baseUrl}/callback`,
    afterSignOut: `${baseUrl}/sign-in`,
  });
  const app = createApp({
    ...world,
    identity: apiIdentity(settings, clock),
    gates,
    releases: await releasesOf(world),
    direct: s3Direct(s3Client({}, env.has('COUNTERSIGN_S3_PATH_STYLE')), env.told('COUNTERSIGN_BUCKET')),
    ...(connected ? { connections: connected.connections, registered: registeredBy(connected.connections, clock) } : {}),
    baseUrl,
    random,
    providerOrigin: new URL(url).origin,
    sessions: createSessions({ baseUrl, clock, random, store: world.sessions }),
    people: { client, identity: peopleIdentity(settings, clock) },
    log: logLine,
    milliseconds: () => performance.now(),
  });
  return { app, world, host: new URL(baseUrl).host, policy, secret: read };
}
