// The two keys: what they are, who may use them, and that who runs the doctor may not.
import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  type KMSClient,
  ListGrantsCommand,
  SignCommand,
} from '@aws-sdk/client-kms';
import { nameOf } from '../../functions/adapters/aws/fault.ts';
import { keyIdOf, sha256 } from '../../functions/domain/crypto.ts';
import { either, type Look, noted, ok, type Told, tried } from './finding.ts';
import { BUT_ONE_ROLE, denies, type Statement, statementsIn } from './policy.ts';

export type Meant = { readonly area: string; readonly spec: string; readonly algorithm: 'ECDSA_SHA_256' | 'ED25519_SHA_512' };

export const SEAL: Meant = { area: 'seal key', spec: 'ECC_NIST_P256', algorithm: 'ECDSA_SHA_256' };
export const LOG: Meant = { area: 'log key', spec: 'ECC_NIST_EDWARDS25519', algorithm: 'ED25519_SHA_512' };

export function keyLooks(kms: KMSClient, KeyId: string, { area, spec, algorithm }: Meant): Look[] {
  const at = (name: string, run: Look['run']): Look => ({ area, name, run });
  return [
    at('what it is', async () => {
      const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }));
      const words = `${key?.KeySpec} for ${key?.KeyUsage}, ${key?.KeyState}, made by ${key?.Origin}${key?.MultiRegion ? ', in several regions' : ''}`;
      const right = key?.KeySpec === spec && key.KeyUsage === 'SIGN_VERIFY' && key.KeyState === 'Enabled';
      return either(
        right && key.Origin === 'AWS_KMS' && key.MultiRegion !== true,
        words,
        `${words}; needed is ${spec} for SIGN_VERIFY, made by AWS_KMS`,
      );
    }),
    at('its name', async () => {
      const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId }));
      const pem =
        Buffer.from(PublicKey)
          .toString('base64')
          .match(/.{1,64}/g) ?? [];
      return noted(
        `keyid ${keyIdOf(['-----BEGIN PUBLIC KEY-----', ...pem, '-----END PUBLIC KEY-----', ''].join('\n'))}: hold it against your trust file`,
      );
    }),
    at('rotation', () => rotation(kms, KeyId)),
    at('its policy', async () => {
      const { Policy = '{"Statement":[]}' } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
      return keyPolicyOf(statementsIn(Policy));
    }),
    at('grants', async () => {
      const { Grants = [] } = await kms.send(new ListGrantsCommand({ KeyId }));
      return either(Grants.length === 0, 'none', `${Grants.length} grants: signing was handed on past the policy`);
    }),
    at('sign with it, as you', () => {
      // No DSSE bytes: whatever answers is a signature of nothing.
      const bytes = new TextEncoder().encode('countersign doctor --aws');
      const raw = algorithm === 'ED25519_SHA_512';
      const asked = { KeyId, Message: raw ? bytes : sha256(bytes), MessageType: raw ? ('RAW' as const) : ('DIGEST' as const) };
      return tried(() => kms.send(new SignCommand({ ...asked, SigningAlgorithm: algorithm })));
    }),
  ];
}

/** A key pair is never rotated under its name: what it signed would then verify by no key of that name. */
async function rotation(kms: KMSClient, KeyId: string) {
  try {
    const { KeyRotationEnabled } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    return either(KeyRotationEnabled !== true, 'off', 'it changes by itself: what it signed would lose its key');
  } catch (error) {
    if (nameOf(error) === 'UnsupportedOperationException') return ok('not possible for such a key');
    throw error;
  }
}

/** Exported for its test, as that of the vault. */
export function keyPolicyOf(statements: readonly Statement[]): Told {
  const wanted = [
    { action: 'kms:Sign', only: BUT_ONE_ROLE },
    { action: 'kms:CreateGrant' },
    { action: 'kms:ScheduleKeyDeletion', only: BUT_ONE_ROLE },
    { action: 'kms:DisableKey', only: BUT_ONE_ROLE },
  ];
  const open = wanted.filter((one) => !denies(statements, one)).map(({ action }) => action);
  const many = statements
    .filter(({ Effect, Action }) => Effect === 'Allow' && Action.some((one) => ['kms:*', '*', 'kms:Sign'].includes(one)))
    .map(({ Principal }) => JSON.stringify(Principal));
  if (open.length > 0) return either(false, '', `does not deny ${open.join(', ')}`);
  return either(
    many.length === 1,
    'one role signs; nobody hands it on, deletes it or switches it off',
    `${many.length} statements allow signing: ${many.join(', ')}`,
  );
}
