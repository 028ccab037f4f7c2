// `npm run deploy:local`: the stacks on a local AWS that stays until Ctrl-C, with sample people, and the commands to play one
// promotion through. Nothing of it outlives the command.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SAMPLE_PEOPLE } from '../../functions/adapters/local/sample-people.ts';
import { begin } from '../support/aws/bank.ts';
import { type Deployment, deploy } from '../support/aws/deploy.ts';
import { serviceEnvironment } from '../support/server.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);
const began = performance.now();
const progress = (line: string) => say(`${String(Math.round((performance.now() - began) / 1000)).padStart(4)} s  ${line}`);

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-local-aws-'));
  let deployment: Deployment | undefined;
  let ending = false;
  const end = async (code: number) => {
    if (ending) return;
    ending = true;
    say('\nstopping …');
    await deployment?.stop();
    await rm(folder, { recursive: true, force: true });
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(0));
  try {
    deployment = await deploy({ say: progress, port: Number(process.env['COUNTERSIGN_PORT'] ?? 0) });
    progress('sealing the start …');
    const trust = await begin(deployment);
    for (const [environment, file] of Object.entries(trust))
      await writeFile(join(folder, `trust-${environment}.json`), `${JSON.stringify(file, null, 2)}\n`);
    say(guide(deployment, folder));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    await end(1);
  }
}

function guide({ baseUrl, account, s3Url, output }: Deployment, folder: string): string {
  const settings = Object.entries(serviceEnvironment(baseUrl)).map(([name, value]) => `export ${name}=${value}`);
  const { accessKeyId = '', secretAccessKey = '' } = account.credentials ?? {};
  const people = SAMPLE_PEOPLE.map(({ username, roles }) => `  ${username.padEnd(8)} ${roles.join(', ') || 'no role'}`);
  return `
Countersign runs on a local AWS: ${baseUrl}

Sample people (password: sample-password-<name>):
${people.join('\n')}

One promotion, in a second terminal in this folder:
  ${settings.join('\n  ')}
  npx countersign request examples/german-credit --manifest scenarios/01-in-band-retrain/1-v01.yaml --wait
      nothing is approved yet, so a committee is asked: sign in as erin at
      ${baseUrl} and write why, then as alice, bob and carol,
      read the screen and approve; each in a private browser window of their own
  npx countersign request examples/german-credit --manifest scenarios/01-in-band-retrain/2-v02.yaml --wait
      the next retrain: policy approves it, nobody is asked; the answer names its event
  npx countersign gate sha256:… --line german-credit-01-in-band-retrain --environment sandbox \\
      --model examples/german-credit/versions/v02/model --name german-credit-pd
  npx countersign export sha256:… --out pack.zip
  npx countersign verify pack.zip --trust ${folder}/trust-sandbox.json

The account itself, with the AWS command line:
  export AWS_ENDPOINT_URL=${account.endpoint} AWS_ENDPOINT_URL_S3=${s3Url}
  export AWS_REGION=${account.region} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}
  aws stepfunctions list-executions --state-machine-arn \\
    ${output('MachineArn')}
  aws s3 ls --recursive s3://${output('Bucket')}/

Ctrl-C stops and removes all of it.
`;
}

await main();
