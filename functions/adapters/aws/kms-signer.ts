import {
  GetPublicKeyCommand,
  type GetPublicKeyCommandOutput,
  type KMSClient,
  SignCommand,
  type SignCommandInput,
} from '@aws-sdk/client-kms';
import { ed25519PublicOf, keyIdOf, sha256, verifyEd25519, verifyP256 } from '../../domain/crypto.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import type { Signer } from '../../ports.ts';
import { asking } from './fault.ts';

type Algorithm = Signer['algorithm'];

/** KMS takes 4 096 bytes, and pure Ed25519 is over the message itself; a checkpoint has some hundred. */
const MAX_RAW_BYTES = 4096;

const SPECS = { p256: 'ECC_NIST_P256', ed25519: 'ECC_NIST_EDWARDS25519' } as const;

const SIGNING = {
  p256: (bytes: Uint8Array) => ({
    Message: sha256(bytes),
    MessageType: 'DIGEST' as const,
    SigningAlgorithm: 'ECDSA_SHA_256' as const,
  }),
  ed25519: (bytes: Uint8Array) => {
    if (bytes.byteLength > MAX_RAW_BYTES) throw unusable(`cannot sign ${bytes.byteLength} bytes: KMS takes ${MAX_RAW_BYTES}`);
    return { Message: bytes, MessageType: 'RAW' as const, SigningAlgorithm: 'ED25519_SHA_512' as const };
  },
} satisfies Record<Algorithm, (bytes: Uint8Array) => Omit<SignCommandInput, 'KeyId'>>;

const VERIFYING = {
  p256: verifyP256,
  ed25519: (spki: string, bytes: Uint8Array, signature: Uint8Array) =>
    verifyEd25519(ed25519PublicOf(spki) ?? new Uint8Array(), bytes, signature),
} satisfies Record<Algorithm, (spki: string, bytes: Uint8Array, signature: Uint8Array) => boolean>;

/** `key`: its ARN. `keyClass`: what this deployment is; a key cannot know it. */
type KmsKey = { readonly key: string; readonly algorithm: Algorithm; readonly keyClass: Signer['keyClass'] };

/** Of an ARN the key's own id: the rest names the account. */
const nameIn = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** A key that never leaves KMS. Its public half is read once; what KMS signs is held against it each time. */
export async function openKmsSigner(client: KMSClient, { key, algorithm, keyClass }: KmsKey): Promise<Signer> {
  const answer = await asking(`read the public key of ${nameIn(key)}`, () =>
    client.send(new GetPublicKeyCommand({ KeyId: key })),
  );
  const spki = spkiOf(answer, SPECS[algorithm]);
  return {
    algorithm,
    keyid: keyIdOf(spki),
    spki,
    keyClass,
    sign: async (bytes) => {
      const asked = { KeyId: key, ...SIGNING[algorithm](bytes) };
      const { Signature } = await asking(`sign with ${nameIn(key)}`, () => client.send(new SignCommand(asked)));
      // An alias that was set to another key would sign as well, and nobody could verify it by the key that we name.
      if (Signature === undefined || !VERIFYING[algorithm](spki, bytes, Signature))
        throw unusable(`${nameIn(key)} signed what its public key does not verify`);
      return new Uint8Array(Signature);
    },
  };
}

function spkiOf({ KeyId = 'the key', KeySpec, KeyUsage, PublicKey }: GetPublicKeyCommandOutput, wanted: string): string {
  if (KeySpec !== wanted || KeyUsage !== 'SIGN_VERIFY' || PublicKey === undefined)
    throw unusable(`${KeyId} is ${KeySpec} for ${KeyUsage}; needed is ${wanted} for SIGN_VERIFY`);
  const lines =
    Buffer.from(PublicKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
}

const unusable = (why: string) => new InfrastructureError(why, { retryable: false });
