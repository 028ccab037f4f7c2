// What the evidence stack promises, one by one.
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { flat } from '../../infra/template.ts';
import { BREAK_GLASS, EXAMPLE, ofType, PROD, resourcesOf, statementsOf, synthesised } from './synthesised.ts';

const prod = synthesised();
const dev = synthesised(EXAMPLE);
const inBucket = statementsOf(prod.evidence).filter(({ type }) => type === 'AWS::S3::BucketPolicy');

describe('the vault (R14, R15)', () => {
  const lockOf = (mode: string, days: number) => ({
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: mode, Days: days } } },
  });

  it('is locked from the first moment: ten years that nobody shortens in production', () => {
    prod.evidence.hasResourceProperties('AWS::S3::Bucket', lockOf('COMPLIANCE', 3653));
  });

  it('can be torn down one day in development', () => {
    dev.evidence.hasResourceProperties('AWS::S3::Bucket', lockOf('GOVERNANCE', 366));
  });

  it('keeps versions, is nobody’s but the account’s, and is encrypted with a key that nobody can delete', () => {
    prod.evidence.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      },
    });
  });

  it('lets nothing expire and replicates nothing away', () => {
    prod.evidence.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: Match.absent(),
      ReplicationConfiguration: Match.absent(),
    });
  });

  const denied = (action: string) =>
    inBucket.filter(({ effect, who, actions }) => effect === 'Deny' && who.includes('*') && actions.includes(action));
  const ALWAYS = [
    ...['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:ReplicateDelete', 's3:ReplicateObject'],
    ...['s3:PutObjectRetention', 's3:BypassGovernanceRetention', 's3:PutObjectLegalHold'],
    ...['s3:UpdateObjectEncryption', 's3:PutObjectAnnotation', 's3:DeleteObjectAnnotation'],
    ...['s3:PutObjectTagging', 's3:DeleteObjectTagging', 's3:PutObjectAcl', 's3:ObjectOwnerOverrideToBucketOwner'],
  ];

  it.each(ALWAYS)('%s is denied to everybody, without an exception', (action) => {
    const [one] = denied(action);
    expect(one).toMatchObject({ resources: ['<VaultBucket0925C477.Arn>/*'], condition: undefined });
  });

  it.each([
    ...['s3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning', 's3:PutLifecycleConfiguration'],
    ...['s3:PutEncryptionConfiguration', 's3:PutReplicationConfiguration', 's3:DeleteBucket', 's3:PutBucketAcl'],
    ...['s3:PutBucketPublicAccessBlock', 's3:PutBucketOwnershipControls'],
  ])('%s is denied to everybody but the break-glass role, and to everybody where there is none', (action) => {
    expect(denied(action)).toMatchObject([{ condition: { ArnNotEquals: { 'aws:PrincipalArn': BREAK_GLASS } } }]);
    const without = statementsOf(dev.evidence).filter(({ effect, actions }) => effect === 'Deny' && actions.includes(action));
    expect(without).toMatchObject([{ who: ['*'], condition: undefined }]);
  });

  it('takes only objects whose key was free, so neither parts of one nor copies', () => {
    const [one] = inBucket.filter(({ sid }) => sid === 'NobodyPutsUnconditionally');
    expect(one).toMatchObject({
      ...{ effect: 'Deny', who: ['*'], actions: ['s3:PutObject'], resources: ['<VaultBucket0925C477.Arn>/*'] },
      // No exemption by s3:ObjectCreationOperation: that one is for multipart uploads.
      condition: { Null: { 's3:if-none-match': 'true' } },
    });
    expect(Object.keys(one?.condition as object)).toEqual(['Null']);
  });

  it('takes no object under a key of somebody’s own', () => {
    expect(inBucket.filter(({ sid }) => sid?.startsWith('NobodyEncrypts'))).toMatchObject([
      {
        condition: {
          Null: { 's3:x-amz-server-side-encryption': 'false' },
          StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' },
        },
      },
      { condition: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } } },
    ]);
  });

  it('is written under events/ and records/ by the sealer’s role alone, under log/ by the sequencer’s', () => {
    const onlyBy = inBucket.filter(({ sid }) => sid?.startsWith('Only'));
    const folder = (name: string) => `<VaultBucket0925C477.Arn>/${name}/*`;
    const but = (role: string) => ({ ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [role, 'Arn'] } } });
    expect(onlyBy.map(({ resources, condition, actions }) => ({ resources, condition, actions }))).toEqual([
      {
        actions: ['s3:PutObject'],
        resources: ['events', 'records', 'reattested'].map(folder),
        condition: but('SealRoleF3C0EACC'),
      },
      { actions: ['s3:PutObject'], resources: [folder('log')], condition: but('LogRole158F280D') },
    ]);
  });

  it('speaks TLS 1.2 or newer only, and allows nothing by itself', () => {
    const tls = inBucket.filter(({ actions }) => actions.includes('s3:*'));
    expect(tls.map(({ effect, condition }) => ({ effect, condition }))).toEqual([
      { effect: 'Deny', condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { effect: 'Deny', condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
    ]);
    expect(inBucket.filter(({ effect }) => effect === 'Allow')).toEqual([]);
  });
});

describe('the tables (R27)', () => {
  const tables = [...ofType(prod.evidence, 'AWS::DynamoDB::GlobalTable').values()].map(({ Properties }) => ({
    ...Properties,
    replica: (Properties['Replicas'] as Record<string, unknown>[])[0] ?? {},
  }));
  const index = tables.find((one) => 'StreamSpecification' in one);
  const hidden = tables.find((one) => !('StreamSpecification' in one));

  it('index: not deleted by mistake, restored to any second, each change told', () => {
    expect(index).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      replica: { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    });
  });

  it('index: what writes past the conditions is denied to everybody', () => {
    const [one] = statementsOf(prod.evidence).filter(({ sid }) => sid === 'NobodyWritesPastTheConditions');
    expect(one).toMatchObject({ effect: 'Deny', who: ['*'], condition: undefined });
    expect(one?.actions).toEqual(
      expect.arrayContaining(['dynamodb:UpdateItem', 'dynamodb:BatchWriteItem', 'dynamodb:PartiQLUpdate']),
    );
  });

  it('private: ends by itself, under a key of KMS, in no backup and no stream', () => {
    expect(hidden).toMatchObject({
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      replica: { DeletionProtectionEnabled: true },
    });
    expect(hidden?.replica).not.toHaveProperty('PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled', true);
  });
});

describe('the keys', () => {
  const cases = [
    ['SealKey', 'ECC_NIST_P256', 'ECDSA_SHA_256', 'DIGEST', 'SealRoleF3C0EACC'],
    ['LogKey', 'ECC_NIST_EDWARDS25519', 'ED25519_SHA_512', 'RAW', 'LogRole158F280D'],
  ] as const;

  it.each(cases)('%s is %s and signs in one way, by one role', (name, spec, algorithm, message, role) => {
    prod.evidence.hasResourceProperties('AWS::KMS::Key', { KeySpec: spec, KeyUsage: 'SIGN_VERIFY' });
    const own = statementsOf(prod.evidence).filter(({ type, in: id }) => type === 'AWS::KMS::Key' && id.startsWith(name));
    const signing = own.filter(({ actions }) => actions.includes('kms:Sign'));
    const as = { 'kms:SigningAlgorithm': algorithm, 'kms:MessageType': message };
    expect(signing.filter(({ effect }) => effect === 'Allow')).toMatchObject([
      { who: [`<${role}.Arn>`], actions: ['kms:Sign'], condition: { StringEquals: as } },
    ]);
    expect(signing.filter(({ effect }) => effect === 'Deny').map(({ who, condition }) => ({ who, condition }))).toEqual([
      { who: ['*'], condition: { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [role, 'Arn'] } } } },
      { who: ['*'], condition: { StringNotEquals: { 'kms:SigningAlgorithm': algorithm } } },
      { who: ['*'], condition: { StringNotEquals: { 'kms:MessageType': message } } },
    ]);
    expect(own).toContainEqual(expect.objectContaining({ effect: 'Deny', who: ['*'], actions: ['kms:CreateGrant'] }));
  });

  it('a second generation stands beside the first, which stays what it is; the role signs with both', () => {
    const two = synthesised({ ...PROD, keys: { seal: 2, log: 1 } });
    expect([...ofType(two.evidence, 'AWS::KMS::Key').keys()].map((id) => id.replace(/(?<=\d)Key|[0-9A-F]{8}$/g, ''))).toEqual([
      ...['SealKey', 'SealKey2', 'LogKey'],
    ]);
    expect([...ofType(two.evidence, 'AWS::KMS::Key').keys()]).toEqual(
      expect.arrayContaining([...ofType(prod.evidence, 'AWS::KMS::Key').keys()]),
    );
    const signing = statementsOf(two.router).filter(({ actions }) => actions.includes('kms:Sign'));
    expect(signing.map(({ resources }) => resources.length)).toEqual([2, 1]);
    const [told] = [...ofType(two.router, 'AWS::Lambda::Function')]
      .filter(([id]) => id.startsWith('StagesSeal'))
      .map(([, { Properties }]) => Properties['Environment']);
    const { Variables } = told as { Variables: Record<string, unknown> };
    expect(flat(Variables['COUNTERSIGN_SEAL_KEY'])).toMatch(/^<FnGetAttSealKeyC\w+>,<FnGetAttSealKey2\w+>$/);
  });

  const ends = ({ actions }: { actions: readonly string[] }) => actions.includes('kms:ScheduleKeyDeletion');

  it('are ended by the break-glass role alone', () => {
    const both = statementsOf(prod.evidence).filter(ends);
    expect(both.map(({ effect, who, condition }) => ({ effect, who, condition }))).toEqual(
      cases.flatMap(() => [
        { effect: 'Deny', who: ['*'], condition: { ArnNotEquals: { 'aws:PrincipalArn': BREAK_GLASS } } },
        { effect: 'Allow', who: [BREAK_GLASS], condition: undefined },
      ]),
    );
    expect(both.every(({ actions }) => actions.includes('kms:DisableKey'))).toBe(true);
  });

  it('are ended by nobody where there is none', () => {
    const both = statementsOf(dev.evidence).filter(ends);
    expect(both.map(({ effect, who, condition }) => ({ effect, who, condition }))).toEqual(
      cases.map(() => ({ effect: 'Deny', who: ['*'], condition: undefined })),
    );
  });
});

describe('the stack', () => {
  it('is protected, and whatever is taken out of it stays in the account', () => {
    expect(prod.stacks.evidence.terminationProtection).toBe(true);
    const lost = [...resourcesOf(prod.evidence)].filter(
      ([, one]) => one.DeletionPolicy !== 'Retain' || one.UpdateReplacePolicy !== 'Retain',
    );
    expect(lost.map(([id]) => id)).toEqual([]);
  });

  it('has the ids that are for ever: another id would be another bucket, table or key', () => {
    const ids = [...resourcesOf(prod.evidence)].map(([id, { Type }]) => `${Type} ${id}`).sort();
    expect(ids).toEqual([
      'AWS::DynamoDB::GlobalTable IndexTable0C9C7D0C',
      'AWS::DynamoDB::GlobalTable PrivateTableE215FE76',
      'AWS::IAM::Role LogRole158F280D',
      'AWS::IAM::Role SealRoleF3C0EACC',
      'AWS::KMS::Key LogKey15608DC4',
      'AWS::KMS::Key SealKeyC5072D71',
      'AWS::S3::Bucket VaultBucket0925C477',
      'AWS::S3::BucketPolicy VaultBucketPolicyACD50CAD',
    ]);
  });

  it('gives the same template each time, and asks nobody', () => {
    expect(synthesised(PROD).evidence.toJSON()).toEqual(prod.evidence.toJSON());
  });
});
