// What nobody may do to the vault, whatever their own rights say. A deny in the bucket's policy is stronger than any permission of
// a role; only who may edit this very policy stands above it, and doctor compares it (docs/aws.md).
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

export type Writers = {
  /** Writes `events/`, `records/` and `reattested/`, and nobody else does. */
  readonly seal: IRole;
  /** Writes `log/`, and nobody else does. */
  readonly log: IRole;
};

export function vaultDenials(bucket: Bucket, writers: Writers, breakGlassRole: string | undefined): PolicyStatement[] {
  const objects = bucket.arnForObjects('*');
  const deny = (sid: string, actions: string[], resources: string[], conditions: Record<string, object> = {}) =>
    new PolicyStatement({ sid, effect: Effect.DENY, principals: [new AnyPrincipal()], actions, resources, conditions });
  const onlyBy = (sid: string, { roleArn }: IRole, ...prefixes: string[]) =>
    deny(
      sid,
      ['s3:PutObject'],
      prefixes.map((prefix) => bucket.arnForObjects(`${prefix}/*`)),
      { ArnNotEquals: { 'aws:PrincipalArn': roleArn } },
    );
  const butBreakGlass = breakGlassRole === undefined ? {} : { ArnNotEquals: { 'aws:PrincipalArn': breakGlassRole } };

  return [
    // A delete without a version succeeds on locked objects, too: it hides them behind a marker. Exempt: nobody.
    deny('NobodyDeletes', ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:ReplicateDelete'], [objects]),
    // The default retention of the bucket is the only one. A writer with this right could put an object that is kept for a day, and
    // in governance mode whoever has the bypass may shorten any. Exempt: nobody.
    deny('NobodyChangesRetention', ['s3:PutObjectRetention', 's3:BypassGovernanceRetention'], [objects]),
    // A hold is lifted by whoever may set it, so it proves nothing here. Exempt: nobody.
    deny('NobodyHolds', ['s3:PutObjectLegalHold'], [objects]),
    // Without If-None-Match a second version would lie over the first. Parts of a multipart upload and a copy cannot carry that
    // header, so both are refused as well: one put is one whole object. Exempt: nobody.
    deny('NobodyPutsUnconditionally', ['s3:PutObject'], [objects], { Null: { 's3:if-none-match': 'true' } }),
    // Replication writes versions under existing keys, past that condition. Exempt: nobody.
    deny(
      'NobodyReplicatesIntoIt',
      ['s3:ReplicateObject', 's3:ReplicateTags', 's3:ObjectOwnerOverrideToBucketOwner'],
      [objects],
    ),
    // Under a key of somebody's own an object is lost with that key; S3's own key is nobody's to delete. Exempt: nobody.
    deny('NobodyEncryptsOtherwise', ['s3:PutObject'], [objects], {
      Null: { 's3:x-amz-server-side-encryption': 'false' },
      StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' },
    }),
    deny('NobodyEncryptsWithTheirKey', ['s3:PutObject'], [objects], {
      Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
    }),
    // The call that swaps the key of an object that is there. Exempt: nobody.
    deny('NobodySwapsKeys', ['s3:UpdateObjectEncryption'], [objects]),
    // What stands beside an object and may change without a new version. Exempt: nobody.
    deny(
      'NobodyWritesBeside',
      [
        ...['s3:PutObjectAnnotation', 's3:DeleteObjectAnnotation'],
        ...['s3:PutObjectTagging', 's3:PutObjectVersionTagging', 's3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging'],
        ...['s3:PutObjectAcl', 's3:PutObjectVersionAcl'],
      ],
      [objects],
    ),
    // What is sealed is written by the sealer alone, also against roles of this account that may write anywhere.
    onlyBy('OnlySealWritesEvents', writers.seal, 'events', 'records', 'reattested'),
    onlyBy('OnlyLogWritesTheLog', writers.log, 'log'),
    // Lock, versioning, expiry, encryption and doors of the bucket stay as the stack made them. Exempt: the break-glass role, if the
    // configuration names one; a longer retention is deployed through it (docs/aws.md).
    deny(
      'TheLockStays',
      [
        ...['s3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning', 's3:PutLifecycleConfiguration'],
        ...['s3:PutEncryptionConfiguration', 's3:PutBucketPublicAccessBlock', 's3:PutBucketOwnershipControls'],
        ...['s3:PutReplicationConfiguration', 's3:PutBucketAcl', 's3:DeleteBucket'],
      ],
      [bucket.bucketArn],
      butBreakGlass,
    ),
  ];
}
