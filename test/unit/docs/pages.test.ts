import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Manifest, parseManifest } from '../../../cli/manifest.ts';
import { DIMENSIONS } from '../../../functions/domain/diff.ts';
import { CODES } from '../../../functions/domain/errors.ts';
import { STATES, stateOf } from '../../../functions/domain/flow.ts';

const ROOT = join(import.meta.dirname, '../../..');
const EXAMPLE = 'examples/german-credit/scenarios/01-in-band-retrain/2-v02.yaml';
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe('the pages', () => {
  it.each(PAGES)('%s links only to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)|(?:src|srcset|href)="([^"#]+)"/g)].map(
      ([, a, b]) => a ?? b ?? '',
    );
    const local = links.filter((link) => !/^https?:/.test(link));
    expect(local.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });

  it.each(PAGES)('%s names only files that are there', (page) => {
    const named = [...read(page).matchAll(/`((?:functions|cli|policies|test|examples|docs)\/[A-Za-z0-9._/-]+\.[a-z]+)`/g)];
    expect(named.flatMap(([, path = '']) => (existsSync(join(ROOT, path)) ? [] : [path]))).toEqual([]);
  });

  it.each(PAGES)('%s names only codes of the catalogue', (page) => {
    const named = [...read(page).matchAll(/`([A-Z]{2,}(?:_[A-Z]+)+)`/g)].map(([, code = '']) => code);
    const known: readonly string[] = CODES;
    expect(named.filter((code) => !known.includes(code) && !/^(?:COUNTERSIGN|MLFLOW)_/.test(code))).toEqual([]);
  });

  it('docs/decisions are numbered without a gap', () => {
    const numbers = readdirSync(join(ROOT, 'docs/decisions')).map((name) => Number(name.slice(0, 4)));
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
  });

  it('docs/manifest.md holds the example as it is, and it parses', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(read('docs/manifest.md')) ?? [];
    expect(yaml).toBe(read(EXAMPLE));
    expect(parseManifest(yaml).ok).toBe(true);
  });

  it('docs/manifest.md explains every field, and no other', () => {
    const told = [...read('docs/manifest.md').matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([A-Za-z]+)/g)].map(([, name = '']) => name),
    );
    expect([...new Set(told)].sort()).toEqual(Object.keys(Manifest.shape).sort());
  });

  it('docs/architecture.md names every state in the order of the flow', () => {
    const [, table = ''] = /\| state \|[^\n]*\n\|[^\n]*\n([\s\S]*?)\n\n/.exec(read('docs/architecture.md')) ?? [];
    expect([...table.matchAll(/^\| (\w+) \|/gm)].map(([, state]) => state).sort()).toEqual([...STATES].sort());
    expect(stateOf([])).toBe('received');
  });

  it('the number of dimensions is the one the pages say', () => {
    expect(DIMENSIONS.length).toBe(20);
    expect(read('docs/architecture.md')).toContain('a diff of 20 dimensions');
    expect(read('docs/policy.md')).toContain('Each of the 20 dimensions');
  });
});
