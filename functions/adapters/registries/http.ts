// Asks one registry at the one address its operator wrote down. Nothing a hook or an answer says leads anywhere else: no
// redirect is followed, no address inside an answer is opened.
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { InfrastructureError } from '../../domain/errors.ts';

export type HttpOptions = {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For an answer to begin, and for each further piece of it. */
  readonly patienceMs?: number;
};

/** Answers of a registry are lists of some thousand names at most. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;

const fault = (message: string, cause?: unknown): InfrastructureError =>
  new InfrastructureError(message, { retryable: true, cause });

export type Answer = { readonly status: number; readonly json: unknown };

export class RegistryHttp {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #patienceMs: number;

  constructor({ url, headers = {}, patienceMs = 30_000 }: HttpOptions) {
    this.#url = url.replace(/\/$/, '');
    // A body that unpacks itself to a thousand times its size is not asked for.
    this.#headers = { accept: 'application/json', 'accept-encoding': 'identity', ...headers };
    this.#patienceMs = patienceMs;
  }

  /** An answer in JSON, whatever its status; HTML, nothing or broken text is a fault, as no answer is. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const { status, pieces } = await this.#fetch(method, path, sent);
    if (status === 401 || status === 403)
      throw fault(`${path}: the registry answered ${status}; check the credentials and its allowed hosts`);
    const bytes = await gathered(pieces, MAX_JSON_BYTES);
    if (bytes === undefined) throw fault(`${path}: the registry answered with more than ${MAX_JSON_BYTES} bytes`);
    try {
      return { status, json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
    } catch (error) {
      throw fault(`${path}: the registry answered ${status} with something that is no JSON`, error);
    }
  }

  /** The answer as this shape; undefined for a status among `absent`. */
  async read<S extends z.ZodType>(schema: S, path: string, absent: readonly number[] = [404]): Promise<z.infer<S> | undefined> {
    const { status, json } = await this.ask('GET', path);
    if (absent.includes(status)) return undefined;
    if (status !== 200) throw fault(`${path}: the registry answered ${status}`);
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [first] = parsed.error.issues;
    throw fault(`${path}: the registry answered in another shape: ${first?.path.join('/')} ${first?.message}`);
  }

  /** Something is written; whatever is not a 200 is told. */
  async write(method: string, path: string, body: unknown): Promise<void> {
    const { status } = await this.ask(method, path, body);
    if (status !== 200) throw fault(`${path}: the registry answered ${status}`);
  }

  /** Bytes as they come, never held whole; undefined for 404. */
  async stream(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const { status, pieces, drop } = await this.#fetch('GET', path, { headers: { accept: '*/*' } });
    if (status === 200) return pieces;
    drop();
    if (status === 404) return undefined;
    throw fault(`${path}: the registry answered ${status}`);
  }

  async #fetch(method: string, path: string, more: RequestInit): Promise<Fetched> {
    for (let attempt = 1; ; attempt++) {
      const control = new AbortController();
      // For the answer to begin, and then for each piece of it: a long file may take long, silence may not.
      const timer = setTimeout(() => control.abort(), this.#patienceMs);
      const drop = () => {
        clearTimeout(timer);
        control.abort();
      };
      try {
        const headers = { ...this.#headers, ...more.headers };
        const response = await fetch(this.#url + path, {
          ...more,
          method,
          headers,
          redirect: 'manual',
          signal: control.signal,
        });
        if (response.status >= 300 && response.status < 400) {
          drop();
          throw fault(`${path}: the registry answered with a redirect, which is not followed`);
        }
        return { status: response.status, pieces: piecesOf(response, path, timer), drop };
      } catch (error) {
        clearTimeout(timer);
        if (error instanceof InfrastructureError) throw error;
        // Its server drops idle connections after five seconds, and the next call finds that out: once more, for reads.
        if (method !== 'GET' || attempt > 1) throw fault(`${path}: no answer from the registry`, error);
        await sleep(50);
      }
    }
  }
}

type Fetched = { readonly status: number; readonly pieces: AsyncIterable<Uint8Array>; readonly drop: () => void };

async function* piecesOf({ body }: Response, path: string, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body ?? []) {
      timer.refresh();
      yield piece;
    }
  } catch (error) {
    throw fault(`${path}: the answer of the registry broke off`, error);
  } finally {
    clearTimeout(timer);
  }
}

/** All of it, or undefined when there is more than that. */
export async function gathered(pieces: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array | undefined> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > most) return undefined;
    kept.push(piece);
  }
  return Buffer.concat(kept);
}
