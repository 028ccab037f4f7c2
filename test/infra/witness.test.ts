// The stack of the second account.
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { flat } from '../../infra/template.ts';
import { ofType, resourcesOf, statementsOf, synthesised, WITNESSED } from './synthesised.ts';

const { stacks, witness = Template.fromString('{}') } = synthesised(WITNESSED);
const all = statementsOf(witness);

describe('the witness', () => {
  it('stands in an account of its own, and shares nothing with the log it watches', () => {
    expect(stacks.witness?.account).toBe(WITNESSED.witness.account);
    expect(JSON.stringify(witness.toJSON())).not.toContain('Fn::ImportValue');
  });

  it('keeps its memory: lost, it could no longer tell a fork', () => {
    expect(stacks.witness?.terminationProtection).toBe(true);
    const kept = [...resourcesOf(witness).values()].filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect(kept.map(({ Type }) => Type)).toEqual(
      expect.arrayContaining(['AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key', 'AWS::IAM::Role']),
    );
    expect([...ofType(witness, 'AWS::DynamoDB::GlobalTable').keys(), ...ofType(witness, 'AWS::KMS::Key').keys()]).toEqual([
      'MemoryTable2F605A68',
      'WitnessKeyCABD8AC2',
    ]);
  });

  it('signs with its own key only, in the one way of checkpoints', () => {
    const given = all.filter(({ type, effect }) => type === 'AWS::IAM::Policy' && effect === 'Allow');
    const signing = given.filter(({ actions }) => actions.includes('kms:Sign'));
    expect(signing.map(({ resources, condition }) => ({ resources, condition }))).toEqual([
      {
        resources: [expect.stringMatching(/^<WitnessKey\w+\.Arn>$/)],
        condition: { StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' } },
      },
    ]);
    const wide = given.flatMap(({ actions, resources }) => (resources.some((one) => one.includes('*')) ? actions : []));
    expect(wide).toEqual(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']);
  });

  it('takes checkpoints from anybody, and nothing else', () => {
    const routes = [...ofType(witness, 'AWS::ApiGatewayV2::Route').values()].map(({ Properties }) => Properties['RouteKey']);
    expect(routes).toEqual(['POST /add-checkpoint', 'GET /healthz']);
  });

  it('is told which logs it may cosign', () => {
    const [told] = [...ofType(witness, 'AWS::Lambda::Function').values()].map(({ Properties }) => Properties['Environment']);
    const { Variables } = told as { Variables: Record<string, unknown> };
    expect(Object.keys(Variables).sort()).toEqual([
      ...['COUNTERSIGN_CLASS', 'COUNTERSIGN_LOGS', 'COUNTERSIGN_TABLE', 'COUNTERSIGN_WITNESS_KEY', 'COUNTERSIGN_WITNESS_NAME'],
    ]);
    expect(flat(Variables['COUNTERSIGN_LOGS'])).toBe(WITNESSED.witness.logs[0]);
  });
});
