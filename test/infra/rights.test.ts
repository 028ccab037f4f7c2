// Who may do what, read from the templates: not what the code meant to grant, but what would be deployed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flat, type Statement } from '../../infra/template.ts';
import { ofType, resourcesOf, statementsOf, synthesised } from './synthesised.ts';

const { evidence, router } = synthesised();
const all = [...statementsOf(evidence), ...statementsOf(router)];
/** What roles are given; the policies of resources have a test of their own. */
const given = all.filter(({ type, effect }) => type.startsWith('AWS::IAM::') && effect === 'Allow' && !isTrust(type));

function isTrust(type: string): boolean {
  return type === 'AWS::IAM::Role';
}

/** Every star in a resource, and why it is there. Whoever adds one adds its reason here. */
const WIDE: readonly (readonly [RegExp, actions: RegExp, reason: string])[] = [
  [/^<FnGetAttVaultBucket\w+Arn\w+>\/\*$/, /^s3:GetObject(Version)?$/, 'each stage reads for itself what it relies on'],
  [/^<FnGetAttVaultBucket\w+Arn\w+>\/[a-z]+\/\*$/, /^s3:PutObject$/, 'names in a folder of the vault are digests'],
  [/^<Stages\w+Function\w+\.Arn>:\*$/, /^lambda:InvokeFunction$/, 'executions from before a deploy go on with older versions'],
  [/:execution:<PromotionMachine\w+\.Name>:\*$/, /^states:DescribeExecution$/, 'executions are named after requests'],
  [/^\*$/, /^xray:Put(TraceSegments|TelemetryRecords)$/, 'X-Ray knows no resources'],
  [/^\*$/, /^logs:\w*(LogDeliver(y|ies)|ResourcePolic(y|ies)|LogGroups)$/, 'Step Functions sets up its log delivery'],
];

describe('no more than is needed (R23)', () => {
  it('no action has a star', () => {
    const stars = all.flatMap(({ in: id, actions, effect }) =>
      actions.filter((action) => effect === 'Allow' && action.includes('*')).map((action) => `${id}: ${action}`),
    );
    expect(stars).toEqual([]);
  });

  it('a star in a resource has a reason', () => {
    const without = given.flatMap(({ in: id, actions, resources }) =>
      resources
        .filter((resource) => resource.includes('*'))
        .filter((resource) => !WIDE.some(([wide, what]) => wide.test(resource) && actions.every((action) => what.test(action))))
        .map((resource) => `${id}: ${actions.join(', ')} on ${resource}`),
    );
    expect(without).toEqual([]);
  });

  it('each reason is still needed', () => {
    const used = (wide: RegExp, what: RegExp) =>
      given.some(({ actions, resources }) => resources.some((one) => wide.test(one)) && actions.every((one) => what.test(one)));
    expect(WIDE.filter(([wide, what]) => !used(wide, what)).map(([, , reason]) => reason)).toEqual([]);
  });

  it('one policy for each role, one role for each function', () => {
    const roles = [...ofType(router, 'AWS::Lambda::Function').values()].map(({ Properties }) => flat(Properties['Role']));
    expect(new Set(roles).size).toBe(roles.length);
    const policies = [...ofType(router, 'AWS::IAM::Policy').values()].map(({ Properties }) => flat(Properties['Roles']));
    expect(new Set(policies).size).toBe(policies.length);
    const managed = [...resourcesOf(router).values(), ...resourcesOf(evidence).values()].filter(
      ({ Properties }) => Properties['ManagedPolicyArns'] !== undefined,
    );
    expect(managed).toEqual([]);
  });

  it('a policy fits into what a role may have, with the longest names', () => {
    const tooLong = [...ofType(router, 'AWS::IAM::Policy')].filter(
      // An ARN is longer than what stands for it here.
      ([, { Properties }]) => JSON.stringify(Properties['PolicyDocument'], (_, value) => longer(value)).length > 10_240,
    );
    expect(tooLong.map(([id]) => id)).toEqual([]);
  });
});

const longer = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && /^(Ref|Fn::)/.test(Object.keys(value)[0] ?? '')
    ? flat(value).replaceAll(/<[^>]*>/g, 'x'.repeat(110))
    : value;

/** The policy of a role is named after its function. */
const functionOf = ({ in: id }: Statement): string => /^(?:Stages)?(\w+?)May[0-9A-F]{8}$/.exec(id)?.[1]?.toLowerCase() ?? id;
const whoMay = (can: (one: Statement) => boolean): string[] => [...new Set(given.filter(can).map(functionOf))].sort();
const writes = (folder: string) => (one: Statement) =>
  one.actions.includes('s3:PutObject') && one.resources.some((resource) => resource.endsWith(`/${folder}/*`));
const does = (action: string) => (one: Statement) => one.actions.includes(action);

describe('who writes evidence, and who signs (R22, R23)', () => {
  it.each([
    ['events', ['seal']],
    ['records', ['seal']],
    ['reattested', ['seal']],
    ['log', ['log']],
    ['votes', ['api']],
    ['packs', ['api', 'seal']],
    ['said', ['api', 'seal', 'sweep']],
    ['blobs', ['api', 'compare', 'log', 'route', 'seal', 'sweep']],
    ['journal', ['api', 'compare', 'log', 'release', 'route', 'seal', 'sweep']],
  ])('%s/ is written by %s', (folder, who) => {
    expect(whoMay(writes(folder))).toEqual(who);
  });

  it('with the seal key only seal signs, with the log key only log', () => {
    const signing = given.filter(does('kms:Sign')).map((one) => [functionOf(one), one.resources]);
    expect(signing).toEqual([
      ['seal', [expect.stringMatching(/^<FnGetAttSealKey\w+>$/)]],
      ['log', [expect.stringMatching(/^<FnGetAttLogKey\w+>$/)]],
    ]);
  });

  it('who asks for a seal asks an alias, where an operator’s words are not taken (0042)', () => {
    const asking = given.filter(({ actions, in: id }) => actions.includes('lambda:InvokeFunction') && !/Promotion/.test(id));
    expect(asking.flatMap(({ resources }) => resources)).toEqual([
      expect.stringMatching(/^<StagesSeal\w*Aliaslive\w+>$/),
      expect.stringMatching(/^<StagesSeal\w*Aliaslive\w+>$/),
    ]);
  });

  it('nobody deletes, bypasses, holds, tags or sets a retention', () => {
    const forbidden =
      /^s3:(Delete|Bypass|Replicate|Abort|Restore|.*(Retention|LegalHold|Tagging|Acl|Annotation|Encryption|Lifecycle|Versioning|ObjectLock|Policy))/;
    expect(given.flatMap(({ actions }) => actions).filter((action) => forbidden.test(action))).toEqual([]);
  });

  it('nobody administers keys, tables, roles or functions', () => {
    const actions = [...new Set(given.flatMap(({ actions }) => actions))].sort();
    expect(actions).toEqual([
      ...['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
      ...['events:PutEvents', 'kms:GetPublicKey', 'kms:Sign', 'lambda:InvokeFunction'],
      ...['logs:CreateLogDelivery', 'logs:CreateLogStream', 'logs:DeleteLogDelivery', 'logs:DescribeLogGroups'],
      ...['logs:DescribeResourcePolicies', 'logs:GetLogDelivery', 'logs:ListLogDeliveries', 'logs:PutLogEvents'],
      ...['logs:PutResourcePolicy', 'logs:UpdateLogDelivery'],
      ...['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:ListBucketVersions', 's3:PutObject'],
      ...['secretsmanager:GetSecretValue', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      ...['sqs:ReceiveMessage', 'sqs:SendMessage', 'states:DescribeExecution', 'states:SendTaskSuccess'],
      ...['states:StartExecution', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    ]);
  });

  it('rows of the index change in transactions only', () => {
    const rows = given.filter(
      ({ actions, resources }) => actions.includes('dynamodb:PutItem') && resources.some((one) => one.includes('IndexTable')),
    );
    expect(rows).toHaveLength(7);
    for (const { condition } of rows)
      expect(condition).toEqual({ 'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] } });
  });

  it('task tokens are seen by who keeps and who uses them, and by nobody else', () => {
    const partitions = given
      .filter(({ resources }) => resources.some((one) => one.includes('PrivateTable')))
      .map((one) => [functionOf(one), JSON.stringify(one.condition)] as const);
    const tokens = partitions.filter(([, condition]) => condition.includes('TOKEN#'));
    expect(tokens.map(([who]) => who).sort()).toEqual(['approve', 'wake']);
    // None of these rights is for the whole table.
    expect(partitions.filter(([, condition]) => !condition?.includes('dynamodb:LeadingKeys'))).toEqual([]);
    expect(partitions.filter(([, condition]) => !condition?.includes('"Null":{"dynamodb:LeadingKeys":"false"}'))).toEqual([]);
  });

  it('functions ask the sealer by its alias, never the function itself, where it takes what is an operator’s', () => {
    const invoked = given.filter(does('lambda:InvokeFunction')).filter((one) => functionOf(one) !== 'promotion');
    expect(invoked.flatMap(({ resources }) => resources)).toEqual([
      ...[
        expect.stringMatching(/^<StagesSealFunctionAliaslive\w+>$/),
        expect.stringMatching(/^<StagesSealFunctionAliaslive\w+>$/),
      ],
    ]);
  });

  it('each call that the adapters make is allowed to somebody, and nothing is allowed that none of them makes', () => {
    const CALLS: Readonly<Record<string, readonly string[]>> = {
      DeleteItem: ['dynamodb:DeleteItem'],
      DescribeExecution: ['states:DescribeExecution'],
      GetItem: ['dynamodb:GetItem'],
      GetObject: ['s3:GetObject', 's3:GetObjectVersion'],
      GetPublicKey: ['kms:GetPublicKey'],
      GetSecretValue: ['secretsmanager:GetSecretValue'],
      // Without the right to list, S3 answers 403 where there is nothing.
      HeadObject: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
      Invoke: ['lambda:InvokeFunction'],
      ListObjectVersions: ['s3:ListBucketVersions'],
      PutEvents: ['events:PutEvents'],
      PutItem: ['dynamodb:PutItem'],
      PutObject: ['s3:PutObject'],
      Query: ['dynamodb:Query'],
      SendMessage: ['sqs:SendMessage'],
      SendMessageBatch: ['sqs:SendMessage'],
      SendTaskSuccess: ['states:SendTaskSuccess'],
      Sign: ['kms:Sign'],
      StartExecution: ['states:StartExecution'],
      TransactWriteItems: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
    };
    const folder = join(import.meta.dirname, '..', '..', 'functions');
    const made = ['adapters/aws', 'aws'].flatMap((name) =>
      readdirSync(join(folder, name)).flatMap((file) => [
        ...readFileSync(join(folder, name, file), 'utf8').matchAll(/new (\w+)Command\(/g),
      ]),
    );
    const called = [...new Set(made.map(([, call = '']) => call))].sort();
    expect(called).toEqual(Object.keys(CALLS).sort());
    // The queues are read by Lambda itself; every function writes its log and its traces.
    const byLambda = /^(logs|xray):|^sqs:(Receive|Delete|Change|Get)/;
    const allowed = new Set(given.flatMap(({ actions }) => actions).filter((action) => !byLambda.test(action)));
    expect([...allowed].sort()).toEqual([...new Set(called.flatMap((call) => CALLS[call] ?? []))].sort());
  });

  it.each([
    ['states:StartExecution', ['wake']],
    ['states:SendTaskSuccess', ['wake']],
    ['events:PutEvents', ['release']],
    ['secretsmanager:GetSecretValue', ['api', 'release', 'sweep']],
    ['lambda:InvokeFunction', ['api', 'promotion', 'sweep']],
  ])('%s: %s', (action, who) => {
    expect(whoMay(does(action))).toEqual(who);
  });
});
