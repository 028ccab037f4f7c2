// A checkpoint (c2sp.org/tlog-checkpoint): what the log says of itself, as a signed note; and the cosignatures of witnesses
// over it (c2sp.org/tlog-cosignature, Ed25519).
import { fail, ok, problem, type Result } from '../result.ts';
import { type Hash, type Head, isSize } from './merkle.ts';
import { fromBase64, type Note, type NoteKey, noteText, parseNote, signatureLine, signedBy } from './note.ts';

export type Checkpoint = Head & { readonly origin: string; readonly note: Note };

export const checkpointText = (origin: string, { size, root }: Head): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;

/** Reads a checkpoint without believing it: whose it is the caller checks with `signedByLog`. */
export function parseCheckpoint(text: string): Result<Checkpoint> {
  const note = parseNote(text);
  if (!note.ok) return note;
  const [origin = '', size = '', encoded = ''] = note.value.text.split('\n');
  const root = parseHash(encoded);
  const leaves = parseSize(size);
  // Extension lines would be signed too, and no two readers would have to agree on what they mean.
  const exact =
    root && leaves !== undefined && origin !== '' && note.value.text === checkpointText(origin, { size: leaves, root });
  if (!exact) return fail(problem('LOG_INVALID', '', 'a checkpoint is origin, size and root, one line each'));
  return ok({ origin, size: leaves, root, note: note.value });
}

/** The one way to write a size: decimal, no leading zero. */
export function parseSize(text: string): number | undefined {
  const size = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : undefined;
  return size !== undefined && isSize(size) ? size : undefined;
}

export function parseHash(text: string): Hash | undefined {
  const bytes = fromBase64(text);
  return bytes?.byteLength === 32 ? bytes : undefined;
}

const TIME_BYTES = 8;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Is it signed by this log's key? */
export const signedByLog = ({ note }: Checkpoint, key: NoteKey): 'absent' | boolean =>
  signedBy(note, key, (signature) => ({ bytes: encode(note.text), signature }));

/** What a witness signs: when it saw it, then the checkpoint's text. */
export const cosignedBytes = (text: string, seconds: number): Uint8Array => encode(`cosignature/v1\ntime ${seconds}\n${text}`);

/** Is it cosigned by this witness? The time is the witness's own word, inside what it signed. */
export function cosignedBy({ note }: Checkpoint, key: NoteKey): 'absent' | boolean {
  return signedBy(note, key, (stamped) => {
    if (stamped.byteLength !== TIME_BYTES + 64) return undefined;
    const seconds = statedSeconds(stamped);
    return Number.isSafeInteger(seconds)
      ? { bytes: cosignedBytes(note.text, seconds), signature: stamped.subarray(TIME_BYTES) }
      : undefined;
  });
}

/** When this witness cosigned it, in seconds; the earliest time when it did so more than once, undefined when it did not. */
export function cosignedAt(checkpoint: Checkpoint, key: NoteKey): number | undefined {
  if (cosignedBy(checkpoint, key) !== true) return undefined;
  const own = checkpoint.note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
  return Math.min(...own.map(({ signature }) => statedSeconds(signature)));
}

/** What a cosignature says of its time, believed by nobody until its signature is checked. */
export const statedSeconds = (stamped: Uint8Array): number => Number(Buffer.from(stamped).readBigUInt64BE());

export function cosignatureLine(key: NoteKey, seconds: number, signature: Uint8Array): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  return signatureLine(key, Buffer.concat([time, signature]));
}

/** The log's own lines and those of the witnesses, as one note. */
export const withCosignatures = (checkpoint: string, lines: readonly string[]): string => `${checkpoint}${lines.join('')}`;

export const signedCheckpoint = (text: string, key: NoteKey, signature: Uint8Array): string =>
  checkpointSignedBy(text, [{ key, signature }]);

/** By several keys of the same log: while one takes over from another, readers of either find the one they know. */
export const checkpointSignedBy = (
  text: string,
  signed: readonly { readonly key: NoteKey; readonly signature: Uint8Array }[],
): string =>
  noteText(
    text,
    signed.map(({ key, signature }) => signatureLine(key, signature)),
  );
