// What the router stack promises, one by one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../infra/config.ts';
import { LIMITS } from '../../infra/constructs/stages.ts';
import { flat, type Resource } from '../../infra/template.ts';
import { EXAMPLE, ofType, PROD, resourcesOf, synthesised } from './synthesised.ts';

const { router, stacks } = synthesised();
const resources = resourcesOf(router);
const of = (type: string) => [...ofType(router, type)];
/** The resource that a reference leads to, however it is put together. */
const named = (value: unknown) =>
  /<(\w+)|"Ref":"(\w+)"/
    .exec(flat(value))
    ?.slice(1)
    .find((id) => id !== undefined) ?? '';

describe('functions', () => {
  const functions = of('AWS::Lambda::Function');

  it.each(functions)('%s: Node 24 on arm64, traced, with a log and limits of its own', (_, { Properties }) => {
    expect(Properties).toMatchObject({
      ...{ Runtime: 'nodejs24.x', Architectures: ['arm64'], TracingConfig: { Mode: 'Active' }, Handler: 'index.handler' },
      LoggingConfig: { LogGroup: { Ref: expect.any(String) } },
      MemorySize: expect.any(Number),
      Timeout: expect.any(Number),
    });
  });

  it('are nine, one at a time only where the log is written', () => {
    expect(functions).toHaveLength(Object.keys(LIMITS).length);
    const reserved = functions.filter(([, { Properties }]) => Properties['ReservedConcurrentExecutions'] !== undefined);
    expect(reserved.map(([id, { Properties }]) => [id.slice(0, 9), Properties['ReservedConcurrentExecutions']])).toEqual([
      ['StagesLog', 1],
    ]);
  });

  it('each has a version that stays when the next one comes', () => {
    const versions = of('AWS::Lambda::Version');
    expect(versions).toHaveLength(functions.length);
    expect(versions.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain')).toEqual([]);
  });

  it('are called by version or alias, never as they happen to be', () => {
    const aliases = new Set(of('AWS::Lambda::Alias').map(([id]) => id));
    const callers = [
      ...of('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties['FunctionName']),
      ...of('AWS::Lambda::Permission').map(([, { Properties }]) => Properties['FunctionName']),
      ...of('AWS::ApiGatewayV2::Integration').map(([, { Properties }]) => Properties['IntegrationUri']),
      ...of('AWS::Events::Rule').flatMap(([, { Properties }]) =>
        (Properties['Targets'] as { Arn: unknown }[]).map(({ Arn }) => Arn),
      ),
    ];
    expect(callers.length).toBeGreaterThan(10);
    expect(callers.map(named).filter((id) => !aliases.has(id))).toEqual([]);
    const sealers = functions.map(([, one]) => environmentOf(one)['COUNTERSIGN_SEALER']).filter((one) => one !== undefined);
    expect(sealers.map(named).filter((id) => !aliases.has(id))).toEqual([]);
  });

  it('are told no more than the 4 KB that Lambda takes, whatever the configuration says', () => {
    const gates = (many: number) => Object.fromEntries(Array.from({ length: many }, (_, n) => [`environment-${n}`, {}]));
    const longest = { ...PROD, keys: { seal: 9, log: 9 }, logOrigin: 'o'.repeat(200), clientSecretName: 's'.repeat(200) };
    const fits = (many: number) => readConfig(Buffer.from(JSON.stringify({ ...longest, gates: gates(many) }))).ok;
    const most = Array.from({ length: 200 }, (_, many) => many).findLast(fits) ?? 0;
    expect(most).toBeGreaterThan(5);
    const { router: full } = synthesised({ ...longest, gates: gates(most) });
    const told = [...ofType(full, 'AWS::Lambda::Function').values()].map((one) =>
      // Names that AWS makes are at most so long.
      Object.entries(environmentOf(one)).map(([name, value]) => name + flat(value).replaceAll(/<[^>]*>/g, 'x'.repeat(80))),
    );
    expect(Math.max(...told.map((variables) => variables.join('').length))).toBeLessThan(4096);
  });

  it.each([
    ['Approve', ['COUNTERSIGN_PRIVATE_TABLE', 'COUNTERSIGN_WAKE_QUEUE']],
    ['Wake', ['COUNTERSIGN_MACHINE', 'COUNTERSIGN_PRIVATE_TABLE']],
  ])('%s knows of no evidence', (stage, names) => {
    const [, one] = functions.find(([id]) => id.includes(`${stage}Function`)) ?? [];
    expect(Object.keys(environmentOf(one)).sort()).toEqual(names);
  });
});

const environmentOf = (one: Resource | undefined): Record<string, unknown> =>
  (one?.Properties['Environment'] as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};

describe('queues', () => {
  const queues = of('AWS::SQS::Queue');
  const dead = new Set(
    queues.flatMap(([, { Properties }]) => {
      const redrive = Properties['RedrivePolicy'] as { deadLetterTargetArn: unknown } | undefined;
      return redrive === undefined ? [] : [named(redrive.deadLetterTargetArn)];
    }),
  );

  it('each has dead letters, or holds those of another', () => {
    const without = queues.filter(([id, { Properties }]) => Properties['RedrivePolicy'] === undefined && !dead.has(id));
    expect(without).toEqual([]);
    expect([queues.length, dead.size]).toEqual([4, 2]);
  });

  it('give a worker time: six times its own limit; in line only more than that limit, since all behind a fault wait so long', () => {
    const inLine: number[] = [];
    for (const [, { Properties }] of of('AWS::Lambda::EventSourceMapping')) {
      const queue = resources.get(named(Properties['EventSourceArn']));
      const alias = resources.get(named(Properties['FunctionName']));
      const worker = resources.get(named(alias?.Properties['FunctionName']));
      const [hidden, limit] = [Number(queue?.Properties['VisibilityTimeout']), Number(worker?.Properties['Timeout'])];
      if (queue?.Properties['FifoQueue'] !== true) expect(hidden).toBeGreaterThanOrEqual(6 * limit);
      else inLine.push(hidden - limit);
    }
    expect(inLine).toEqual([15]);
  });

  it('a batch of wakes fails one by one; the log takes its messages in order, each for itself', () => {
    router.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ...{ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] },
    });
    router.hasResourceProperties('AWS::SQS::Queue', { FifoQueue: true, ContentBasedDeduplication: false });
  });

  it.each(queues)('%s is encrypted and speaks TLS only', (id, { Properties }) => {
    expect(Properties['SqsManagedSseEnabled']).toBe(true);
    const policies = of('AWS::SQS::QueuePolicy').filter(([, one]) => JSON.stringify(one.Properties['Queues']).includes(id));
    expect(JSON.stringify(policies)).toContain('"aws:SecureTransport":"false"');
  });
});

describe('the API', () => {
  const routes = of('AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
  const HTTP = join(import.meta.dirname, '..', '..', 'functions', 'http');

  /** As they are written: `app.get('/path', bearer, …)`. */
  const bearerOnly = readdirSync(HTTP)
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [
      ...readFileSync(join(HTTP, name), 'utf8').matchAll(
        /app\.(?:on\(\[([^\]]+)\], ?|(get|put|post|delete|patch)\()'([^']+)', (?:bearer|bearerOnly\(world\)),/g,
      ),
    ])
    .flatMap(([, several, one = '', path = '']) =>
      (several?.replaceAll(/[' ]/g, '').split(',') ?? [one.toUpperCase()]).map(
        (method) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
      ),
    );

  it('asks for a token of the issuer wherever the app takes nothing else', () => {
    const guarded = routes.filter(({ AuthorizationType }) => AuthorizationType === 'JWT').map(({ RouteKey }) => RouteKey);
    expect(bearerOnly.length).toBeGreaterThan(6);
    expect(guarded.sort()).toEqual(bearerOnly.sort());
    router.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: PROD.issuer.url, Audience: [PROD.issuer.audience] },
    });
  });

  it('leaves everything else to the app, which authenticates it', () => {
    const open = routes.filter(({ AuthorizationType }) => AuthorizationType !== 'JWT').map(({ RouteKey }) => RouteKey);
    expect(open).toEqual(['$default']);
  });

  it('logs no path, query or caller', () => {
    const [format] = of('AWS::ApiGatewayV2::Stage').map(([, { Properties }]) => Properties['AccessLogSettings']);
    const { Format } = format as { Format: string };
    expect(Format).not.toMatch(/\$context\.(path|identity|authorizer\.claims|resourcePath)/);
    expect(JSON.parse(Format)).toMatchObject({ requestId: '$context.requestId', route: '$context.routeKey' });
  });

  it('is told its public address, or tells its own', () => {
    const told = (json: unknown) => {
      const [[, one] = []] = [...ofType(synthesised(json).router, 'AWS::Lambda::Function')].filter(([id]) =>
        /StagesApi/.test(id),
      );
      return flat(environmentOf(one)['COUNTERSIGN_CONFIG']);
    };
    expect(JSON.parse(told(EXAMPLE)).baseUrl).toMatch(/^<ApiHttp\w+\.ApiEndpoint>$/);
    expect(JSON.parse(told({ ...EXAMPLE, baseUrl: 'https://approvals.example.com' })).baseUrl).toBe(
      'https://approvals.example.com',
    );
  });
});

describe('who is called', () => {
  const alarms = of('AWS::CloudWatch::Alarm');

  it('for each queue of dead letters, each way an execution can die, the sealer, the log, the canary, old wakes', () => {
    expect(alarms.map(([id]) => id.replace(/^Alarms(\w+)[0-9A-F]{8}$/, '$1')).sort()).toEqual([
      ...['ApiFails', 'CanaryMissing', 'ExecutionsAborted', 'ExecutionsFail', 'ExecutionsTimeOut', 'Frozen', 'LogDead'],
      ...['LogFails', 'SealFails', 'SweepFaults', 'WakesDead', 'WakesLate'],
    ]);
  });

  it.each(alarms)('%s says what it means and what to do, and reaches somebody', (_, { Properties }) => {
    expect(String(Properties['AlarmDescription']).split('. ').length).toBeGreaterThan(1);
    expect(Properties['AlarmActions']).toHaveLength(1);
  });

  it('silence of the canary is an alarm; silence of a fault is none', () => {
    const missing = (name: string) => alarms.find(([id]) => id.includes(name))?.[1].Properties['TreatMissingData'];
    expect([missing('CanaryMissing'), missing('SealFails')]).toEqual(['breaching', 'notBreaching']);
  });

  it('the dashboard has each alarm, and says in words what to do', () => {
    const [[, board] = []] = of('AWS::CloudWatch::Dashboard');
    const body = flat(board?.Properties['DashboardBody']);
    for (const [id, { Properties }] of alarms) {
      expect(body).toContain(`<${id}.Arn>`);
      expect(body).toContain(JSON.stringify(String(Properties['AlarmDescription']).split('. ')[0]).slice(1, -1));
    }
    expect(body).toContain('What to do');
  });
});

describe('the stack', () => {
  it('the sweep runs each minute, and a failed one is not run again', () => {
    router.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
    router.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
  });

  it('logs end when the configuration says; in production they outlive the stack', () => {
    const logs = of('AWS::Logs::LogGroup');
    expect(logs.filter(([, { Properties }]) => Properties['RetentionInDays'] !== PROD.logRetentionDays)).toEqual([]);
    expect(logs.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain')).toEqual([]);
    const dev = [...ofType(synthesised(EXAMPLE).router, 'AWS::Logs::LogGroup').values()];
    expect(dev.filter(({ DeletionPolicy }) => DeletionPolicy !== 'Delete')).toEqual([]);
  });

  it('holds nothing that must outlive it', () => {
    const kinds = new Set([...resources.values()].map(({ Type }) => Type));
    expect(['AWS::S3::Bucket', 'AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key'].filter((type) => kinds.has(type))).toEqual([]);
    expect(stacks.router.terminationProtection).toBeFalsy();
  });
});
