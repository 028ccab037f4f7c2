// A deployment that has begun, and those who use it: a pipeline and people, over HTTP and nothing else.
import type { BuiltRequest } from '../../../cli/build-request.ts';
import { Client } from '../../../cli/client.ts';
import { serviceToken } from '../../../cli/commands/context.ts';
import { type Status, settled, statusOf } from '../../../cli/commands/status.ts';
import { People } from '../../../cli/demo/people.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { ballotOn } from '../crowd.ts';
import { type Announced, announce, type Browser, browserOf, hidden, SERVICE } from '../server.ts';
import type { Deployment } from './deploy.ts';

export type Bank = {
  readonly at: Deployment;
  readonly client: Client;
  readonly people: People;
  /** What the start answered: the operator's trust files. */
  readonly trust: Readonly<Record<string, Trust>>;
  readonly as: (person: string) => Promise<Browser>;
  readonly announced: (manifest: string) => Promise<Announced>;
  readonly submit: (built: BuiltRequest) => Promise<Status>;
  /** Announced and explained: people may vote. */
  readonly asked: (manifest: string) => Promise<Announced>;
  readonly ballot: (person: string, id: string) => Promise<Record<string, string>>;
  readonly send: (person: string, id: string, ballot: Record<string, string>) => Promise<Response>;
  /** Reads the screen, ticks everything and says so. */
  readonly vote: (person: string, id: string, choice?: string) => Promise<Response>;
  readonly status: (id: string) => Promise<Status>;
  readonly until: (id: string, state: string) => Promise<Status>;
  readonly gate: (announced: Announced, event: string | null, environment?: string) => Promise<Response>;
  readonly close: () => Promise<void>;
};

/** A token lives for ten minutes. */
const RENEW_MS = 240_000;

/** Seals the start, once; answers the operator's trust files by environment. */
export async function begin(at: Deployment): Promise<Readonly<Record<string, Trust>>> {
  const answer = (await at.operate('Seal', { kind: 'begin' })) as { readonly trust?: Readonly<Record<string, Trust>> };
  if (answer.trust === undefined) throw new Error(`the start was refused: ${JSON.stringify(answer)}`);
  return answer.trust;
}

export async function openBank(at: Deployment): Promise<Bank> {
  const trust = await begin(at);
  const { baseUrl } = at;
  const signed = async () =>
    new Client({ server: baseUrl, token: await serviceToken(`${baseUrl}/idp`, SERVICE.clientId, SERVICE.secret) });
  let client = await signed();
  const renew = setInterval(() => {
    signed().then(
      (next) => {
        client = next;
      },
      () => undefined, // the next turn tries again; a token that is over is told by whoever is refused
    );
  }, RENEW_MS);
  const people = new People(baseUrl);
  const browsers = new Map<string, Promise<Browser>>();
  const as = (person: string) => {
    const known = browsers.get(person) ?? browserOf(baseUrl, person);
    browsers.set(person, known);
    return known;
  };
  const announced = (manifest: string) => announce(client, manifest);
  const ballot = async (person: string, id: string) => {
    const browser = await as(person);
    await (await browser.get(`/requests/${id}/screen`)).body?.cancel();
    const page = await (await browser.get(`/requests/${id}`)).text();
    return { ...ballotOn(page), csrf: hidden(page, 'csrf') };
  };
  const send = async (person: string, id: string, form: Record<string, string>) =>
    (await as(person)).post(`/requests/${id}/votes`, form);
  return {
    at,
    get client() {
      return client;
    },
    people,
    trust,
    as,
    announced,
    submit: async (built) => {
      const sent = await client.submit(built, () => undefined);
      if (!sent.ok) throw new Error(JSON.stringify(sent.problems));
      return settled(client, sent.value.requestId);
    },
    asked: async (manifest) => {
      const one = await announced(manifest);
      await people.writeRationale(one.status.requestId, 'the model');
      return { ...one, status: await settled(client, one.status.requestId, ['voting']) };
    },
    ballot,
    send,
    vote: async (person, id, choice = 'approve') => send(person, id, { ...(await ballot(person, id)), choice }),
    status: (id) => statusOf(client, id),
    until: (id, state) => settled(client, id, [state]),
    gate: ({ root, built }, event, environment = 'sandbox') => {
      const { line, model } = built.request;
      const asked = new URLSearchParams({ event: event ?? '', root, line, manifest: model.manifest });
      return fetch(`${baseUrl}/gate/${environment}?${asked}`);
    },
    close: async () => {
      clearInterval(renew);
      await at.stop();
    },
  };
}
