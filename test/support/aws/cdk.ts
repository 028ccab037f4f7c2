// The CDK's own command line over our own app, as a customer runs it, but against a local endpoint and into a folder of its own.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

/** Values of all stacks by their output's name. */
export type Outputs = Readonly<Record<string, string>>;

export type Cdk = {
  /** Writes the config, synthesises and deploys; answers what the stacks say of themselves. */
  readonly deploy: (config: Readonly<Record<string, unknown>>) => Promise<Outputs>;
  readonly destroy: (stack: string) => Promise<void>;
  /** The resources of a synthesised stack. */
  readonly resources: (stack: string) => Promise<Readonly<Record<string, Resource>>>;
};

type Resource = { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> };

export function cdkIn(folder: string, endpoint: string, secretKey: string, say: (line: string) => void): Cdk {
  const out = join(folder, 'cdk.out');
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: secretKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    // The app runs on the `node` of the path: the one that this process runs on.
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  };
  const run = (args: readonly string[], cwd = ROOT) => cdk(args, { env, cwd }, say);
  let bootstrapped: Promise<void> | undefined;
  return {
    deploy: async (config) => {
      // In a folder without an app, which it would synthesise for nothing.
      bootstrapped ??= run(['bootstrap', `aws://${ACCOUNT}/${REGION}`], folder);
      say('bundling the functions and checking the templates …');
      const file = join(folder, 'config.json');
      await writeFile(file, JSON.stringify(config));
      await Promise.all([bootstrapped, run(['synth', '--quiet', '--output', out, '-c', `config=${file}`])]);
      const outputs = join(folder, 'outputs.json');
      const how = ['--require-approval', 'never', '--progress', 'events', '--outputs-file', outputs];
      await run(['deploy', '--all', '--app', out, ...how]);
      const stacks = JSON.parse(await readFile(outputs, 'utf8')) as Record<string, Record<string, string>>;
      return Object.assign({}, ...Object.values(stacks)) as Outputs;
    },
    destroy: (stack) => run(['destroy', stack, '--force', '--app', out]),
    resources: async (stack) => {
      const template = JSON.parse(await readFile(join(out, `${stack}.template.json`), 'utf8')) as {
        Resources: Record<string, Resource>;
      };
      return template.Resources;
    },
  };
}

/** What is worth a line to somebody who waits. */
const TOLD = /(deploying\.\.\.|destroying\.\.\.|bootstrapping\.\.\.|✅|❌|Synthesis time|_FAILED)/;

type Where = { readonly env: NodeJS.ProcessEnv; readonly cwd: string };

function cdk(args: readonly string[], where: Where, say: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const bin = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
    const child = spawn(process.execPath, [bin, ...args, '--no-notices', '--no-version-reporting'], where);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk;
        for (const line of String(chunk).split('\n')) if (TOLD.test(line)) say(line.trim());
      });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`cdk ${args.slice(0, 2).join(' ')} ended with ${code}:\n${said.slice(-6000)}`));
    });
  });
}
