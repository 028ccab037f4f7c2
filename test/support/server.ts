// The real server in this process: a data folder made by `init`, a free port, the local provider with its sample people.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuiltRequest } from '../../cli/build-request.ts';
import { Client } from '../../cli/client.ts';
import { serviceToken } from '../../cli/commands/context.ts';
import { init } from '../../cli/commands/init.ts';
import { build } from '../../cli/commands/plan.ts';
import { type Status, settled } from '../../cli/commands/status.ts';
import { People } from '../../cli/demo/people.ts';
import { freePort } from '../../cli/demo/server-process.ts';
import { signIn } from '../../cli/demo/sign-in.ts';
import { type Running, startServer } from '../../cli/server.ts';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import type { Digest } from '../../functions/domain/digest.ts';
import type { LogEntry } from '../../functions/http/app.ts';
import { EXAMPLE } from './promote.ts';

export type TestServer = {
  readonly data: string;
  readonly baseUrl: string;
  readonly token: string;
  readonly client: Client;
  readonly people: People;
  readonly logs: LogEntry[];
  readonly idle: () => Promise<void>;
  /** As a person's browser; keeps its session for the whole test. */
  readonly as: (person: string) => Promise<Browser>;
  readonly announced: (manifest: string) => Promise<Announced>;
  /** Stops and starts again over the same folder; `meanwhile`: what its operator does in between. */
  readonly restart: (meanwhile?: () => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type Announced = { readonly status: Status; readonly root: Digest; readonly built: BuiltRequest };

/** One request, no redirects followed. */
export type Browser = {
  readonly cookie: string;
  readonly get: Ask;
  readonly post: (path: string, form: Form) => Promise<Response>;
};
type Ask = (path: string, headers?: Record<string, string>) => Promise<Response>;
type Form = Readonly<Record<string, string>>;

export const SERVICE = SAMPLE_SERVICES[0] ?? { clientId: '', secret: '' };

export const serviceEnvironment = (baseUrl: string) => ({
  COUNTERSIGN_SERVER: baseUrl,
  COUNTERSIGN_CLIENT_ID: SERVICE.clientId,
  COUNTERSIGN_CLIENT_SECRET: SERVICE.secret,
});

export async function startTestServer(): Promise<TestServer> {
  const data = await mkdtemp(join(tmpdir(), 'countersign-server-'));
  const baseUrl = `http://127.0.0.1:${await freePort()}`;
  const made = await init({ data, baseUrl, organisation: 'Test Bank', retentionOwner: 'model-risk' }, () => undefined);
  if (made !== 0) throw new Error(`init answered ${made}`);
  const logs: LogEntry[] = [];
  const start = () => startServer({ data, demo: true, log: (entry) => void logs.push(entry) });
  let running: Running = await start();
  const token = await serviceToken(`${baseUrl}/idp`, SERVICE.clientId, SERVICE.secret);
  const client = new Client({ server: baseUrl, token });
  // Sessions end with the process that keeps them.
  let people = new People(baseUrl);
  const browsers = new Map<string, Promise<Browser>>();
  return {
    data,
    baseUrl,
    token,
    client,
    get people() {
      return people;
    },
    logs,
    idle: () => running.idle(),
    as: (person) => {
      const known = browsers.get(person) ?? browserOf(baseUrl, person);
      browsers.set(person, known);
      return known;
    },
    announced: (manifest) => announce(client, manifest),
    restart: async (meanwhile) => {
      await running.stop();
      await meanwhile?.();
      browsers.clear();
      people = new People(baseUrl);
      running = await start();
    },
    stop: async () => {
      await running.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** As a pipeline does, and waits until people are asked or it has ended. */
export async function announce(client: Client, manifest: string): Promise<Announced> {
  const built = await build(EXAMPLE, manifest, client);
  if (!built.ok) throw new Error(JSON.stringify(built.problems));
  const sent = await client.submit(built.value, () => undefined);
  if (!sent.ok) throw new Error(JSON.stringify(sent.problems));
  const status = await settled(client, sent.value.requestId);
  return { status, root: built.value.request.model.root, built: built.value };
}

export async function browserOf(baseUrl: string, person: string): Promise<Browser> {
  const cookie = await signIn(baseUrl, person, `sample-password-${person}`);
  return {
    cookie,
    get: (path, headers = {}) =>
      fetch(baseUrl + path, { redirect: 'manual', headers: { cookie, accept: 'text/html', ...headers } }),
    post: (path, form) =>
      fetch(baseUrl + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, accept: 'application/json', origin: baseUrl },
        body: new URLSearchParams(form),
      }),
  };
}

/** Announces and takes a request to its end as the demo does: erin writes why, those who are asked approve. */
export async function approved(
  server: Pick<TestServer, 'announced' | 'people' | 'client'>,
  manifest: string,
): Promise<Announced> {
  const { status, ...rest } = await server.announced(manifest);
  const id = status.requestId;
  if (status.state === 'needsRationale') {
    await server.people.writeRationale(id, 'the model');
    await settled(server.client, id, ['voting']);
    await server.people.approve(id);
  }
  return { status: await settled(server.client, id, ['sealed']), ...rest };
}

/** A hidden field of a page of ours. */
export const hidden = (html: string, name: string): string =>
  new RegExp(`<input type="hidden" name="${name}" value="([^"]*)">`).exec(html)?.[1] ?? '';
