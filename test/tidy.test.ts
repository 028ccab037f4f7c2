// Style as a test: who may import whom (design §3), how long a file may be, and words that do not belong in the product.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

function filesUnder(folder: string, ending = '.ts'): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(ending) && !path.endsWith('.d.ts') && statSync(join(ROOT, path)).isFile())
    .sort();
}

/** What decides: all under a folder but the entries of AWS. */
const deciding = (folder: string) => filesUnder(folder).filter((path) => !isEntry(path));

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What a file imports: paths from the root for its own, package names for others. */
function importsOf(path: string): string[] {
  const named = [
    ...read(path).matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ];
  return named
    .map(([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '')
    .map((name) => (name.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(path), name)) : name));
}

const STAGES = [
  ...[
    'intake',
    'compare',
    'route',
    'approve',
    'seal',
    'release',
    'gate',
    'profile',
    'whatif',
    'log',
    'witness',
    'wake',
    'sweep',
  ],
];
/** Entries of AWS and what they have in common: they compose, as cli/ does for one machine, and decide nothing. */
const isEntry = (path: string) => path.endsWith('/handler.ts') || path.startsWith('functions/aws/');
/** Beside drive.ts: what composes stages, and typed reads over the ports that stages share. */
const COMPOSERS = [
  ...[
    'activation',
    'baseline',
    'companions',
    'consequences',
    'drift',
    'drive',
    'export',
    'ledger',
    'let-pass',
    'packs',
    'predecessor',
    'replay',
    'stats',
    'thaw',
    'suspend',
    'waits',
  ].map((name) => `functions/${name}.ts`),
  ...['acts', 'audit', 'keys', 'registries', 'steps'].flatMap((name) => filesUnder(`functions/${name}`)),
];
const SHARED = [
  'health',
  'heads',
  'in-force',
  'journal',
  'lineage',
  'logged-kinds',
  'ports',
  'proofs',
  'registry',
  'sealed',
  'standing',
  'store',
].map((name) => `functions/${name}.ts`);

type Rule = {
  readonly name: string;
  readonly files: string[];
  readonly own: (path: string, from: string) => boolean;
  readonly packages: readonly string[];
};

const stageOf = (path: string) => path.split('/')[1] ?? '';
const inDomain = (path: string) => path.startsWith('functions/domain/');
const inStage = (path: string) => path.startsWith('functions/') && STAGES.includes(stageOf(path));

const RULES: readonly Rule[] = [
  {
    name: 'domain',
    files: filesUnder('functions/domain'),
    own: inDomain,
    packages: [
      ...['zod', 'canonicalize', 'jsonc-parser', 'csv-parse/sync', 'node:crypto'],
      // Parsers of DER, for timestamps.
      ...['@peculiar/asn1-cms', '@peculiar/asn1-schema', '@peculiar/asn1-tsp', '@peculiar/asn1-x509'],
    ],
  },
  {
    name: 'a stage',
    files: STAGES.flatMap((stage) =>
      readdirSync(join(ROOT, 'functions')).includes(stage) ? deciding(`functions/${stage}`) : [],
    ),
    own: (path, from) => inDomain(path) || SHARED.includes(path) || (inStage(path) && stageOf(path) === stageOf(from)),
    packages: ['zod', 'hono/html', '@open-policy-agent/opa-wasm', 'csv-parse/sync', 'hyparquet', 'hyparquet-compressors'],
  },
  { name: 'ports and store', files: SHARED, own: (path) => inDomain(path) || SHARED.includes(path), packages: ['zod'] },
  {
    name: 'what composes stages',
    files: COMPOSERS,
    own: (path) => inDomain(path) || inStage(path) || SHARED.includes(path) || COMPOSERS.includes(path),
    packages: ['zod'],
  },
  {
    name: 'http',
    files: deciding('functions/http'),
    own: (path) =>
      inDomain(path) ||
      inStage(path) ||
      SHARED.includes(path) ||
      COMPOSERS.includes(path) ||
      path.startsWith('functions/http/'),
    packages: [
      ...['zod', 'hono', 'hono/body-limit', 'hono/cookie', 'hono/combine', 'hono/html', 'hono/utils/html'],
      // Its real example stands in the API's own description.
      'docs/schemas/promotion-request.schema.json',
    ],
  },
];

describe('who may import whom', () => {
  it.each(RULES.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
    const wrong = rule.files.flatMap((file) =>
      importsOf(file)
        .filter((name) =>
          name.startsWith('functions/') || name.startsWith('cli/') ? !rule.own(name, file) : !rule.packages.includes(name),
        )
        .map((name) => `${file} imports ${name}`),
    );
    expect(rule.files.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });

  it('infra: CDK, its own files and the domain, which is pure; handlers by path, never by import', () => {
    const files = filesUnder('infra');
    const packages = /^(aws-cdk-lib|cdk-nag|constructs)(\/|$)|^(zod|node:fs|node:path)$/;
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith('infra/') && !inDomain(name) && !packages.test(name))
        .map((name) => `${file} imports ${name}`),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });

  it('node:crypto stands in exactly one file of the domain', () => {
    expect(filesUnder('functions/domain').filter((file) => importsOf(file).includes('node:crypto'))).toEqual([
      'functions/domain/crypto.ts',
    ]);
  });

  it('an adapter imports the domain, the ports and its own folder, never a stage', () => {
    const wrong = filesUnder('functions/adapters').flatMap((file) =>
      importsOf(file)
        .filter(
          (name) =>
            name.startsWith('functions/') && !inDomain(name) && !SHARED.includes(name) && dirname(name) !== dirname(file),
        )
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('an event row is written in one place, with the note that the log lacks it', () => {
    const writers = filesUnder('functions').filter((file) => /kind: 'fact', key: keys\.event\(/.test(read(file)));
    expect(writers).toEqual(['functions/store.ts']);
  });

  it('nothing in the product imports a test', () => {
    const product = ['functions', 'infra', 'cli', 'policies'].flatMap((folder) => filesUnder(folder));
    expect(product.filter((file) => importsOf(file).some((name) => name.startsWith('test/')))).toEqual([]);
  });
});

describe('clock, randomness and environment', () => {
  it('are read only where the program is composed', () => {
    const words = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.env\b|\brandomUUID\(|\brandomBytes\(/;
    // The clock adapter is the clock; the provider is a program of its own with its own protocol library.
    const allowed = ['functions/adapters/local/clock.ts', 'functions/adapters/local/passwords.ts'];
    const found = deciding('functions').filter((file) => words.test(read(file)) && !allowed.includes(file));
    expect(found).toEqual([]);
  });
});

describe('the instant of a fact', () => {
  it('is never before the facts there are: the steps ask nowFor, not the clock', () => {
    const stages = [...filesUnder('functions/steps'), ...filesUnder('functions/approve'), ...filesUnder('functions/seal')];
    // At the start there is no fact yet.
    const asking = stages.filter((file) => read(file).includes('clock.now()') && !file.endsWith('beginning.ts'));
    expect(asking).toEqual([]);
  });
});

describe('size and words', () => {
  const product = ['functions', 'infra', 'cli', 'policies', 'docs'].flatMap((folder) => filesUnder(folder));

  it('no file over 300 lines', () => {
    const lines = (file: string) => read(file).split('\n').length - 1;
    expect(product.filter((file) => lines(file) > 300)).toEqual([]);
  });

  it('no unfinished work and no silenced check', () => {
    const banned =
      /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck|expect-error)|biome-ignore|eslint-disable|\bas any\b|: any[;,)\]>=]|<any>|\b(it|test|describe)\.(only|skip|todo)\b/;
    const all = [...product, ...filesUnder('test').filter((file) => file !== 'test/tidy.test.ts')];
    expect(all.filter((file) => banned.test(read(file)))).toEqual([]);
  });

  it('test titles may name requirements R1 to R69 and no others', () => {
    const numbers = filesUnder('test').flatMap((file) =>
      [...read(file).matchAll(/\bR(\d+)[a-z]?\b(?=[^'\n]*')/g)].map(([, number]) => Number(number)),
    );
    expect(numbers.filter((number) => number < 1 || number > 69)).toEqual([]);
  });
});
