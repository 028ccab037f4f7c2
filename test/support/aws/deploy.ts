// Our own stacks, deployed for real onto engines of this machine: MiniStack for the account, versitygw for the vault, whose Object
// Lock is the faithful one. The templates are the customer's: MiniStack hands its own environment on to the functions, and that
// is where they learn of the other endpoint.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectLockConfigurationCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Place, s3Client } from '../../../functions/adapters/aws/clients.ts';
import { API_AUDIENCE, CONSOLE_CLIENT } from '../../../functions/adapters/local/openid-provider.ts';
import { ACCOUNT, type Cdk, cdkIn, type Outputs, REGION } from './cdk.ts';
import { openFrontDoor } from './front-door.ts';
import { functionLogs, startMinistack } from './ministack.ts';
import { startVersitygw } from './versitygw.ts';

const SECRET_KEY = 'countersign-local';
const NAME = 'countersign-local';
const SECRET_NAME = 'countersign/console-client';

export type Deployment = {
  /** Where people and pipelines reach it. */
  readonly baseUrl: string;
  /** What a stack says of itself; throws for a name that none says. */
  readonly output: (name: string) => string;
  /** All that the stacks say, as `cdk deploy --outputs-file` has it. */
  readonly outputs: Outputs;
  /** For clients of the test itself: the account, and the vault. */
  readonly account: Place;
  readonly s3: S3Client;
  /** A function by the name of its stage, such as `Seal`. */
  readonly invoke: (stage: string, payload: unknown) => Promise<unknown>;
  /** For all functions but the API it is so much later. */
  readonly ahead: (milliseconds: number) => Promise<void>;
  /** Deploys the stacks again, with this over the config that they were deployed with. */
  readonly redeploy: (config: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly destroy: (stack: 'router' | 'evidence') => Promise<void>;
  /** What functions and machine wrote to their logs, each line after the name of its log. */
  readonly lines: () => Promise<string[]>;
  readonly stop: () => Promise<void>;
};

export type DeployOptions = {
  readonly say?: (line: string) => void;
  /** Of the front door; free by default. */
  readonly port?: number;
  /** Every call of every function is held against its role; the vault is then in the account too, since only that knows roles. */
  readonly enforceRoles?: true;
  /** Beside the console's client secret. */
  readonly registries?: unknown;
  /** For every function, beside what the stacks give it. */
  readonly environment?: Readonly<Record<string, string>>;
};

export async function deploy(options: DeployOptions = {}): Promise<Deployment> {
  const { say = () => undefined, port = 0, environment = {}, enforceRoles = false, registries } = options;
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-deploy-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    const clock = join(folder, 'ahead');
    await writeFile(clock, '0');
    say('starting the local engines …');
    // The names that MiniStack gives to functions of this account.
    const credentials = { accessKeyId: ACCOUNT, secretAccessKey: SECRET_KEY };
    const vault = enforceRoles ? undefined : await startVersitygw(credentials);
    if (vault) ends.push(vault.stop);
    const account = await startMinistack({
      ...environment,
      TEST_AHEAD_FILE: clock,
      NODE_OPTIONS: `--disable-warning=DEP0169 --import=${join(import.meta.dirname, 'ahead.ts')}`,
      ...(vault ? { AWS_ENDPOINT_URL_S3: vault.url } : { AUTH: 'true' }),
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      COUNTERSIGN_S3_PATH_STYLE: '1',
    });
    ends.push(account.stop);
    const door = await openFrontDoor(port);
    ends.push(door.stop);
    const place = { region: REGION, credentials, endpoint: account.url };
    await new SecretsManagerClient(place).send(
      new CreateSecretCommand({
        Name: SECRET_NAME,
        SecretString: JSON.stringify({ clientSecret: door.clientSecret, registries }),
      }),
    );
    const s3 = s3Client({ region: REGION, credentials, endpoint: (vault ?? account).url }, true);
    const cdk = cdkIn(folder, account.url, SECRET_KEY, say);
    const first = configOf(door.url);
    say('deploying the stacks …');
    const outputs = await cdk.deploy(first);
    if (vault) await makeVault(cdk, s3, named(outputs, 'Bucket'));
    door.leadTo(new URL(named(outputs, 'ApiUrl')).host, account.url);
    const lambda = new LambdaClient(place);
    return {
      baseUrl: door.url,
      output: (name) => named(outputs, name),
      outputs,
      account: place,
      s3,
      invoke: (stage, payload) => invoke(lambda, stage, payload),
      ahead: (milliseconds) => writeFile(clock, String(milliseconds)),
      redeploy: async (config) => void (await cdk.deploy({ ...first, ...config })),
      destroy: (stack) => cdk.destroy(`${NAME}-${stack}`),
      lines: async () => (await functionLogs(place)).map(([group, line]) => `${group} ${line}`),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function named(outputs: Outputs, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`no stack says ${name}: ${Object.keys(outputs).join(' ')}`);
  return value;
}

const configOf = (baseUrl: string) => ({
  schema: 'aws/v0',
  name: NAME,
  class: 'dev',
  account: ACCOUNT,
  region: REGION,
  organisation: 'Test Bank',
  retentionOwner: 'model-risk',
  retention: { years: 1 },
  issuer: { url: `${baseUrl}/idp`, audience: API_AUDIENCE, rolesClaim: 'roles', clientId: CONSOLE_CLIENT },
  clientSecretName: SECRET_NAME,
  logOrigin: 'countersign.local/log',
  logRetentionDays: 1,
  baseUrl,
});

type Lock = {
  readonly Rule: { readonly DefaultRetention: { readonly Mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly Days: number } };
};

/** The bucket of the template, with the template's own lock, where a lock is one. */
async function makeVault(cdk: Cdk, s3: S3Client, bucket: string): Promise<void> {
  const resources = Object.values(await cdk.resources(`${NAME}-evidence`));
  const lock = resources.find(
    ({ Type, Properties }) => Type === 'AWS::S3::Bucket' && Properties?.['ObjectLockEnabled'] === true,
  )?.Properties?.['ObjectLockConfiguration'] as Lock | undefined;
  if (lock === undefined) throw new Error('the template of the evidence stack has no bucket with a lock');
  await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const { Mode, Days } = lock.Rule.DefaultRetention;
  const configuration = { ObjectLockEnabled: 'Enabled' as const, Rule: { DefaultRetention: { Mode, Days } } };
  await s3.send(new PutObjectLockConfigurationCommand({ Bucket: bucket, ObjectLockConfiguration: configuration }));
}

async function invoke(lambda: LambdaClient, stage: string, payload: unknown): Promise<unknown> {
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  // What only an operator may ask for is taken without alias.
  const operator = stage === 'Operator';
  const part = `Stages${operator ? 'Seal' : stage}Function`;
  const FunctionName = Functions.map((one) => one.FunctionName ?? '').find((name) => name.includes(part));
  if (FunctionName === undefined) throw new Error(`no function ${stage} is deployed`);
  const answer = await lambda.send(
    new InvokeCommand({
      ...{ FunctionName, Payload: Buffer.from(JSON.stringify(payload)) },
      ...(operator ? {} : { Qualifier: 'live' }),
    }),
  );
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError !== undefined) throw new Error(`${FunctionName}: ${text}`);
  return JSON.parse(text === '' ? 'null' : text) as unknown;
}
