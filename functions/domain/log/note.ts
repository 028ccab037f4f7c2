// C2SP signed notes (c2sp.org/signed-note) with Ed25519 keys: text, an empty line, one line for each signature.
import { ed25519PublicOf, sha256, verifyEd25519 } from '../crypto.ts';
import { fail, invariant, ok, problem, type Result } from '../result.ts';

/** 0x01 signs the text of a note; 0x04 is a witness's cosignature with its time. */
export const SIGNATURE_TYPES = { note: 0x01, cosignature: 0x04 } as const;
type SignatureType = (typeof SIGNATURE_TYPES)[keyof typeof SIGNATURE_TYPES];

export type NoteKey = {
  readonly name: string;
  readonly type: SignatureType;
  readonly publicKey: Uint8Array;
  /** Eight hex digits: the first four bytes of a hash over name, type and key. */
  readonly id: string;
};

type NoteSignature = { readonly name: string; readonly id: string; readonly signature: Uint8Array };
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

const NAME = /^[^\s+]+$/u;
const MAX_NOTE = 64 * 1024;
const MAX_SIGNATURES = 64;

export function noteKey(name: string, type: SignatureType, publicKey: Uint8Array): NoteKey {
  const hash = sha256(Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(type), publicKey]));
  return { name, type, publicKey, id: Buffer.from(hash.subarray(0, 4)).toString('hex') };
}

/** The note key of a signer: its name in the note, and the public half of its Ed25519 key. */
export function noteKeyOf(name: string, type: SignatureType, spki: string): NoteKey {
  const publicKey = ed25519PublicOf(spki);
  invariant(publicKey !== undefined && NAME.test(name), 'a note is signed by a named Ed25519 key');
  return noteKey(name, type, publicKey);
}

/** The key as one line of text, as every C2SP tool reads it: name+id+base64(type, key). */
export const vkeyOf = ({ name, id, type, publicKey }: NoteKey): string =>
  `${name}+${id}+${Buffer.concat([Uint8Array.of(type), publicKey]).toString('base64')}`;

export function parseVkey(vkey: string): Result<NoteKey> {
  const [name = '', id = '', ...rest] = vkey.split('+');
  const material = fromBase64(rest.join('+'));
  const type = Object.values(SIGNATURE_TYPES).find((one) => one === material?.[0]);
  if (!NAME.test(name) || material?.byteLength !== 33 || type === undefined)
    return fail(problem('INVALID_VALUE', '', 'expected an Ed25519 note key: name+8 hex digits+base64'));
  const key = noteKey(name, type, material.subarray(1));
  return key.id === id ? ok(key) : fail(problem('INVALID_VALUE', '', `the key's id is ${key.id}, not ${id}`));
}

export const signatureLine = ({ name, id }: NoteKey, signature: Uint8Array): string =>
  `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`;

export const noteText = (text: string, lines: readonly string[]): string => `${text}\n${lines.join('')}`;

/** Strict: what two readers could take differently is refused. Says nothing about who signed. */
export function parseNote(note: string): Result<Note> {
  const wrong = (detail: string) => fail(problem('LOG_INVALID', '', detail));
  const control = [...note].some((character) => character < ' ' && character !== '\n');
  if (note.length > MAX_NOTE || control || !note.isWellFormed()) return wrong('not the text of a signed note');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return wrong('a signed note has an empty line before its signatures');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return wrong(`more than ${MAX_SIGNATURES} signatures`);
  const signatures = lines.map(parseSignatureLine);
  if (signatures.some((one) => one === undefined)) return wrong('a line after the text is no signature');
  return ok({ text: note.slice(0, split + 1), signatures: signatures.filter((one) => one !== undefined) });
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const [, name, encoded = ''] = /^— ([^\s+]+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (name === undefined || bytes === undefined || bytes.byteLength < 5) return undefined;
  return { name, id: Buffer.from(bytes.subarray(0, 4)).toString('hex'), signature: bytes.subarray(4) };
}

/**
 * Did this key sign? `absent` when it did not; a signature under its name and id that does not fit is `false`, and the whole
 * note is to be refused. `covered` says which bytes a signature of this kind covers.
 */
export function signedBy(
  note: Note,
  key: NoteKey,
  covered: (signature: Uint8Array) => { bytes: Uint8Array; signature: Uint8Array } | undefined,
): 'absent' | boolean {
  const own = note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
  if (own.length === 0) return 'absent';
  return own.every((one) => {
    const parts = covered(one.signature);
    return parts !== undefined && verifyEd25519(key.publicKey, parts.bytes, parts.signature);
  });
}

/** Standard base64 with its padding, and the one way to write these bytes. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined;
}
