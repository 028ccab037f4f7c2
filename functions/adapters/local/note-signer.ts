import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { keyIdOf } from '../../domain/crypto.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import { fromBase64, type NoteKey, noteKeyOf, SIGNATURE_TYPES } from '../../domain/log/note.ts';
import { invariant } from '../../domain/result.ts';
import type { Signer } from '../../ports.ts';

/** A named Ed25519 key in a file, in the form that Go's sumdb/note reads and writes: PRIVATE+KEY+name+id+base64(1, seed). */
export type NoteSigner = { readonly name: string; readonly signer: Signer };

/** DER in front of the 32 bytes of an Ed25519 seed (RFC 8410 §7): node:crypto takes no bare seed. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

const spkiOf = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

/** undefined when there is no such file. */
export async function openNoteSigner(path: string): Promise<NoteSigner | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new InfrastructureError(`cannot read the note key at ${path}`, { retryable: false, cause: error });
  }
  const [, name, id, encoded = ''] = /^PRIVATE\+KEY\+([^\s+]+)\+([0-9a-f]{8})\+(\S+)\s*$/u.exec(text) ?? [];
  const material = fromBase64(encoded);
  if (name === undefined || material?.byteLength !== SEED_BYTES + 1 || material[0] !== SIGNATURE_TYPES.note)
    throw new InfrastructureError(`${path} is no Ed25519 note key`, { retryable: false });
  const opened = signerOf(name, material.subarray(1));
  if (keyOf(opened).id !== id) throw new InfrastructureError(`the id in ${path} is not its key's`, { retryable: false });
  return opened;
}

/** Makes a key; refuses to overwrite one. `nameOf` may use the public key, for a name that no other log has. */
export async function makeNoteSigner(path: string, nameOf: (keyid: string) => string): Promise<NoteSigner> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(PKCS8_HEAD.length);
  const made = signerOf(nameOf(keyIdOf(spkiOf(privateKey))), seed);
  const material = Buffer.concat([Uint8Array.of(SIGNATURE_TYPES.note), seed]).toString('base64');
  await writeFile(path, `PRIVATE+KEY+${made.name}+${keyOf(made).id}+${material}\n`, { mode: 0o600, flag: 'wx', flush: true });
  return made;
}

const keyOf = ({ name, signer }: NoteSigner): NoteKey => noteKeyOf(name, SIGNATURE_TYPES.note, signer.spki);

function signerOf(name: string, seed: Uint8Array): NoteSigner {
  invariant(seed.byteLength === SEED_BYTES, 'an Ed25519 seed has 32 bytes');
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  const spki = spkiOf(key);
  const signer: Signer = {
    algorithm: 'ed25519',
    keyid: keyIdOf(spki),
    spki,
    keyClass: 'dev',
    sign: async (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
  return { name, signer };
}
