// From the start of a process to a loaded handler: the bundles as a deploy makes them against the sources, and against a bare node.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { functionConfigOf } from '../../infra/config.ts';
import { deploymentOf } from '../../infra/deployment.ts';
import { configOf, WITNESSED } from '../infra/synthesised.ts';
import { atMost, fasterBy, type Row, race } from './harness.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The largest, the one that waits for people, and the one that only wakes. */
const ASKED = { http: 'Api', seal: 'Seal', wake: 'Wake' } as const;

export async function functionRows(rounds: number): Promise<Row[]> {
  const outdir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  try {
    const bundles = bundlesIn(outdir);
    const rows: Row[] = [];
    for (const [stage, name] of Object.entries(ASKED)) {
      const bundled = loading(join(bundles(name), 'index.mjs'));
      const bare = { name: '`node -e 0`', run: () => node('0') };
      const sources = { name: 'its sources', run: loading(join(ROOT, 'functions', stage, 'handler.ts')) };
      const ours = { name: 'bundled', run: bundled };
      rows.push(await race(`start of the function ${stage}`, ours, sources, { rounds, goal: fasterBy(2) }));
      rows.push(await race(`start of the function ${stage}`, ours, bare, { rounds, goal: atMost(5) }));
    }
    return rows;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

type Resource = { readonly Type: string; readonly Metadata: Readonly<Record<string, string>> };

/** Folder of a function's code, by its name in the stack. */
function bundlesIn(outdir: string): (name: string) => string {
  process.env['CDK_VALIDATION'] = 'false';
  const app = new App({ outdir, context: { 'aws:cdk:enable-asset-metadata': true } });
  const pack = join(ROOT, 'policies', 'dist');
  deploymentOf(app, configOf(WITNESSED), { functions: join(ROOT, 'functions'), pack, more: {} });
  app.synth();
  const router = JSON.parse(readFileSync(join(outdir, `${WITNESSED.name}-router.template.json`), 'utf8'));
  const all = Object.entries<Resource>(router.Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
  return (name) => {
    const [, found] = all.find(([id]) => new RegExp(`^(?:Stages)?${name}Function`).test(id)) ?? [];
    return join(outdir, found?.Metadata['aws:asset:path'] ?? '');
  };
}

/** What the names say matters only once a handler is asked. */
const NAMES = ['TABLE', 'PRIVATE_TABLE', 'BUCKET', 'SEAL_KEY', 'LOG_KEY', 'LOG_ORIGIN', 'SECRET', 'WAKE_QUEUE', 'LOG_QUEUE'];
const MORE = ['SEALER', 'MACHINE', 'BUS'];
const ENVIRONMENT = {
  ...Object.fromEntries([...NAMES, ...MORE].map((name) => [`COUNTERSIGN_${name}`, 'x'])),
  COUNTERSIGN_MACHINE: 'arn:aws:states:eu-central-1:000000000000:stateMachine:x',
  COUNTERSIGN_CLASS: 'dev',
  COUNTERSIGN_CONFIG: JSON.stringify(functionConfigOf(configOf(WITNESSED))),
  AWS_REGION: 'eu-central-1',
};

const node = (code: string) => void execFileSync(process.execPath, ['-e', code], { stdio: 'ignore', env: ENVIRONMENT });

const loading = (file: string) => () =>
  node(`import(${JSON.stringify(file)}).then(({ handler }) => process.exit(typeof handler === 'function' ? 0 : 1))`);
