// The server in a process of its own that may die at any moment, and clients that notice and send the same thing again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';
import { serviceToken } from '../../cli/commands/context.ts';
import { init } from '../../cli/commands/init.ts';
import { browser, signIn } from '../../cli/demo/sign-in.ts';
import { openStores, type Stores } from '../../cli/embedded.ts';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import type { PromotionRequest, RequestId } from '../../functions/domain/request.ts';
import { drive } from '../../functions/drive.ts';
import { packsFrom } from '../../functions/packs.ts';
import type { TestWorld } from './world.ts';

const SERVER = join(import.meta.dirname, '..', 'faults', 'crashing-server.ts');

/** A data folder as `init` leaves it, for a server at `baseUrl`. */
export async function dataFolder(baseUrl: string): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'countersign-crash-'));
  const quiet = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await init({ data, baseUrl, organisation: 'Test Bank', retentionOwner: 'model-risk' });
  quiet.mockRestore();
  return data;
}

/** A copy for one crash. No server may be running on the original. */
export async function copyOf(data: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'countersign-crash-'));
  await cp(data, copy, { recursive: true });
  return copy;
}

/** The folder opened in this process, while no server runs on it: to prepare it, and to look at what a crash left. */
export async function inProcess<T>(data: string, work: (world: TestWorld, stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores(data);
  const woken = new Set<RequestId>();
  const world: TestWorld = {
    ...stores,
    packs: packsFrom(stores.vault),
    workflow: { wake: (id) => void woken.add(id) },
    woken,
    folder: data,
    later: () => undefined,
    run: async () => {
      for (const id of woken) {
        woken.delete(id);
        await drive(world, id);
      }
      if (woken.size > 0) await world.run();
    },
    close: () => rm(data, { recursive: true, force: true }),
  };
  try {
    return await work(world, stores);
  } finally {
    stores.close();
  }
}

export type Serving = {
  /** Answers the signal that ended the process. */
  readonly died: () => Promise<string | null>;
  readonly kill: () => Promise<void>;
};

export async function serve(data: string, baseUrl: string, crashAt?: string): Promise<Serving> {
  const env = { ...process.env, ...(crashAt === undefined ? {} : { CRASH_AT: crashAt }) };
  const child = spawn(process.execPath, [SERVER, data], { stdio: ['ignore', 'ignore', 'pipe'], env });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const ended = once(child, 'exit').then(([, signal]) => signal as string | null);
  for (let turn = 0; turn < 400; turn++) {
    if (child.exitCode !== null) throw new Error(`the server did not start: ${said}`);
    // A sweep at the start may already meet the fault: then there is nothing to wait for.
    if (child.signalCode !== null) break;
    if (await ready(baseUrl)) break;
    await sleep(25);
  }
  return { died: () => withinSeconds(10, ended, child, () => said), kill: () => killed(child, ended) };
}

const ready = async (baseUrl: string): Promise<boolean> =>
  fetch(`${baseUrl}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );

async function killed(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

async function withinSeconds<T>(seconds: number, ended: Promise<T>, child: ChildProcess, said: () => string): Promise<T> {
  const late = sleep(seconds * 1000).then(async () => {
    await killed(child, ended);
    throw new Error(`the server was to die and did not: ${said()}`);
  });
  return Promise.race([ended, late]);
}

export type Answered = { readonly status: number; readonly text: string };

/** The pipeline and the people of the sample, over HTTP. Ballots and texts are kept, so that a retry sends the same again. */
export class Clients {
  readonly #baseUrl: string;
  readonly #sent = new Map<string, Record<string, string>>();
  #sessions = new Map<string, string>();

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** Sessions live in the server's memory, so after a crash everybody signs in again. What they sent is remembered. */
  forgetSessions(): void {
    this.#sessions = new Map();
  }

  async announce(request: PromotionRequest): Promise<{ requestId: string; repeated: boolean }> {
    const [pipeline] = SAMPLE_SERVICES;
    if (pipeline === undefined) throw new Error('no sample pipeline');
    const token = await serviceToken(`${this.#baseUrl}/idp`, pipeline.clientId, pipeline.secret);
    const headers = { authorization: `Bearer ${token}` };
    const body = Buffer.from(canonicalBytes(request));
    const answer = await fetch(`${this.#baseUrl}/requests`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`announcing answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { requestId: string; repeated: boolean };
  }

  async gate(event: string, root: string): Promise<string> {
    const answer = await fetch(`${this.#baseUrl}/gate/sandbox?${new URLSearchParams({ event, root })}`);
    const { verdict, code } = (await answer.json()) as { verdict: string; code: string };
    return `${verdict} ${code}`;
  }

  /** Reads as a person. */
  async read(person: string, path: string): Promise<Answered> {
    const { response } = await (await this.#page(person)).load(path);
    return { status: response.status, text: await response.text() };
  }

  /** Posts a form as a person; `fields` is asked only the first time, the session's own token is always fresh. */
  async post(
    person: string,
    path: string,
    requestPath: string,
    fields: (page: string) => Record<string, string>,
  ): Promise<Answered> {
    const csrf = /name="csrf" value="([^"]*)"/;
    const page = await this.#page(person);
    const html = await (await page.load(requestPath)).response.text();
    const known = this.#sent.get(`${person} ${path}`);
    const form = known ?? fields(html);
    this.#sent.set(`${person} ${path}`, form);
    const token = csrf.exec(html)?.[1] ?? '';
    const { response } = await page.load(path, { ...form, csrf: token });
    return { status: response.status, text: await response.text() };
  }

  async #page(person: string): Promise<ReturnType<typeof browser>> {
    const session = this.#sessions.get(person) ?? (await signIn(this.#baseUrl, person, `sample-password-${person}`));
    this.#sessions.set(person, session);
    return browser(this.#baseUrl, session);
  }
}
