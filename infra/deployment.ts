import type { App } from 'aws-cdk-lib';
import type { Config } from './config.ts';
import { Evidence } from './stacks/evidence.ts';
import { Router, type RouterProps } from './stacks/router.ts';

export type Made = Pick<RouterProps, 'functions' | 'pack' | 'more'>;

/** The stacks of one deployment. Their names stand in commands of people: `<name>-evidence`, `<name>-router`. */
export function deploymentOf(app: App, config: Config, made: Made) {
  const { account, region, name } = config;
  const env = { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) };
  const tags = { product: 'countersign', deployment: name };
  const evidence = new Evidence(app, `${name}-evidence`, { env, tags, config, description: 'Countersign: evidence' });
  const router = new Router(app, `${name}-router`, {
    env,
    tags,
    config,
    evidence,
    ...made,
    description: 'Countersign: router',
  });
  return { evidence, router };
}
