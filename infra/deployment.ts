import { type App, RemovalPolicy } from 'aws-cdk-lib';
import type { Config } from './config.ts';
import { Evidence } from './stacks/evidence.ts';
import { Router } from './stacks/router.ts';
import { Witness } from './stacks/witness.ts';

/** Where the code is that is deployed; `more`: environment of all functions, for tests. */
export type Made = {
  readonly functions: string;
  readonly pack: string;
  readonly more: Readonly<Record<string, string>>;
};
export type Deployment = { readonly evidence: Evidence; readonly router: Router; readonly witness?: Witness };

/** The stacks of one deployment. Their names stand in commands of people: `<name>-evidence`, `<name>-router`, `<name>-witness`. */
export function deploymentOf(app: App, config: Config, made: Made): Deployment {
  const { account, region, name } = config;
  const env = envOf(account, region);
  const tags = { product: 'countersign', deployment: name };
  const runs = {
    logRetention: config.logRetentionDays,
    keepLogs: config.class === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    ...{ functions: made.functions, more: made.more },
  };
  const evidence = new Evidence(app, `${name}-evidence`, { env, tags, config, description: 'Countersign: evidence' });
  const router = new Router(app, `${name}-router`, {
    ...{ env, tags, config, evidence, runs, pack: made.pack, description: 'Countersign: router' },
  });
  const { witness } = config;
  if (witness === undefined) return { evidence, router };
  const elsewhere = { env: envOf(witness.account, region), tags, description: 'Countersign: witness' };
  return {
    ...{ evidence, router },
    witness: new Witness(app, `${name}-witness`, { ...elsewhere, config: { ...config, witness }, runs }),
  };
}

const envOf = (account: string | undefined, region: string | undefined) => ({
  ...(account === undefined ? {} : { account }),
  ...(region === undefined ? {} : { region }),
});
