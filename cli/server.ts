// `countersign serve`: the same app as anywhere, on this machine's loopback, with the rows driven in process.

import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { InlineWorkflow } from '../functions/adapters/local/inline-workflow.ts';
import { createOidcClient } from '../functions/adapters/local/oidc-client.ts';
import { createOidcIdentity } from '../functions/adapters/local/oidc-identity.ts';
import { createProvider, generateProviderKey } from '../functions/adapters/local/openid-provider.ts';
import { accountsOf, SAMPLE_PEOPLE, SAMPLE_SERVICES } from '../functions/adapters/local/sample-people.ts';
import { storyOf } from '../functions/domain/errors.ts';
import { ActivationRow, keys } from '../functions/domain/rows.ts';
import { drive, sweep } from '../functions/drive.ts';
import type { Warden } from '../functions/health.ts';
import { createApp, type LogEntry } from '../functions/http/app.ts';
import { createSessions } from '../functions/http/session.ts';
import { queueUnlogged, refuseOlderIndex } from '../functions/log/recover.ts';
import type { DriveWorld } from '../functions/packs.ts';
import { packsFrom } from '../functions/packs.ts';
import { watch } from '../functions/thaw.ts';
import {
  type Config,
  openStores,
  openWarden,
  paths,
  random,
  readConfig,
  readGates,
  readReleaseTrust,
  type Stores,
  TICK_MS,
  UsageError,
} from './embedded.ts';
import { listen } from './listen.ts';
import { connecting } from './registries.ts';
import { openShadow } from './shadow.ts';
import { witnessing } from './witnesses.ts';

export type ServeOptions = {
  readonly data: string;
  readonly demo: boolean;
  readonly log: (entry: LogEntry) => void;
  /** A candidate pack that decides beside the active one; nothing of it is sealed. */
  readonly shadow?: string | undefined;
};
export type Running = { readonly baseUrl: string; readonly stop: () => Promise<void>; readonly idle: () => Promise<void> };

/** `wrap` is for tests that put faults between the stages and their stores; the product passes nothing. */
export async function startServer(
  options: ServeOptions,
  wrap: (stores: Stores) => Stores = (stores) => stores,
): Promise<Running> {
  const { data, log } = options;
  const config = await readConfig(data);
  const stores = wrap(await openStores(data));
  const packs = packsFrom(stores.vault);
  let sealedAt = stores.clock.now();
  let suspect = false;
  const witnesses = await witnessing(data, stores, log);
  const workflow: InlineWorkflow = new InlineWorkflow(
    async (id) => {
      if ((await drive(world, id)) === 'sealed') sealedAt = stores.clock.now();
      witnesses.ask();
      registries.ask(false);
    },
    (id, error) => {
      suspect = true;
      log({ level: 'error', event: 'drive', request: id, error: storyOf(error) });
    },
  );
  const shadow = options.shadow === undefined ? undefined : await openShadow(options.shadow, log);
  const health = openWarden(data, config);
  const world: DriveWorld & { health: Warden } = { ...stores, workflow, packs, health, ...(shadow ? { shadow } : {}) };
  const environments = await environmentsOf(world);
  // An index of another day would let this server sign a second history, and its heads are as old: it does not start.
  await refuseOlderIndex(world);
  const api = createOidcIdentity([issuerFor(config, config.issuer.audience)], stores.clock);
  const registries = await connecting(data, { world, erasable: stores.erasable, identity: api, config }, log);
  const gates = await readGates(data, environments);
  const people = createOidcIdentity([issuerFor(config, config.issuer.clientId)], stores.clock);
  const releases = await readReleaseTrust(data);
  const { baseUrl } = config;
  const app = createApp({
    ...world,
    erasable: stores.erasable,
    identity: api,
    gates,
    ...(releases ? { releases } : {}),
    connections: registries.connections,
    ...(registries.registered ? { registered: registries.registered } : {}),
    heard: () => registries.ask(false),
    baseUrl,
    random,
    providerOrigin: new URL(config.issuer.url).origin,
    sessions: createSessions({ baseUrl, clock: stores.clock, random }),
    people: { client: createOidcClient(clientFor(config)), identity: people },
    log,
    milliseconds: () => performance.now(),
  });
  const provider = options.demo ? await sampleProvider(data, config, stores, log) : undefined;
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((req, res) => {
    if (provider && req.url?.startsWith('/idp/')) provider(req, res);
    else void listener(req, res);
  });
  await listen(server, new URL(baseUrl));
  // What cannot be finished now is told and tried again: a server that does not start answers no gate either.
  const look = async () => {
    await sweep(world).catch((error) => {
      suspect = true;
      log({ level: 'error', event: 'sweep', error: String(error) });
    });
    sealedAt = await watch({ ...world, gates }, sealedAt, suspect).catch((error) => {
      log({ level: 'error', event: 'health', error: String(error) });
      return sealedAt;
    });
    suspect = false;
    witnesses.ask();
    registries.ask(true);
  };
  await queueUnlogged(world).catch((error) => void log({ level: 'error', event: 'log', error: String(error) }));
  await look();
  const tick = setInterval(() => void look(), TICK_MS);
  return {
    baseUrl,
    idle: () => workflow.idle(),
    stop: async () => {
      clearInterval(tick);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      await workflow.idle();
      await witnesses.idle();
      await registries.idle();
      stores.close();
    },
  };
}

async function environmentsOf(world: DriveWorld): Promise<string[]> {
  const active = await world.index.get(keys.activation);
  if (active === undefined) throw new UsageError('no policy is active in this folder: run `countersign init` first');
  const pack = await world.packs.load(ActivationRow.parse(active.body).pack);
  return [...new Set([...pack.lines.values()].flatMap((line) => line.environments.map(({ name }) => name)))];
}

const issuerFor = ({ issuer }: Config, audience: string) => ({
  issuer: issuer.url,
  audience,
  rolesClaim: issuer.rolesClaim,
});

const clientFor = ({ baseUrl, issuer }: Config) => ({
  issuer: issuer.url,
  clientId: issuer.clientId,
  secret: issuer.clientSecret,
  redirectUri: `${baseUrl}/callback`,
  afterSignOut: `${baseUrl}/sign-in`,
});

/** The local OpenID provider with its sample people: for trying out, never without `--demo`. */
async function sampleProvider(data: string, config: Config, stores: Stores, log: ServeOptions['log']) {
  if (config.issuer.url !== `${config.baseUrl}/idp`)
    throw new UsageError(`--demo serves its own people, but this folder trusts ${config.issuer.url}`);
  const file = paths(data).provider;
  const stored = await readFile(file, 'utf8').catch(() => undefined);
  const keysOfProvider =
    stored === undefined ? { signing: await generateProviderKey(), cookies: [random()] } : JSON.parse(stored);
  if (stored === undefined) await writeFile(file, JSON.stringify(keysOfProvider), { mode: 0o600, flush: true });
  const provider = createProvider({
    issuer: config.issuer.url,
    people: await accountsOf(SAMPLE_PEOPLE),
    services: SAMPLE_SERVICES,
    keys: keysOfProvider,
    console: {
      secret: config.issuer.clientSecret,
      redirectUris: [`${config.baseUrl}/callback`],
      postLogoutRedirectUris: [`${config.baseUrl}/sign-in`],
    },
    clock: stores.clock,
    onFault: (error) => log({ level: 'error', event: 'provider', error: String(error) }),
  });
  return provider.callback;
}
