import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  ArnPrincipal,
  Effect,
  type IRole,
  PolicyDocument,
  PolicyStatement,
  type PolicyStatementProps,
} from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** How one key signs; everything else is refused. */
export type Signing = { readonly spec: KeySpec; readonly algorithm: string; readonly messageType: 'DIGEST' | 'RAW' };

/** Envelopes: what every DSSE tool verifies. The digest is made here, so a statement may be of any size. */
export const SEALS: Signing = { spec: KeySpec.ECC_NIST_P256, algorithm: 'ECDSA_SHA_256', messageType: 'DIGEST' };
/** Checkpoints, as C2SP wants them. Pure Ed25519 takes the message itself, up to 4 KB. */
export const CHECKPOINTS: Signing = {
  spec: KeySpec.ECC_NIST_EDWARDS25519,
  algorithm: 'ED25519_SHA_512',
  messageType: 'RAW',
};

export type SigningKeyProps = {
  readonly description: string;
  readonly signing: Signing;
  /** The one role that signs with it. */
  readonly signer: IRole;
  readonly breakGlassRole: string | undefined;
};

/** A key that one role may sign with, in one way, and that is not deleted or switched off on an ordinary day. */
export class SigningKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: SigningKeyProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: props.description,
      keySpec: props.signing.spec,
      keyUsage: KeyUsage.SIGN_VERIFY,
      policy: policyOf(props),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

/** What ends a key's use. What it signed still verifies with the public key, which is in the vault. */
const ENDS = ['kms:ScheduleKeyDeletion', 'kms:DisableKey'];

/** What the account's own administrators may do with it by their IAM rights. Signing is not among it, nor is handing it on. */
const ADMINISTRATION = [
  ...['kms:DescribeKey', 'kms:GetPublicKey', 'kms:GetKeyPolicy', 'kms:PutKeyPolicy', 'kms:ListKeyPolicies'],
  ...['kms:GetKeyRotationStatus', 'kms:ListGrants', 'kms:RevokeGrant', 'kms:EnableKey', 'kms:CancelKeyDeletion'],
  ...['kms:UpdateKeyDescription', 'kms:ListResourceTags', 'kms:TagResource', 'kms:UntagResource'],
];

/**
 * In the policy of a key "*" is this key. Without a break-glass role nobody ends it, the account's root included; an administrator
 * would first have to edit this policy, which CloudTrail tells and `doctor` sees.
 */
function policyOf({ signing, signer, breakGlassRole }: SigningKeyProps): PolicyDocument {
  const allow = (props: PolicyStatementProps) => new PolicyStatement({ ...props, resources: ['*'] });
  const deny = (sid: string, actions: string[], conditions: Record<string, object> = {}) =>
    new PolicyStatement({
      ...{ sid, effect: Effect.DENY, principals: [new AnyPrincipal()] },
      ...{ actions, resources: ['*'], conditions },
    });
  const notBy = (arn: string) => ({ ArnNotEquals: { 'aws:PrincipalArn': arn } });
  const as = { 'kms:SigningAlgorithm': signing.algorithm, 'kms:MessageType': signing.messageType };
  const statements = [
    allow({ sid: 'AccountAdministers', principals: [new AccountRootPrincipal()], actions: ADMINISTRATION }),
    allow({ sid: 'OneRoleSigns', principals: [signer], actions: ['kms:Sign'], conditions: { StringEquals: as } }),
    // Said once more as denials: they hold even when somebody adds a statement that allows more.
    deny('NobodyElseSigns', ['kms:Sign'], notBy(signer.roleArn)),
    deny('NoOtherAlgorithm', ['kms:Sign'], { StringNotEquals: { 'kms:SigningAlgorithm': signing.algorithm } }),
    deny('NoOtherMessageType', ['kms:Sign'], { StringNotEquals: { 'kms:MessageType': signing.messageType } }),
    // A grant would hand signing on without a trace in any policy.
    deny('NobodyHandsItOn', ['kms:CreateGrant']),
    deny('OnlyBreakGlassEndsIt', ENDS, breakGlassRole === undefined ? {} : notBy(breakGlassRole)),
  ];
  if (breakGlassRole !== undefined)
    statements.push(allow({ sid: 'BreakGlassEndsIt', principals: [new ArnPrincipal(breakGlassRole)], actions: ENDS }));
  return new PolicyDocument({ statements });
}
