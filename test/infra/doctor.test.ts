// R14 what the stack writes is what the doctor looks for, with and without a role for emergencies. Each denial that is taken away from
// the template must be missed by the doctor: so neither forgets one that the other has.
import { describe, expect, it } from 'vitest';
import { vaultPolicyOf } from '../../cli/aws-doctor/bucket.ts';
import { keyPolicyOf } from '../../cli/aws-doctor/keys.ts';
import { type Statement, statementsIn } from '../../cli/aws-doctor/policy.ts';
import { tablePolicyOf } from '../../cli/aws-doctor/table.ts';
import { EXAMPLE, ofType, PROD, synthesised } from './synthesised.ts';

const BUCKET = 'evidence';

/** As CloudFormation fills a template in. */
function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filled);
  if (typeof value !== 'object' || value === null) return value;
  if ('Fn::Join' in value) {
    const [by, parts] = value['Fn::Join'] as [string, unknown[]];
    return parts.map((part) => String(filled(part))).join(by);
  }
  if ('Ref' in value)
    return value.Ref === 'AWS::Partition' ? 'aws' : value.Ref === 'AWS::AccountId' ? '111122223333' : String(value.Ref);
  if ('Fn::GetAtt' in value) {
    const [of] = value['Fn::GetAtt'] as [string];
    return of.startsWith('Vault') ? `arn:aws:s3:::${BUCKET}` : `arn:aws:iam::111122223333:role/${of}`;
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one)]));
}

function evidence(config: unknown) {
  const template = synthesised(config).evidence;
  const policies = (type: string, of: (properties: Record<string, unknown>) => unknown) =>
    [...ofType(template, type).values()].flatMap(({ Properties }) => {
      const policy = of(Properties);
      return policy === undefined ? [] : [statementsIn(JSON.stringify(filled(policy)))];
    });
  type Replicas = { ResourcePolicy?: { PolicyDocument: unknown } }[];
  return {
    vault: policies('AWS::S3::BucketPolicy', ({ PolicyDocument }) => PolicyDocument),
    tables: policies('AWS::DynamoDB::GlobalTable', ({ Replicas }) => (Replicas as Replicas)[0]?.ResourcePolicy?.PolicyDocument),
    keys: policies('AWS::KMS::Key', ({ KeyPolicy }) => KeyPolicy),
  };
}

describe.each([
  ['nobody may break glass', EXAMPLE],
  ['a role may break glass', PROD],
])('R14 the doctor and the stack, %s', (_, config) => {
  const { vault, tables, keys } = evidence(config);
  const all: [string, readonly Statement[], (statements: readonly Statement[]) => { state: string; detail: string }][] = [
    ...vault.map((one): (typeof all)[number] => ['vault', one, (statements) => vaultPolicyOf(statements, BUCKET)]),
    ...tables.map((one): (typeof all)[number] => ['index', one, tablePolicyOf]),
    ...keys.map((one): (typeof all)[number] => ['a key', one, keyPolicyOf]),
  ];

  it('finds one vault, one index and two keys, and all is denied', () => {
    expect(all.map(([name]) => name)).toEqual(['vault', 'index', 'a key', 'a key']);
    for (const [name, statements, told] of all)
      expect(`${name}: ${told(statements).state} ${told(statements).detail}`).toContain(': ok ');
  });

  it('misses each denial that it asks for', () => {
    for (const [, statements, told] of all) {
      const without = statements.filter(({ Effect }) => Effect !== 'Deny');
      expect(told(without).state).toBe('fail');
      const needed = statements.filter(
        (one) => one.Effect === 'Deny' && told(statements.filter((other) => other !== one)).state === 'fail',
      );
      expect(needed.length).toBeGreaterThan(0);
    }
  });
});
