// Any change of a template is seen, and read by somebody before it is deployed; and the rule packs have nothing to say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { EXAMPLE, synthesised, WITNESSED } from './synthesised.ts';

const GOLDEN = join(import.meta.dirname, '..', 'golden', 'aws');

/** What follows from the code of the functions changes with every commit and says nothing here. */
const still = (template: Template): string =>
  `${JSON.stringify(template.toJSON(), null, 1)
    .replaceAll(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1')
    .replaceAll(/"[0-9a-f]{64}\.zip"/g, '"<code>.zip"')
    .replaceAll(/"asset\.[0-9a-f]{64}[^"]*"|"\/[^"]*\/countersign[^"]*"/g, '"<code>"')
    .replaceAll(/"aws:asset:path": "[^"]*"/g, '"aws:asset:path": "<code>"')}\n`;

describe.each([
  ['prod', WITNESSED],
  ['dev', EXAMPLE],
])('templates, %s', (name, json) => {
  const { app, stacks, directory, ...templates } = synthesised(json, { validated: true });

  it.each(Object.entries(templates))('%s is as it was read last', async (stack, template) => {
    await expect(still(template)).toMatchFileSnapshot(join(GOLDEN, `${name}-${stack}.json`));
  });

  it('CDK’s own rules: nothing, not even a warning', () => {
    const { pluginReports } = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
    expect(pluginReports.flatMap(({ violations }: { violations: unknown[] }) => violations)).toEqual([]);
  });

  it('cdk-nag, AWS Solutions: nothing but what is acknowledged beside its construct', () => {
    const checks = new AwsSolutionsChecks(app);
    const findings = Object.values(stacks).flatMap((stack) => checks.validateScope(stack).violations);
    expect(findings.map(({ ruleName, violatingResources }) => [ruleName, violatingResources])).toEqual([]);
  });
});

it('those rules are asked: a key that CloudFormation does not know ends the synthesis', () => {
  const wrong = new App({ context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  new CfnResource(new Stack(wrong, 'wrong'), 'Bucket', { type: 'AWS::S3::Bucket', properties: { Bucketname: 'x' } });
  expect(() => wrong.synth()).toThrow('Additional properties are not allowed');
});
