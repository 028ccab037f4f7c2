// The templates as `cdk synth` writes them, without bundling: seconds become milliseconds, and no handler is needed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readConfig } from '../../infra/config.ts';
import { deploymentOf } from '../../infra/deployment.ts';
import { type Resource, type Resources, resourcesIn, type Statement, statementsIn } from '../../infra/template.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HANDLERS = join(import.meta.dirname, 'handlers');

export const EXAMPLE = JSON.parse(readFileSync(join(ROOT, 'infra', 'config.example.json'), 'utf8'));

export const BREAK_GLASS = 'arn:aws:iam::111122223333:role/BreakGlass';

export const PROD = {
  ...EXAMPLE,
  name: 'bank',
  class: 'prod',
  retention: { years: 10 },
  alarmEmail: 'on-call@example.com',
  breakGlassRole: BREAK_GLASS,
};

export const WITNESSED = {
  ...PROD,
  witness: {
    ...{ name: 'audit.example.com/witness', account: '444455556666', logs: [`${EXAMPLE.logOrigin}+0a1b2c3d+AQ==`] },
    alarmTopic: 'arn:aws:sns:eu-central-1:444455556666:audit',
  },
};

export function configOf(json: unknown) {
  const config = readConfig(Buffer.from(JSON.stringify(json)));
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  return config.value;
}

/** `validated`: CDK's own rules are asked, too, which takes longer than everything else; what they find ends the synthesis. */
export function synthesised(json: unknown = PROD, { validated = false } = {}) {
  process.env['CDK_VALIDATION'] = String(validated);
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });
  const made = { functions: HANDLERS, pack: join(ROOT, 'policies', 'dist'), more: {} };
  const stacks = deploymentOf(app, configOf(json), made);
  return {
    app,
    stacks,
    directory: app.synth().directory,
    evidence: Template.fromStack(stacks.evidence),
    router: Template.fromStack(stacks.router),
    ...(stacks.witness === undefined ? {} : { witness: Template.fromStack(stacks.witness) }),
  };
}

export const resourcesOf = (template: Template): Resources => resourcesIn(template.toJSON());

export const ofType = (template: Template, type: string): Map<string, Resource> =>
  new Map([...resourcesOf(template)].filter(([, one]) => one.Type === type));

export const statementsOf = (template: Template): Statement[] => statementsIn(resourcesOf(template));
