// The server in a process of its own that may die at any moment, and clients that notice and send the same thing again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
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

/** A data folder as `init` leaves it. */
export async function dataFolder(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'countersign-crash-'));
  const quiet = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await init({ data, baseUrl: ADDRESS, organisation: 'Test Bank', retentionOwner: 'model-risk' });
  quiet.mockRestore();
  return data;
}

/** A copy for one crash, at an address of its own, so that crashes can be tried side by side. */
export async function copyOf(data: string): Promise<{ data: string; baseUrl: string }> {
  const copy = await mkdtemp(join(tmpdir(), 'countersign-crash-'));
  await cp(data, copy, { recursive: true });
  const baseUrl = await addressOfOurs();
  for (const name of ['config.json', 'trust-sandbox.json']) {
    const text = await readFile(join(copy, name), 'utf8');
    await writeFile(join(copy, name), text.replaceAll(ADDRESS, baseUrl));
  }
  return { data: copy, baseUrl };
}

/** Stands in the prepared folder until a copy gets its own. */
const ADDRESS = 'http://127.0.0.1:20000';

let port = 20_000 + (process.pid % 100) * 100;

/**
 * A port below those the system hands out by itself: between the death and the second start nothing else may take it, not
 * even a connection of this very test.
 */
async function addressOfOurs(): Promise<string> {
  for (;;) {
    const candidate = ++port;
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(candidate, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise<void>((resolve) => void probe.close(() => resolve()));
    return `http://127.0.0.1:${candidate}`;
  }
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
  readonly pid: number;
  /** Its log of errors so far. */
  readonly said: () => string;
};

/** `through`: a command that starts it in surroundings of its own. */
export async function serve(data: string, baseUrl: string, crashAt?: string, through: string[] = []): Promise<Serving> {
  // Some fifty servers start here; Node keeps what it compiled for the next one.
  const cache = { NODE_COMPILE_CACHE: join(tmpdir(), 'countersign-crash-compile-cache') };
  const env = { ...process.env, ...cache, ...(crashAt === undefined ? {} : { CRASH_AT: crashAt }) };
  const [command = '', ...args] = [...through, process.execPath, SERVER, data];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const ended = once(child, 'exit').then(([, signal]) => signal as string | null);
  for (let turn = 0; turn < 1200; turn++) {
    if (child.exitCode !== null) throw new Error(`the server did not start: ${said}`);
    // A sweep at the start may already meet the fault: then there is nothing to wait for.
    if (child.signalCode !== null) break;
    if (await ready(baseUrl)) break;
    await sleep(25);
  }
  return {
    died: () => withinSeconds(30, ended, child, () => said),
    kill: () => killed(child, ended),
    pid: child.pid ?? 0,
    said: () => said,
  };
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
  const late = sleep(seconds * 1000, undefined, { ref: false }).then(async () => {
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
  #token: string | undefined;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** Sessions live in the server's memory, so after a crash everybody signs in again. What they sent is remembered. */
  forgetSessions(): void {
    this.#sessions = new Map();
  }

  async announce(request: PromotionRequest): Promise<string> {
    const body = Buffer.from(canonicalBytes(request));
    const answer = await fetch(`${this.#baseUrl}/requests`, { method: 'POST', headers: await this.#bearer(), body });
    if (!answer.ok) throw new Error(`announcing answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { requestId: string }).requestId;
  }

  /** Asks until the request is in one of these states. */
  async until(id: string, states: readonly string[]): Promise<void> {
    for (let turn = 0; turn < 1500; turn++) {
      const answer = await fetch(`${this.#baseUrl}/requests/${id}/status`, { headers: await this.#bearer() });
      if (states.includes(((await answer.json()) as { state: string }).state)) return;
      await sleep(10);
    }
    throw new Error(`${id} never came to ${states}`);
  }

  async gate(event: string, { line, model: { root, manifest } }: PromotionRequest): Promise<string> {
    const answer = await fetch(`${this.#baseUrl}/gate/sandbox?${new URLSearchParams({ event, line, root, manifest })}`);
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

  async #bearer(): Promise<{ authorization: string }> {
    const [pipeline] = SAMPLE_SERVICES;
    if (pipeline === undefined) throw new Error('no sample pipeline');
    this.#token ??= await serviceToken(`${this.#baseUrl}/idp`, pipeline.clientId, pipeline.secret);
    return { authorization: `Bearer ${this.#token}` };
  }

  async #page(person: string): Promise<ReturnType<typeof browser>> {
    const session = this.#sessions.get(person) ?? (await signIn(this.#baseUrl, person, `sample-password-${person}`));
    this.#sessions.set(person, session);
    return browser(this.#baseUrl, session);
  }
}
