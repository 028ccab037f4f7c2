import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { keyIdOf } from '../../domain/crypto.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import type { Signer } from '../../ports.ts';

/** A P-256 key in a file beside the data: for laptops. It says `dev` of itself, and a production gate refuses it. */
export async function openDevSigner(path: string): Promise<Signer> {
  const pem = (await readKey(path)) ?? (await makeKey(path));
  const privateKey = createPrivateKey(pem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return {
    algorithm: 'p256',
    keyid: keyIdOf(spki),
    spki,
    keyClass: 'dev',
    sign: async (bytes) => new Uint8Array(sign('sha256', bytes, privateKey)),
  };
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new InfrastructureError(`cannot read the signing key at ${path}`, { retryable: false, cause: error });
  }
}

async function makeKey(path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await writeFile(path, pem, { mode: 0o600, flag: 'wx', flush: true });
  return pem;
}
