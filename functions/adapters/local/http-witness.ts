// A witness that is asked over HTTP (c2sp.org/tlog-witness).
import { type NoteKey, parseVkey } from '../../domain/log/note.ts';
import { ok, type Result } from '../../domain/result.ts';

/** A witness that does not answer in this time is asked again at the next tick. */
const PATIENCE_MS = 5_000;

type Answer = { readonly status: number; readonly body: string };
/** `Witness` of functions/log/cosign.ts. */
type Witness = { readonly key: NoteKey; readonly ask: (body: string) => Promise<Answer> };

/** `url`: where it listens, without `/add-checkpoint`. Fails when the vkey is none. */
export function witnessAt(url: string, vkey: string): Result<Witness> {
  const key = parseVkey(vkey);
  return key.ok ? ok({ key: key.value, ask: (body) => post(`${url.replace(/\/$/, '')}/add-checkpoint`, body) }) : key;
}

async function post(url: string, body: string): Promise<Answer> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(url, { method: 'POST', body, redirect: 'error', signal });
  return { status: answer.status, body: await answer.text() };
}
