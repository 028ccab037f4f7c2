import { fail, ok, problem, type Result } from '../domain/result.ts';

/** Reads a body up to a limit and stops there: what a caller declares about its length is not believed. */
export async function boundedBody(request: Request, maxBytes: number): Promise<Result<Uint8Array>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return fail(problem('BODY_TOO_LARGE', '', `at most ${maxBytes} bytes are read`));
    chunks.push(chunk);
  }
  return ok(new Uint8Array(Buffer.concat(chunks)));
}
