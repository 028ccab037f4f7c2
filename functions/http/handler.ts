// The HTTP API as one function: the same app as the local server.
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { s3Client } from '../adapters/aws/clients.ts';
import { s3Direct } from '../adapters/aws/s3-direct.ts';
import { createOidcClient } from '../adapters/local/oidc-client.ts';
import { toldBy } from '../aws/env.ts';
import { gatesOf } from '../aws/gates.ts';
import { apiIdentity, peopleIdentity, readSecret, registryWorld } from '../aws/registries.ts';
import { kept, logLine } from '../aws/stage.ts';
import { openedFor } from '../aws/task.ts';
import { type AwsWorld, random } from '../aws/world.ts';
import { registeredBy } from '../registries/registered.ts';
import { createApp } from './app.ts';
import { createSessions } from './session.ts';

const env = toldBy(process.env);
const open = openedFor({ sealer: true });
const secret = kept(() => readSecret(env.told));

type Served = { readonly app: Hono; readonly world: AwsWorld; readonly host: string; readonly begun: boolean };
let served: Served | undefined;

export const handler = async (event: APIGatewayProxyEventV2, context: Context): Promise<unknown> => {
  served = served?.begun ? served : await serve(`https://${event.requestContext.domainName}`);
  const { app, world, host } = served;
  // Behind a domain of one's own the API is called by another name; people and forms know only the one they use.
  const asked = { ...event, requestContext: { ...event.requestContext, domainName: host } };
  const answer = await handle(app)(asked as unknown as LambdaEvent, context as never);
  // What was woken must be sent before this process is stopped.
  await world.workflow.idle();
  return answer;
};

/** `address`: said by the API itself, never by who calls. */
async function serve(address: string): Promise<Served> {
  const world = await open();
  const { settings, clock } = world;
  const baseUrl = settings.baseUrl ?? address;
  const { clientSecret, registries } = await secret();
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
  // Before the start no gate is known; after it the next call looks again.
  return { app, world, host: new URL(baseUrl).host, begun: gates.size > 0 };
}
