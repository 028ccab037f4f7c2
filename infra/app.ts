// Config → stacks. No resources here, and nothing is asked of AWS: the same file gives the same templates everywhere.
//   npx cdk synth -c config=infra/config.example.json
// `-c test='{"environment":{"AWS_ENDPOINT_URL":"http://127.0.0.1:4566"}}'`: more environment for all functions, only in class dev.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { fail, ok, problem, type Result } from '../functions/domain/result.ts';
import { type Config, readConfig } from './config.ts';
import { deploymentOf } from './deployment.ts';
import { readTestContext, type TestContext } from './test-context.ts';

const app = new App();

function read(): Result<{ config: Config; test: TestContext }> {
  const file: unknown = app.node.tryGetContext('config');
  if (typeof file !== 'string')
    return fail(problem('MISSING_KEY', '', 'say which file: -c config=<path>; infra/config.example.json shows one'));
  const bytes = existsSync(file) ? readFileSync(file) : undefined;
  if (bytes === undefined) return fail(problem('NOT_FOUND', '', `there is no file ${file}`));
  const config = readConfig(bytes);
  if (!config.ok) return config;
  const test = readTestContext(app.node.tryGetContext('test'), config.value.class);
  return test.ok ? ok({ config: config.value, test: test.value }) : test;
}

const asked = read();
if (asked.ok) {
  const { config, test } = asked.value;
  const root = join(import.meta.dirname, '..');
  const { functions = join(root, 'functions'), environment } = test;
  deploymentOf(app, config, { functions, pack: join(root, 'policies', 'dist'), more: environment });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
} else {
  for (const { code, pointer, detail } of asked.problems) process.stderr.write(`${code} ${pointer || '/'}: ${detail}\n`);
  process.exitCode = 1;
}
