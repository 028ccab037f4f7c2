// The templates as `cdk synth` writes them, without bundling: seconds become milliseconds, and no handler is needed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readConfig } from '../../infra/config.ts';
import { deploymentOf } from '../../infra/deployment.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HANDLERS = join(import.meta.dirname, 'handlers');

export const EXAMPLE = JSON.parse(readFileSync(join(ROOT, 'infra', 'config.example.json'), 'utf8'));

export const BREAK_GLASS = 'arn:aws:iam::111122223333:role/BreakGlass';

/** A witness's log key, made for these tests. */
export const PROD = {
  ...EXAMPLE,
  name: 'bank',
  class: 'prod',
  retention: { years: 10 },
  alarmEmail: 'on-call@example.com',
  breakGlassRole: BREAK_GLASS,
};

export function configOf(json: unknown) {
  const config = readConfig(Buffer.from(JSON.stringify(json)));
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  return config.value;
}

export function synthesised(json: unknown = PROD) {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });
  const made = { functions: HANDLERS, pack: join(ROOT, 'policies', 'dist'), more: {} };
  const stacks = deploymentOf(app, configOf(json), made);
  return {
    app,
    stacks,
    evidence: Template.fromStack(stacks.evidence),
    router: Template.fromStack(stacks.router),
  };
}

export type Resource = {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
};

export const resourcesOf = (template: Template): Map<string, Resource> =>
  new Map(
    Object.entries(template.toJSON()['Resources'] as Record<string, Resource>).map(([id, one]) => [
      id,
      { ...one, Properties: one.Properties ?? {} },
    ]),
  );

export const ofType = (template: Template, type: string): Map<string, Resource> =>
  new Map([...resourcesOf(template)].filter(([, one]) => one.Type === type));

/** What CloudFormation puts together later, as a text that can be read and compared. */
export function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const [[key, inner] = ['', undefined]] = Object.entries(value);
  if (key === 'Fn::Join' && Array.isArray(inner)) return (inner[1] as unknown[]).map(flat).join(String(inner[0]));
  if (key === 'Fn::GetAtt' && Array.isArray(inner)) return `<${inner.join('.')}>`;
  if (key === 'Ref') return `<${String(inner)}>`;
  if (key === 'Fn::ImportValue') return `<${String(inner).replace(/^[^:]*:ExportsOutput/, '')}>`;
  return JSON.stringify(value);
}
