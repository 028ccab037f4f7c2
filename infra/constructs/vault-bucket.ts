import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { vaultDenials, type Writers } from './vault-policy.ts';

export type VaultBucketProps = {
  /** `prod`: compliance, which nobody shortens, root included. `dev`: governance, which can be torn down one day. */
  readonly class: 'prod' | 'dev';
  readonly retentionDays: number;
  readonly writers: Writers;
  readonly breakGlassRole: string | undefined;
};

/** The vault: objects that are written once. The lock is on from the first moment; it could not be added in this form later. */
export class VaultBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: VaultBucketProps) {
    super(scope, id);
    const days = Duration.days(props.retentionDays);
    this.bucket = new Bucket(this, 'Bucket', {
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention:
        props.class === 'prod' ? ObjectLockRetention.compliance(days) : ObjectLockRetention.governance(days),
      // S3's own key: one that somebody can schedule for deletion would be a way to lose all evidence at once.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const denial of vaultDenials(this.bucket, props.writers, props.breakGlassRole))
      this.bucket.addToResourcePolicy(denial);
    this.bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs would be objects without If-None-Match, which the policy of this bucket refuses, or a second bucket to guard. ' +
        'Who did what is told by data events of the account’s own CloudTrail (docs/aws.md).',
    });
  }
}
