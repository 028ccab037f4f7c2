// Talks to a Countersign server as a pipeline does.
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import type { Digest } from '../functions/domain/digest.ts';
import { isCode } from '../functions/domain/errors.ts';
import { fail, ok, type Problem, problem, type Result } from '../functions/domain/result.ts';
import type { BuiltRequest } from './build-request.ts';
import { UsageError } from './embedded.ts';
import { CountedBaselines } from './manifest.ts';

export type ClientOptions = { readonly server: string; readonly token: string | undefined };

export class Client {
  readonly #server: string;
  readonly #token: string | undefined;

  constructor(options: ClientOptions) {
    this.#server = options.server.replace(/\/$/, '');
    this.#token = options.token;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      accept: 'application/json',
      ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
      ...init.headers,
    };
    try {
      return await fetch(`${this.#server}${path}`, { ...init, headers, redirect: 'error' });
    } catch (error) {
      throw new UsageError(
        `no answer from ${this.#server}: ${error instanceof Error ? (error.cause ?? error.message) : error}`,
      );
    }
  }

  async json<S extends z.ZodType>(path: string, schema: S, init: RequestInit = {}): Promise<Result<z.infer<S>>> {
    const response = await this.fetch(path, init);
    if (!response.ok) return { ok: false, problems: await problemsOf(response) };
    const body = schema.safeParse(await response.json().catch(() => undefined));
    if (!body.success) throw new UsageError(`what answers at ${this.#server} is not a Countersign of this version`);
    return ok(body.data);
  }

  baselines(line: string, environment: string): Promise<Result<CountedBaselines>> {
    return this.json(`/lines/${encodeURIComponent(line)}/${encodeURIComponent(environment)}/baselines`, CountedBaselines);
  }

  async object(key: string): Promise<Uint8Array | undefined> {
    const response = await this.fetch(`/vault/${key}`);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new UsageError((await problemsOf(response)).map((one) => one.detail).join('; '));
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Uploads what the server does not have. */
  async upload(blobs: BuiltRequest['blobs'], uploaded: (digest: Digest) => void): Promise<Result<void>> {
    for (const [digest, blob] of blobs) {
      const known = await this.fetch(`/blobs/${digest}`, { method: 'HEAD' });
      if (known.status === 401) return fail(problem('UNAUTHENTICATED', '', 'the server does not take this token'));
      if (!known.ok) {
        const bytes = blob.kind === 'bytes' ? blob.bytes : Buffer.concat(await createReadStream(blob.path).toArray());
        const put = await this.fetch(`/blobs/${digest}`, { method: 'PUT', body: Buffer.from(bytes) });
        if (!put.ok) return { ok: false, problems: await problemsOf(put) };
      }
      uploaded(digest);
    }
    return ok(undefined);
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

const ProblemDetails = z.object({ problems: z.array(z.object({ code: z.string(), pointer: z.string(), detail: z.string() })) });

export async function problemsOf(response: Response): Promise<Problem[]> {
  const body = ProblemDetails.safeParse(await response.json().catch(() => undefined));
  if (!body.success) return [problem('CANNOT_TELL', '', `the server answered ${response.status}`)];
  return body.data.problems.map(({ code, pointer, detail }) => problem(isCode(code) ? code : 'INTERNAL', pointer, detail));
}
