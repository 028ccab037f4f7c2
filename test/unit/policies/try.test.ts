import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../../cli/main.ts';
import { ruleByRule } from '../../../cli/rule-by-rule.ts';
import { readScenario } from '../../../cli/scenario.ts';
import { workingPolicy } from '../../../cli/working-copy.ts';
import { routeInput } from '../../../functions/route/route.ts';
import { valueText } from '../../../functions/route/rule-text.ts';

const POLICIES = join(import.meta.dirname, '../../../policies');
const example = (name: string) => join(POLICIES, 'examples', `${name}.yaml`);
const dataAt = (file: string, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (here, part) => (here as Record<string, unknown>)[part],
      JSON.parse(readFileSync(join(POLICIES, file), 'utf8')),
    );

// Authors change this number; no test here knows it.
const REVIEWER = dataAt('data/limits.json', '/limits/population/score_reviewer_ppm') as number;

/** The command as a person runs it: exit code and what it printed. */
async function run(...args: string[]): Promise<{ exit: number; out: string; err: string }> {
  const printed = { out: '', err: '' };
  const to = (name: keyof typeof printed) => (text: unknown) => {
    printed[name] += String(text);
    return true;
  };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(to('out'));
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(to('err'));
  try {
    return { exit: await main(args), ...printed };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

async function explained(name: string, policies: string) {
  const working = await workingPolicy({ policies });
  const routing = routeInput(working.pack, await readScenario(example(name)));
  return { working, routing, rules: ruleByRule(routing, working) };
}

describe('R52 policy try explains the examples rule by rule', () => {
  it('holds the three scenarios, each routed by its own cause', async () => {
    const expected: Record<string, [path: string, codes: string[]]> = {
      'in-band': ['automated', []],
      'population-moved': ['reviewer', ['POP-002']],
      'feature-new-source': ['committee', ['FEA-003']],
    };
    expect(readdirSync(join(POLICIES, 'examples')).sort()).toEqual(
      Object.keys(expected)
        .map((name) => `${name}.yaml`)
        .sort(),
    );
    for (const [name, [path, codes]] of Object.entries(expected)) {
      const { routing } = await explained(name, POLICIES);
      expect([routing.path, routing.findings.map(({ code }) => code)]).toEqual([path, codes]);
    }
  });

  it('R35 every limit it shows is the number at the file and pointer it names', async () => {
    for (const name of ['in-band', 'population-moved']) {
      const { rules } = await explained(name, POLICIES);
      const shown = rules.flatMap(({ measured }) => measured).filter(({ limit }) => limit !== null);
      expect(shown.length).toBeGreaterThan(5);
      for (const { limit, from } of shown) {
        if (!from?.file) throw new Error(`no source for ${limit}`);
        expect(dataAt(from.file, from.pointer)).toBe(limit);
      }
    }
  });

  it('says fired, clear with headroom, silent or unproven, for every rule of the book', async () => {
    const { rules, working } = await explained('population-moved', POLICIES);
    expect(rules.length).toBe(working.rules.length);
    const of = (code: string) => rules.find(({ rule }) => rule.code === code);
    expect(of('POP-002')).toMatchObject({
      verdict: 'fired',
      measured: [{ observed: 165448, limit: REVIEWER, headroom: REVIEWER - 165448 }],
    });
    expect(of('POP-003')).toMatchObject({ verdict: 'silent', measured: [] });
    expect(of('HIS-003')).toMatchObject({
      verdict: 'clear',
      measured: [
        {
          observed: 0,
          headroom: 180,
          from: { layer: 'organisation', file: 'data/limits.json', pointer: '/limits/history/days_since_people' },
        },
      ],
    });
    expect(of('LOS-001')).toMatchObject({ verdict: 'clear', measured: [] });
  });

  it('a figure taken away leaves its dimension unproven, never clear', async () => {
    const { pack, ...rest } = await workingPolicy({ policies: POLICIES });
    const input = await readScenario(example('in-band'), ['/population/against/incumbent/figures/score=null']);
    const rules = ruleByRule(routeInput(pack, input), rest);
    const population = rules.filter(({ rule }) => rule.dimension === 'population').map(({ verdict }) => verdict);
    expect(new Set(population)).toEqual(new Set(['unproven']));
    expect(rules.find(({ rule }) => rule.code === 'POL-002')?.verdict).toBe('fired');
  });

  it('a limit that people sealed at the baseline is told apart from the data', async () => {
    const { pack, ...rest } = await workingPolicy({ policies: POLICIES });
    const metric = '/metrics/against/incumbent/figures/overall';
    const base = await readScenario(example('in-band'));
    const at = base.metrics.against.incumbent.figures.overall?.findIndex(({ name }) => name === 'auc') ?? -1;
    const input = await readScenario(example('in-band'), [
      `${metric}/${at}/limit_ppm=12345`,
      `${metric}/${at}/worse_ppm=12346`,
    ]);
    const rules = ruleByRule(routeInput(pack, input), rest);
    expect(rules.find(({ rule }) => rule.code === 'MET-001')).toMatchObject({
      verdict: 'fired',
      measured: [{ limit: 12345, from: { layer: 'sealed terms', file: null, pointer: `${metric}/${at}/limit_ppm` } }],
    });
  });
});

describe('the command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-try-'));
  cpSync(POLICIES, folder, { recursive: true });
  afterAll(() => rmSync(folder, { recursive: true }));
  const limits = join(folder, 'data', 'limits.json');
  const original = readFileSync(limits, 'utf8');
  const limited = (to: string) => original.replace(/("score_reviewer_ppm": )\d+/, `$1${to}`);

  it('fits 100 columns, and writes nothing', async () => {
    const before = readdirSync(folder, { recursive: true }).length;
    for (const name of ['in-band', 'population-moved', 'feature-new-source']) {
      const { exit, out } = await run('policy', 'try', example(name), '--policies', folder);
      expect(exit).toBe(0);
      // The paths of a test may have any length.
      const own = out.split('\n').filter((line) => !line.includes(basename(folder)) && !line.includes(POLICIES));
      expect(own.filter((line) => line.length > 100)).toEqual([]);
    }
    expect(readdirSync(folder, { recursive: true }).length).toBe(before);
  });

  it('R35 the working copy decides: a number edited in the folder is the limit shown', async () => {
    writeFileSync(limits, limited('18000'));
    const { out } = await run('policy', 'try', example('in-band'), '--policies', folder, '--json');
    writeFileSync(limits, original);
    const answer = JSON.parse(out) as { path: string; rules: { code: string; verdict: string; measured: object[] }[] };
    expect(answer.path).toBe('reviewer');
    expect(answer.rules.find(({ code }) => code === 'POP-002')).toMatchObject({
      verdict: 'fired',
      measured: [{ limit: 18000 }],
    });
  });

  it('names file and pointer of a number that is none, and the line of Rego that does not compile', async () => {
    writeFileSync(limits, limited('"0.1"'));
    const wrong = await run('policy', 'try', example('in-band'), '--policies', folder);
    writeFileSync(limits, original);
    expect(wrong.exit).toBe(1);
    expect(wrong.err).toContain('policies/data/limits.json:5: /limits/population/score_reviewer_ppm');
    const rego = join(folder, 'promotion/loss/loss.rego');
    const source = readFileSync(rego, 'utf8');
    writeFileSync(rego, `${source}\nfindings contains finding if nonsense\n`);
    const broken = await run('policy', 'try', example('in-band'), '--policies', folder);
    writeFileSync(rego, source);
    expect(broken.exit).toBe(1);
    expect(broken.err).toMatch(/promotion\/loss\/loss\.rego:\d+: /);
  });

  it('without Go the numbers of the working copy still decide, and it says that the rules are those last built', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'countersign-cache-'));
    vi.stubEnv('XDG_CACHE_HOME', cache).stubEnv('PATH', cache);
    writeFileSync(limits, limited('18000'));
    const { exit, out, err } = await run('policy', 'try', example('in-band'), '--policies', folder);
    writeFileSync(limits, original);
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true });
    expect(exit).toBe(0);
    expect(out).toContain('edits of *.rego are NOT in it');
    expect(out).toContain('It takes the reviewer path.');
    expect(err).toContain('no `go` command was found');
  });

  it('refuses what is no scenario in one sentence', async () => {
    const input = join(folder, 'odd.yaml');
    writeFileSync(input, 'schema: routing-input/v0\nline: 3\n');
    expect(await run('policy', 'try', input, '--policies', folder)).toMatchObject({ exit: 1, out: '' });
    expect((await run('policy', 'try', join(folder, 'nothing.yaml'))).err).toContain('no scenario');
    expect((await run('policy', 'try', example('in-band'), '--set', '/nowhere=1')).err).toContain('--set /nowhere=1');
    expect((await run('policy', 'try', example('in-band'), '--policies', tmpdir())).err).toContain('holds no policies');
  });

  it('R52 rulebook lists every rule within 100 columns, and one in full', async () => {
    const { exit, out } = await run('rulebook');
    expect(exit).toBe(0);
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(out.match(/^[A-Z]{3}-\d{3} /gm)?.length).toBe((await workingPolicy({ policies: POLICIES })).rules.length);
    const one = (await run('rulebook', 'pop-002')).out;
    expect(one).toContain(
      `${valueText({ pointer: '/score_reviewer_ppm', value: REVIEWER })} (policies/data/limits.json /limits/population/score_reviewer_ppm)`,
    );
    expect((await run('rulebook', 'ZZZ-999')).exit).toBe(1);
  });
});
