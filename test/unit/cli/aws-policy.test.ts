// R14 a policy is read for what it denies. Each denial taken away must be missed.
import { describe, expect, it } from 'vitest';
import { BUT_ONE_ROLE, denies, statementsIn } from '../../../cli/aws-doctor/policy.ts';

const BUCKET = 'arn:aws:s3:::evidence';
const everybody = { Effect: 'Deny', Principal: { AWS: '*' } };
const policy = (...Statement: object[]) => statementsIn(JSON.stringify({ Version: '2012-10-17', Statement }));

const WANTED = { action: 's3:DeleteObject', on: `${BUCKET}/events/0` };
const DELETES = { ...everybody, Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'], Resource: `${BUCKET}/*` };

describe('R14 what a policy denies', () => {
  it('everybody, everywhere, always', () => {
    expect(denies(policy(DELETES), WANTED)).toBe(true);
    expect(denies(policy({ ...DELETES, Principal: '*', Action: 's3:Delete*' }), WANTED)).toBe(true);
    // Names of actions are not told apart by case.
    expect(denies(policy({ ...DELETES, Action: 'S3:deleteobject' }), WANTED)).toBe(true);
  });

  it.each([
    ['nothing', {}],
    ['an allowance', { ...DELETES, Effect: 'Allow' }],
    ['one principal', { ...DELETES, Principal: { AWS: 'arn:aws:iam::111122223333:role/one' } }],
    ['a service', { ...DELETES, Principal: { Service: 'lambda.amazonaws.com' } }],
    ['another action', { ...DELETES, Action: 's3:DeleteObjectTagging' }],
    ['another folder', { ...DELETES, Resource: `${BUCKET}/blobs/*` }],
    ['another bucket', { ...DELETES, Resource: 'arn:aws:s3:::evidences/*' }],
    ['all but some principals', { ...DELETES, NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' } }],
    ['a dot that stands for any letter', { ...DELETES, Resource: `arn.aws.s3:::evidence/*` }],
    ['a condition nobody asked for', { ...DELETES, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } }],
  ])('not: %s', (_, statement) => {
    expect(denies('Effect' in statement ? policy(statement) : policy(), WANTED)).toBe(false);
  });

  it('unless one role asks, where that is meant; and nobody else is let through beside it', () => {
    const Condition = { ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/seal' } };
    const puts = { ...everybody, Action: 's3:PutObject', Resource: `${BUCKET}/events/*`, Condition };
    const wanted = { action: 's3:PutObject', on: `${BUCKET}/events/0`, only: BUT_ONE_ROLE };
    expect(denies(policy(puts), wanted)).toBe(true);
    for (const arn of [
      '*',
      'arn:aws:iam::111122223333:role/*',
      ['arn:aws:iam::111122223333:role/a', 'arn:aws:iam::111122223333:role/b'],
    ])
      expect(denies(policy({ ...puts, Condition: { ArnNotEquals: { 'aws:PrincipalArn': arn } } }), wanted)).toBe(false);
    const and = { ...Condition, Null: { 's3:if-none-match': 'true' } };
    expect(denies(policy({ ...puts, Condition: and }), wanted)).toBe(false);
    expect(denies(policy(puts), { ...wanted, only: ['Null', 's3:if-none-match', /^true$/] })).toBe(false);
  });

  it('the keys of a key’s policy, which names no resource but itself', () => {
    const key = policy({ ...everybody, Action: 'kms:CreateGrant', Resource: '*' });
    expect(denies(key, { action: 'kms:CreateGrant' })).toBe(true);
    expect(denies(key, { action: 'kms:Sign' })).toBe(false);
  });
});
