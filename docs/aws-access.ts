// `npx node docs/aws-access.ts`: writes the table of who may do what into docs/aws.md, read from the templates that are deployed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readConfig } from '../infra/config.ts';
import { deploymentOf } from '../infra/deployment.ts';
import { flat, type Resources, resourcesIn, type Statement, statementsIn } from '../infra/template.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(import.meta.dirname, 'aws.md');
const [BEGIN, END] = ['<!-- access: begin -->', '<!-- access: end -->'];

function deployed(): Resources {
  const config = readConfig(readFileSync(join(ROOT, 'infra', 'config.example.json')));
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const made = { functions: join(ROOT, 'functions'), pack: join(ROOT, 'policies', 'dist'), more: {} };
  const { router } = deploymentOf(app, config.value, made);
  return resourcesIn(app.synth().getStackArtifact(router.artifactId).template);
}

/** Partitions of the private table, from the condition of the right. */
function partitionsIn({ condition }: Statement): string[] {
  const keys = (condition as { 'ForAllValues:StringLike'?: { 'dynamodb:LeadingKeys'?: string[] } } | undefined)?.[
    'ForAllValues:StringLike'
  ]?.['dynamodb:LeadingKeys'];
  return keys ?? [];
}

/** What a statement allows, in our words; undefined for what every function has: its own log and its traces. */
function wordsOf(one: Statement): string | undefined {
  const can = (action: string) => one.actions.includes(action);
  const on = (text: string) => one.resources.some((resource) => resource.includes(text));
  const folders = one.resources.map((resource) => /\/([a-z]+)\/\*$/.exec(resource)?.[1]).filter((name) => name !== undefined);
  const partitions = partitionsIn(one)
    .map((name) => `\`${name}\``)
    .join(' ');
  const meanings: readonly (readonly [boolean, string])[] = [
    [can('s3:PutObject'), `writes ${folders.map((name) => `\`${name}/\``).join(' ')}`],
    [can('s3:GetObject'), 'reads the vault'],
    [can('s3:ListBucket') || can('xray:PutTraceSegments') || can('logs:PutLogEvents'), ''],
    [can('dynamodb:PutItem') && on('IndexTable'), 'rows of the index, by transaction'],
    [can('dynamodb:Query') && on('IndexTable'), ''],
    [can('dynamodb:PutItem') && on('PrivateTable'), `private: ${partitions}`],
    [can('dynamodb:Query') && on('PrivateTable'), `reads private: ${partitions}`],
    [can('kms:Sign') && on('SealKey'), '**signs with the seal keys**'],
    [can('kms:Sign') && on('LogKey'), '**signs with the log keys**'],
    [can('kms:GetPublicKey'), ''],
    [can('sqs:SendMessage'), `sends to ${queuesIn(one).join(' and ')}`],
    [can('sqs:ReceiveMessage'), `works off ${queuesIn(one).join(' and ')}`],
    [can('lambda:InvokeFunction') && on('StagesSealFunctionAlias'), 'asks `seal`'],
    [can('lambda:InvokeFunction'), 'calls compare, route, approve, seal and release, in any version'],
    [can('states:StartExecution'), 'starts executions and sends them on'],
    [can('states:DescribeExecution'), 'looks at executions'],
    [can('events:PutEvents'), 'puts events on the bus'],
    [can('secretsmanager:GetSecretValue'), 'reads the secret'],
    [can('logs:CreateLogDelivery'), 'sets up its own log delivery'],
  ];
  const found = meanings.find(([is]) => is);
  // A right that nobody found words for must not be left out of the table.
  if (found === undefined) throw new Error(`no words for ${one.actions.join(', ')}`);
  return found[1] === '' ? undefined : found[1];
}

const queuesIn = ({ resources }: Statement): string[] =>
  resources.map((resource) => (resource.includes('Wakes') ? 'the wake queue' : 'the log queue'));

export function accessTable(): string {
  const resources = deployed();
  const given = statementsIn(resources).filter(({ type }) => type === 'AWS::IAM::Policy');
  const roles = [...new Set(given.map((one) => one.in))];
  const rows = roles.map((role) => {
    const name = role.replace(/^Stages|May[0-9A-F]{8}$/g, '').toLowerCase();
    const words = given.filter((one) => one.in === role).flatMap((one) => wordsOf(one) ?? []);
    return `| ${name === 'promotion' ? 'the state machine' : `\`${name}\``} | ${calledBy(resources, role)} | ${words.join('; ')} |`;
  });
  return ['| who | called by | may |', '|---|---|---|', ...rows.sort()].join('\n');
}

/** Read from the triggers, as far as there are any; the rest is called by the state machine, or by name. */
function calledBy(resources: Resources, policy: string): string {
  const stage = policy.replace(/May[0-9A-F]{8}$/, '');
  const names = (types: RegExp, property: string, words: string) =>
    [...resources.values()].some(
      ({ Type, Properties }) => types.test(Type) && flat(Properties[property]).includes(`${stage}Function`),
    )
      ? [words]
      : [];
  const callers = [
    ...names(/Integration$/, 'IntegrationUri', 'the HTTP API'),
    ...names(/EventSourceMapping$/, 'FunctionName', 'its queue'),
    ...names(/StateMachine$/, 'DefinitionString', 'the state machine'),
    ...names(/Events::Rule$/, 'Targets', 'a schedule, each minute'),
    ...(stage === 'StagesSeal' ? ['`api`', '`sweep`', 'an operator'] : []),
    ...(stage === 'StagesSweep' ? ['an operator'] : []),
    ...(stage === 'Promotion' ? ['`wake`'] : []),
  ];
  return callers.join(', ');
}

export const written = (page: string): string => {
  const [before, rest = ''] = page.split(BEGIN);
  return `${before}${BEGIN}\n${accessTable()}\n${END}${rest.split(END)[1]}`;
};

if (import.meta.main) writeFileSync(PAGE, written(readFileSync(PAGE, 'utf8')));
