// What is really uploaded: each function bundled as a deploy bundles it, weighed and loaded.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { App } from 'aws-cdk-lib';
import { afterAll, describe, expect, it } from 'vitest';
import { functionConfigOf } from '../../infra/config.ts';
import { LIMITS } from '../../infra/constructs/stages.ts';
import { deploymentOf } from '../../infra/deployment.ts';
import { configOf, WITNESSED } from './synthesised.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MAX_ZIPPED = 2_000_000;

const outdir = mkdtempSync(join(tmpdir(), 'countersign-synth-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

process.env['CDK_VALIDATION'] = 'false';
const app = new App({ outdir, context: { 'aws:cdk:enable-asset-metadata': true } });
const pack = join(ROOT, 'policies', 'dist');
deploymentOf(app, configOf(WITNESSED), { functions: join(ROOT, 'functions'), pack, more: {} });
app.synth();

type Function = {
  readonly Type: string;
  readonly Metadata: Readonly<Record<string, string>>;
  readonly Properties: { readonly Environment?: { readonly Variables: object } };
};

/** By what each function is for, its folder of code and the names it is told. */
const assets = ['router', 'witness']
  .map((stack) => JSON.parse(readFileSync(join(outdir, `${WITNESSED.name}-${stack}.template.json`), 'utf8')))
  .flatMap(({ Resources }) => Object.entries<Function>(Resources))
  .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
  .map(([id, { Metadata, Properties }]) => {
    const name = id.replace(/^(?:Stages)?(\w+)Function\w{8}$/, '$1');
    return [
      name,
      join(outdir, Metadata['aws:asset:path'] ?? ''),
      Object.keys(Properties.Environment?.Variables ?? {}),
    ] as const;
  });

const zipped = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + deflateRawSync(readFileSync(join(parentPath, name))).length, 0);

describe('bundles', () => {
  it('are as many as there are functions', () => {
    expect(assets).toHaveLength(Object.keys(LIMITS).length + 1);
  });

  it.each(assets)('%s is under 2 MB zipped', (_, folder) => {
    expect(zipped(folder)).toBeLessThan(MAX_ZIPPED);
    expect(zipped(folder)).toBeGreaterThan(10_000);
  });

  /** What they say matters only once it is asked. */
  const environmentOf = (names: readonly string[]): Record<string, string> => ({
    ...Object.fromEntries(names.map((name) => [name, 'x'])),
    ...{ COUNTERSIGN_CLASS: 'dev', AWS_REGION: 'eu-central-1' },
    COUNTERSIGN_CONFIG: JSON.stringify(functionConfigOf(configOf(WITNESSED))),
  });

  it.each(assets)('%s loads alone, with nothing installed beside it', (_, folder, names) => {
    const code = "import('./index.mjs').then((one) => process.stdout.write(typeof one.handler))";
    // Its folder has no node_modules above it, so whatever was left out of it is missing.
    expect(
      execFileSync(process.execPath, ['-e', code], {
        cwd: folder,
        encoding: 'utf8',
        env: environmentOf(names),
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ).toBe('function');
  });

  it('the sealer has the policy pack of the start beside it, and nobody else', () => {
    const withPack = assets.filter(([, folder]) => readdirSync(folder).includes('pack'));
    expect(withPack.map(([name]) => name)).toEqual(['Seal']);
    expect(readdirSync(join(withPack[0]?.[1] ?? '', 'pack')).sort()).toEqual(readdirSync(pack).sort());
  });
});
