// Talks to a Countersign server as a pipeline does.

import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { CountedBaselines } from '../functions/domain/baselines.ts';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import type { Digest } from '../functions/domain/digest.ts';
import { InfrastructureError, isCode } from '../functions/domain/errors.ts';
import { Offer } from '../functions/domain/offer.ts';
import { fail, ok, type Problem, problem, type Result } from '../functions/domain/result.ts';
import { cookieName } from '../functions/http/cookie-name.ts';
import type { BuiltRequest } from './build-request.ts';

/** `session`: a person's cookie, with which the server lets them read what their pages show; it changes nothing without a form. */
export type ClientOptions = { readonly server: string; readonly token: string | undefined; readonly session?: string };

/** Larger ones may be too large for the way to the server; whoever runs one in functions has 6 MB. */
const LARGE = 4 * 1024 * 1024;

/** Many pipelines at once meet the limit of a deployment (429), which refuses before anything is done: the same again, later. */
const ATTEMPTS = 7;
const FIRST_MS = 200;

export class Client {
  readonly #server: string;
  readonly #token: string | undefined;
  readonly #session: string | undefined;

  constructor(options: ClientOptions) {
    this.#server = options.server.replace(/\/$/, '');
    this.#token = options.token;
    this.#session = options.session;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      accept: 'application/json',
      ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
      ...(this.#session ? { cookie: `${cookieName('session', this.#server)}=${this.#session}` } : {}),
      ...init.headers,
    };
    for (let attempt = 0; ; attempt++) {
      const response = await this.#send(path, { redirect: 'error', ...init, headers });
      if (response.status !== 429 || attempt === ATTEMPTS) return response;
      await sleep(FIRST_MS * 2 ** attempt * (0.5 + Math.random() / 2));
    }
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#server}${path}`, init);
    } catch (error) {
      throw noAnswer(this.#server, error);
    }
  }

  async json<S extends z.ZodType>(path: string, schema: S, init: RequestInit = {}): Promise<Result<z.infer<S>>> {
    const response = await this.fetch(path, init);
    if (!response.ok) return { ok: false, problems: await problemsOf(response) };
    const body = schema.safeParse(await response.json().catch(() => undefined));
    if (!body.success) throw cannotTell(`what answers at ${this.#server} is not a Countersign of this version; check --server`);
    return ok(body.data);
  }

  async baselines(line: string, environment: string): Promise<Result<CountedBaselines>> {
    const { CountedBaselines } = await import('../functions/domain/baselines.ts');
    return this.json(`/lines/${encodeURIComponent(line)}/${encodeURIComponent(environment)}/baselines`, CountedBaselines);
  }

  async object(key: string): Promise<Uint8Array | undefined> {
    const told = await this.fetch(`/vault/${key}`, { redirect: 'manual' });
    if (told.status === 404) return undefined;
    // Too large for the way through the server: the store itself gives it, and must not see our token.
    const response = told.status === 307 ? await elsewhere(told.headers.get('location') ?? '') : told;
    if (!response.ok) throw new Refused(await problemsOf(response));
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Uploads what the server does not have. */
  async upload(blobs: BuiltRequest['blobs'], uploaded: (digest: Digest) => void): Promise<Result<void>> {
    for (const [digest, blob] of blobs) {
      const known = await this.fetch(`/blobs/${digest}`, { method: 'HEAD' });
      if (known.status === 401) return fail(problem('UNAUTHENTICATED', '', 'the server does not take this token'));
      if (!known.ok) {
        const bytes = blob.kind === 'bytes' ? blob.bytes : Buffer.concat(await createReadStream(blob.path).toArray());
        const put = await this.#put(digest, Buffer.from(bytes));
        if (!put.ok) return put;
      }
      uploaded(digest);
    }
    return ok(undefined);
  }

  async #put(digest: Digest, body: Buffer<ArrayBuffer>): Promise<Result<void>> {
    const offer = body.byteLength > LARGE ? await this.#offer(digest, body.byteLength) : undefined;
    if (offer === undefined) {
      const put = await this.fetch(`/blobs/${digest}`, { method: 'PUT', body });
      return put.ok ? ok(undefined) : { ok: false, problems: await problemsOf(put) };
    }
    const put = await elsewhere(offer.url, { method: 'PUT', headers: offer.headers, body });
    // 412: somebody put the same bytes meanwhile.
    if (put.ok || put.status === 412) return ok(undefined);
    throw cannotTell(`the store behind ${this.#server} did not take ${digest}: it answered ${put.status}`);
  }

  /** Undefined where the server takes everything itself. */
  async #offer(digest: Digest, size: number): Promise<Offer | undefined> {
    const answer = await this.fetch(`/blobs/${digest}/upload`, { method: 'POST', body: JSON.stringify({ size }) });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Refused(await problemsOf(answer));
    return Offer.parse(await answer.json());
  }

  /** Uploads what the server does not have, then sends the request. Safe to run again: everything is named by its bytes. */
  async submit(
    { request, blobs }: BuiltRequest,
    uploaded: (digest: Digest) => void,
  ): Promise<Result<{ requestId: string; repeated: boolean }>> {
    const sent = await this.upload(blobs, uploaded);
    if (!sent.ok) return sent;
    const Answer = z.object({ requestId: z.string(), repeated: z.boolean() });
    return this.json('/requests', Answer, { method: 'POST', body: Buffer.from(canonicalBytes(request)) });
  }
}

/** Where somebody sent us: without the token, which is for the server alone. */
async function elsewhere(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error' });
  } catch (error) {
    throw noAnswer(new URL(url).origin, error);
  }
}

/** The server said no, deep inside a command: told like every refusal, with its exit code. */
export class Refused extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ code, detail }) => `${code} ${detail}`).join('; '));
    this.problems = problems;
  }
}

const cannotTell = (text: string) => new InfrastructureError(text, { retryable: true });

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  ECONNRESET: 'the connection broke off',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
};

/** One sentence for whatever lies under a failed fetch; what to do stands in it. */
export function noAnswer(address: string, error: unknown): InfrastructureError {
  const reason = [...causesOf(error)].map((one) => REASONS[one.code ?? '']).find(Boolean);
  const why = reason ?? [...causesOf(error)].at(-1)?.message ?? String(error);
  return cannotTell(
    `no answer from ${address}: ${why}. Start it with \`countersign serve\`, or say with --server where it is.`,
  );
}

export function* causesOf(error: unknown): Generator<NodeJS.ErrnoException> {
  for (let one = error; one instanceof Error; one = one.cause) yield one;
}

const ProblemDetails = z.object({ problems: z.array(z.object({ code: z.string(), pointer: z.string(), detail: z.string() })) });

export async function problemsOf(response: Response): Promise<Problem[]> {
  const body = ProblemDetails.safeParse(await response.json().catch(() => undefined));
  if (!body.success) return [problem('CANNOT_TELL', '', `the server answered ${response.status}`)];
  return body.data.problems.map(({ code, pointer, detail }) => problem(isCode(code) ? code : 'INTERNAL', pointer, detail));
}
