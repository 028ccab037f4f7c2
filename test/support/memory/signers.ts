// Imitate keys that stay where they are (DevSigner, NoteSigner, KMS): held to the same laws in test/contract.
import { generateKeyPairSync, sign } from 'node:crypto';
import { keyIdOf } from '../../../functions/domain/crypto.ts';
import type { Signer } from '../../../functions/ports.ts';

export function memorySigner(algorithm: Signer['algorithm']): Signer {
  const { privateKey, publicKey } =
    algorithm === 'p256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const digest = algorithm === 'p256' ? 'sha256' : null;
  const signed = async (bytes: Uint8Array) => new Uint8Array(sign(digest, bytes, privateKey));
  return { algorithm, keyid: keyIdOf(spki), spki, keyClass: 'dev', sign: signed };
}
