// A pipeline, an author and a committee that all work at once on many requests, over HTTP, against a server that dies again and
// again. Each sends the same until it is answered, and each ballot is sent twice at the same moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceToken } from '../../cli/commands/context.ts';
import { signIn } from '../../cli/demo/sign-in.ts';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { type PromotionRequest, type RequestId, requestIdOf } from '../../functions/domain/request.ts';

const VOTERS = ['alice', 'bob', 'carol'];
const SAID = {
  text: 'A retrain of the example, tried out while the server dies.',
  scope: 'sandbox',
  intendedUse: 'tests',
  limitations: 'small data',
};
/** What ends a client's business with a request: taken, or told that it ended or was answered before. */
const DONE = [303, 409, 410];

const LANES = 6;
/** No step of anybody takes longer, however often the server dies meanwhile: who waits longer waits for ever, and it is said. */
const LONGEST_MS = 600_000;
/** Once nobody kills it any more. */
const CALM_MS = 60_000;
const ANSWER_MS = 30_000;

/** `over`: what carol says, after the others. Until then everybody approves. */
export type Work = { readonly request: PromotionRequest; readonly over: 'approve' | 'return' };

export class Crowd {
  /** `request person`: answered 303. */
  readonly taken = new Set<string>();
  /** Requests that were taken in. Others came too late: the incumbent had moved. */
  readonly received = new Set<RequestId>();
  /** How many answers each status had. */
  readonly answers = new Map<number, number>();
  readonly #baseUrl: string;
  readonly #forms = new Map<string, Record<string, string>>();
  readonly #sessions = new Map<string, Promise<string>>();
  #token: Promise<string> | undefined;
  readonly #busy = new Map<string, string>();
  #heard = 0;
  #idle = false;
  /** No new request is begun; those that were go on. */
  closing = false;
  stopped = false;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** Sessions live in the server's memory. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  /** Until so many more things were taken, requests, rationales or votes, or the time is over. */
  async heard(more: number, milliseconds: number): Promise<void> {
    const [until, over] = [this.#heard + more, performance.now() + milliseconds];
    while (!this.#idle && this.#heard < until && performance.now() < over) await sleep(2);
  }

  /** What somebody waits for at this moment. */
  get busy(): string {
    return [...this.#busy].map(([what, last]) => `${what}: ${last}`).join('\n');
  }

  /** Takes every request to its last vote, some at a time. */
  async work(all: readonly Work[]): Promise<void> {
    const waiting = [...all];
    const lane = async () => {
      for (let one = waiting.shift(); one !== undefined && !this.closing; one = waiting.shift()) await this.#promote(one);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    this.#idle = true;
  }

  async #promote({ request, over }: Work): Promise<void> {
    const id = requestIdOf(request);
    const page = `/requests/${id}`;
    const announced = await this.#until(`announce ${id}`, [200, 201, 202, 409], () => this.#announce(request));
    if (announced === 409 || announced === undefined) return;
    this.received.add(id);
    await this.#until(`explain ${id}`, [...DONE, 200], () => this.#post('erin', `${page}/rationale`, page, () => SAID));
    const [last, ...first] = over === 'return' ? VOTERS.toReversed() : ['', ...VOTERS];
    await Promise.all(first.map((voter) => this.#vote(id, voter, 'approve')));
    if (last) await this.#vote(id, last, 'return');
  }

  /** Opens it, and says the same twice at once. */
  async #vote(id: RequestId, voter: string, choice: string): Promise<void> {
    const page = `/requests/${id}`;
    await this.#until(`open ${id} ${voter}`, [200, 410], async () => (await this.#get(voter, `${page}/screen`)).status);
    const send = () => this.#post(voter, `${page}/votes`, page, (html) => ({ ...ballotOn(html), choice }));
    await this.#until(`vote ${id} ${voter}`, DONE, async () => {
      const [one, two] = await Promise.all([send(), send()]);
      if (one === 303 || two === 303) this.taken.add(`${id} ${voter}`);
      return one === 303 ? one : two;
    });
  }

  /** Waits until it has come to its end. */
  async sealed(id: RequestId): Promise<void> {
    const ask = async () => {
      const headers = { authorization: `Bearer ${await this.#bearer()}` };
      const response = await fetch(`${this.#baseUrl}/requests/${id}/status`, { headers });
      const { state } = (await response.json()) as { state?: string };
      if (!response.ok) return response.status;
      return state === 'sealed' ? 200 : 425;
    };
    await this.#until(`sealed ${id}`, [200], ask, CALM_MS);
  }

  /** Sends a ballot once more, as it was sent. */
  again(id: RequestId, voter: string): Promise<number> {
    const page = `/requests/${id}`;
    return this.#post(voter, `${page}/votes`, page, ballotOn);
  }

  async #until(
    what: string,
    statuses: readonly number[],
    ask: () => Promise<number>,
    longest = LONGEST_MS,
  ): Promise<number | undefined> {
    const late = performance.now() + longest;
    try {
      while (!this.stopped) {
        const slow = sleep(ANSWER_MS, 0, { ref: false });
        const status = await Promise.race([ask().catch(() => 0), slow]);
        this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
        if (status === 202 || status === 303) this.#heard++;
        if (statuses.includes(status)) return status;
        // The drill may take longer than a token lives.
        if (status === 401) this.#token = undefined;
        this.#busy.set(what, `${status}`);
        if (performance.now() > late) throw new Error(`${what} is not answered: ${status}`);
        // Nobody listens: the server is to have the machine while it starts.
        await sleep(status === 0 ? 200 : 40);
      }
      return undefined;
    } finally {
      this.#busy.delete(what);
    }
  }

  async #announce(request: PromotionRequest): Promise<number> {
    const headers = { authorization: `Bearer ${await this.#bearer()}` };
    const body = Buffer.from(canonicalBytes(request));
    return (await fetch(`${this.#baseUrl}/requests`, { method: 'POST', headers, body })).status;
  }

  #bearer(): Promise<string> {
    const [pipeline] = SAMPLE_SERVICES;
    const token = this.#token ?? serviceToken(`${this.#baseUrl}/idp`, pipeline?.clientId ?? '', pipeline?.secret ?? '');
    this.#token = token;
    token.catch(() => {
      this.#token = undefined;
    });
    return token;
  }

  async #get(person: string, path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(this.#baseUrl + path, { redirect: 'manual', headers: await this.#headers(person) });
    return { status: response.status, text: await response.text() };
  }

  /** Reads the page for the session's own token and, the first time, for what to send. */
  async #post(person: string, path: string, from: string, fields: (page: string) => Record<string, string>): Promise<number> {
    const page = await this.#get(person, from);
    const csrf = /name="csrf" value="([^"]*)"/.exec(page.text)?.[1];
    const known = this.#forms.get(`${person} ${path}`);
    if (page.status !== 200) return page.status;
    // No form: it waits for somebody else, or it ended and there is nothing to send any more.
    if (csrf === undefined || (known === undefined && !page.text.includes(`action="${path}"`)))
      return /class="[^"]*outcome|Receipt|was decided|ended/.test(page.text) ? 410 : 425;
    const form = known ?? fields(page.text);
    this.#forms.set(`${person} ${path}`, form);
    const body = new URLSearchParams({ ...form, csrf });
    const headers = { ...(await this.#headers(person)), origin: this.#baseUrl };
    const response = await fetch(this.#baseUrl + path, { method: 'POST', redirect: 'manual', headers, body });
    await response.body?.cancel();
    return response.status;
  }

  async #headers(person: string): Promise<Record<string, string>> {
    const session = this.#sessions.get(person) ?? signIn(this.#baseUrl, person, `sample-password-${person}`);
    this.#sessions.set(person, session);
    session.catch(() => this.#sessions.get(person) === session && this.#sessions.delete(person));
    return { cookie: await session, accept: 'text/html' };
  }
}

/** A yes with every rule ticked, as the page asks for it. */
export function ballotOn(page: string): Record<string, string> {
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';
  const ticks = [...page.matchAll(/name="(criterion\.[A-Z]{3}-\d{3})"/g)].map(([, name = '']) => [name, 'checked']);
  return {
    ...Object.fromEntries(ticks),
    screen: hidden('screen'),
    nonce: hidden('nonce'),
    choice: 'approve',
    rationale: 'I read the screen and checked every rule that fired.',
    conditions: '',
  };
}
