// Files of a pack that say again, in a form for other readers, what its evidence says: made from it here, compared when verified.
import { hexOf } from '../digest.ts';
import type { Opened } from '../event/envelope.ts';
import { sigstoreBundle } from '../event/sigstore.ts';
import { isAbsent, isAct, parseStatement } from '../event/statement.ts';
import { blobKey, envelopeKey, type Read } from '../vault-keys.ts';

export const EVENT_NAME = 'event.txt';
const BUNDLE = 'event.sigstore.json';
/** The bytes that were signed, as they were signed. */
const STATEMENT = 'statement.json';
/** A copy with an ending that a browser knows. */
export const SCREEN = 'screen.html';

export const EVENT_FILES = [EVENT_NAME, BUNDLE, STATEMENT, SCREEN];

/** Undefined where the evidence gives no such file: what does not open is left to the verifier, which says what is wrong. */
export async function derivedFiles(opened: Opened, read: Read): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>([
    [EVENT_NAME, new TextEncoder().encode(`${opened.hash}\n`)],
    [BUNDLE, sigstoreBundle(opened)],
    [STATEMENT, opened.payload],
  ]);
  const screen = await screenOf(opened, read);
  if (screen !== undefined) files.set(SCREEN, screen);
  return files;
}

/** The page that people were shown, or that was stored for a decision by policy. */
async function screenOf({ payload }: Opened, read: Read): Promise<Uint8Array | undefined> {
  const statement = parseStatement(payload);
  if (!statement.ok) return undefined;
  const { predicate } = statement.value;
  if (isAct(predicate)) return read(blobKey(predicate.screen));
  if (predicate.kind !== 'promotion' || isAbsent(predicate.request) || isAbsent(predicate.request.screen)) return undefined;
  return read(blobKey(predicate.request.screen));
}

/** The envelope of an event, whichever of the two folders it lies in. */
export const envelopeIn = async (read: Read, event: Opened['hash']): Promise<Uint8Array | undefined> =>
  (await read(envelopeKey(event, 'approved'))) ?? (await read(envelopeKey(event, null)));

export const hexName = (key: string): string => /([0-9a-f]{64})/.exec(key)?.[1] ?? '';

export const isNamedBy = (key: string, hash: Opened['hash']): boolean => hexName(key) === hexOf(hash);
