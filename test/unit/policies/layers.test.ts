// The data files of the policy: every kind of wrongness by file, pointer and rule; and what layers and waivers make of a decision.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { loadPack, type Pack, PackError } from '../../../functions/route/pack.ts';
import { decideInput, routeUnactivated } from '../../../functions/route/route.ts';
import { effectiveFigures, figuresOf } from '../../../functions/route/rule-figures.ts';
import { fixtures, withValue } from '../../../policies/corpus.ts';
import {
  type DataFiles,
  expiredWaivers,
  judgedData,
  pathsOfRules,
  readDataFiles,
  sayProblem,
} from '../../../policies/data-files.ts';
import { interpret } from '../../../policies/engines.ts';
import { POLICIES } from '../../../policies/tools/run.ts';
import { clearDiff } from '../../support/diff.ts';
import { committedPack, packFiles } from '../../support/pack.ts';
import { repacked } from '../../support/release.ts';

const base = readDataFiles(join(POLICIES, 'data'));
const paths = pathsOfRules(POLICIES);
const LINE = 'german-credit-01-in-band-retrain';

const json = (name: string): Record<string, unknown> => JSON.parse(base.get(name) ?? '{}') as Record<string, unknown>;
const limits = json('limits.json')['limits'] as Record<'population' | 'history', Record<string, number>>;
const score = limits.population['score_reviewer_ppm'] ?? 0;
const floor = (json('waivers.json')['floors'] as { limits: { population: { score_reviewer_ppm: number } } }).limits.population
  .score_reviewer_ppm;
const TODAY = fixtures()[0]?.evaluatedAtDay ?? 0;
const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);

const waiver = {
  id: 'w-1',
  line: LINE,
  code: 'POP-002',
  min_path: 'automated',
  owner: { iss: 'urn:countersign:register', sub: 'head-of-model-risk' },
  reason: 'The campaign of this quarter was expected to move the scores.',
  from: dateOf(TODAY),
  from_day: TODAY,
  expires: dateOf(TODAY + 30),
  expires_day: TODAY + 30,
};
const { code: _code, min_path: _path, ...when } = waiver;
const limitWaiver = (value: number) => ({ ...when, limits: { population: { score_reviewer_ppm: value } } });

type Changes = Readonly<Record<string, unknown>>;
/** The shipped files, some replaced, left out (undefined) or given as text. */
function withFiles(changes: Changes): DataFiles {
  const files = new Map(base);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) files.delete(name);
    else files.set(name, typeof value === 'string' ? value : JSON.stringify(value, null, 1));
  }
  return files;
}
const told = (changes: Changes): string[] => judgedData(withFiles(changes), paths).problems.map(sayProblem);
const withWaivers = (...waivers: unknown[]) => ({ 'waivers.json': { ...json('waivers.json'), waivers } });
const inLimits = (value: unknown): Changes => ({
  'limits.json': { limits: { ...limits, population: { ...limits.population, score_reviewer_ppm: value } } },
});
const AT = '/limits/population/score_reviewer_ppm';
const tier = (value: number) => ({ limits: { population: { score_reviewer_ppm: value } } });
const without = (key: string) => Object.fromEntries(Object.entries(waiver).filter(([name]) => name !== key));

describe('a wrong data file is named with its pointer and rule', () => {
  it('and nothing is told of those that are shipped', () => expect(told({})).toEqual([]));

  it.each<[string, Changes, RegExp]>([
    ['a file is missing', { 'paths.json': undefined }, /^policies\/data\/paths.json:1: the file is missing \[data\]$/],
    ['a file nobody knows', { 'mood.json': {} }, /^policies\/data\/mood.json:1: no schema has this name/],
    ['null', inLimits(null), new RegExp(`^policies/data/limits.json:\\d+: ${AT}: .*\\[data\\]$`)],
    ['a string for a number', inLimits('100000'), new RegExp(`^policies/data/limits.json:\\d+: ${AT}: `)],
    ['a float', inLimits(0.1), new RegExp(`^policies/data/limits.json:1: ${AT}: .*not a safe integer|limits.json:\\d+: ${AT}`)],
    ['not an object', { 'limits.json': null }, /^policies\/data\/limits.json:1: \/: /],
    ['no JSON', { 'limits.json': '{ "limits": ' }, /^policies\/data\/limits.json:1: .*JSON_SYNTAX/],
    [
      '10 MB',
      { 'limits.json': `{ "limits": "${'x'.repeat(10 * 1024 * 1024)}" }` },
      /^policies\/data\/limits.json:1: .*BODY_TOO_LARGE.*\[data\]$/,
    ],
    ['a depth bomb', { 'limits.json': '['.repeat(100_000) }, /JSON_TOO_DEEP/],
    [
      'the same key twice',
      { 'min_paths.json': '{ "min_paths": {}, "min_paths": {} }' },
      /^policies\/data\/min_paths.json:1: \/min_paths/,
    ],
    [
      'an unknown tier',
      { 'tiers/huge/limits.json': tier(1) },
      /^policies\/data\/tiers\/huge\/limits.json:1: no such tier: high, medium, low \[tier\]$/,
    ],
    [
      'an unknown line',
      { 'models/nobody/limits.json': tier(1) },
      /^policies\/data\/models\/nobody\/:1: no such line is registered/,
    ],
    [
      'the register in a tier',
      { 'tiers/low/lines.json': { lines: {} } },
      /tiers\/low\/lines.json:1: this file is the organisation’s alone/,
    ],
    [
      'waivers of a tier',
      { 'tiers/low/waivers.json': json('waivers.json') },
      /tiers\/low\/waivers.json:1: this file is the organisation’s alone/,
    ],
    [
      'a looser tier',
      { 'tiers/low/limits.json': tier(score + 1) },
      new RegExp(`^policies/data/tiers/low/limits.json:4: ${AT}: ${score + 1} is looser than ${score} above it.*\\[layer\\]$`),
    ],
    [
      'a model looser than its tier',
      { 'tiers/medium/limits.json': tier(score - 20), [`models/${LINE}/limits.json`]: tier(score - 10) },
      new RegExp(`models/${LINE}/limits.json:4: ${AT}: ${score - 10} is looser than ${score - 20}`),
    ],
    [
      'a longer expiry',
      { 'tiers/low/paths.json': { paths: { reviewer: { expires_after_days: 300 } } } },
      /tiers\/low\/paths.json:\d+: \/paths\/reviewer\/expires_after_days: 300 is looser/,
    ],
    [
      'fewer second reviewers',
      { 'paths.json': { ...json('paths.json'), second_reviewer_min: 3 }, 'tiers/low/paths.json': { second_reviewer_min: 2 } },
      /tiers\/low\/paths.json:\d+: \/second_reviewer_min: 2 is looser than 3/,
    ],
    [
      'a path that is lighter in a tier',
      {
        'min_paths.json': { min_paths: { 'POP-001': 'committee' } },
        'tiers/low/min_paths.json': { min_paths: { 'POP-001': 'reviewer' } },
      },
      /tiers\/low\/min_paths.json:\d+: \/min_paths\/POP-001: reviewer is looser than committee/,
    ],
    [
      'a code nobody carries',
      { 'min_paths.json': { min_paths: { 'POP-099': 'committee' } } },
      /^policies\/data\/min_paths.json:\d+: \/min_paths\/POP-099: no rule carries this code \[code\]$/,
    ],
    [
      'a path the rule has anyway',
      { 'min_paths.json': { min_paths: { 'POP-002': 'reviewer' } } },
      /\/min_paths\/POP-002: the rule asks for reviewer already/,
    ],
    [
      'the path of an obligation',
      { 'min_paths.json': { min_paths: { 'OBL-001': 'committee' } } },
      /\/min_paths\/OBL-001: this rule asks for a obligation, which is no path/,
    ],
    [
      'a day that is not its date',
      { 'calendar.json': { calendar: { regime_breaks: [{ day: 1, date: '2020-03-11', name: 'x' }] } } },
      /^policies\/data\/calendar.json:\d+: \/calendar\/regime_breaks\/0\/day: must be 18332, the day of 2020-03-11/,
    ],
    [
      'a waiver without expiry',
      withWaivers(without('expires')),
      /^policies\/data\/waivers.json:\d+: \/waivers\/0\/expires: this key must be there/,
    ],
    ['a waiver without owner', withWaivers(without('owner')), /\/waivers\/0\/owner: this key must be there/],
    [
      'a waiver without reason',
      withWaivers({ ...waiver, reason: 'ok' }),
      /\/waivers\/0\/reason: say it in at least 20 characters/,
    ],
    [
      'a waiver that ends before it begins',
      withWaivers({ ...waiver, expires: waiver.from, expires_day: TODAY, from: dateOf(TODAY + 1), from_day: TODAY + 1 }),
      /\/waivers\/0\/expires_day: must not be before its first day/,
    ],
    [
      'a waiver for ever',
      withWaivers({ ...waiver, expires: dateOf(TODAY + 9999), expires_day: TODAY + 9999 }),
      /\/waivers\/0\/expires_day: 10000 days, at most 366/,
    ],
    [
      'a waiver of another day than its date',
      withWaivers({ ...waiver, from_day: TODAY - 5 }),
      /\/waivers\/0\/from_day: must be \d+, the day of/,
    ],
    ['a waiver of nothing', withWaivers(when), /\/waivers\/0\/(code|limits): this key must be there/],
    [
      'a waiver of an unknown line',
      withWaivers({ ...waiver, line: 'nobody' }),
      /^policies\/data\/waivers.json:\d+: \/waivers\/0\/line: no such line is registered \[waiver\]$/,
    ],
    [
      'a waiver of a rule without a floor',
      withWaivers({ ...waiver, code: 'MOD-001' }),
      /\/waivers\/0\/code: this rule may not be waived/,
    ],
    [
      'a waiver below the floor',
      withWaivers({ ...waiver, code: 'SEG-001' }),
      /\/waivers\/0\/min_path: automated is below the floor, reviewer/,
    ],
    [
      'a limit past the floor',
      withWaivers(limitWaiver(floor + 1)),
      new RegExp(`/waivers/0${AT}: ${floor + 1} is beyond the floor, ${floor} \\[waiver\\]$`),
    ],
    [
      'a limit without a floor',
      withWaivers({ ...when, limits: { fairness: { worse_ppm: 1 } } }),
      /\/waivers\/0\/limits\/fairness\/worse_ppm: this limit may not be waived/,
    ],
    [
      'two waivers of one thing',
      withWaivers(waiver, { ...waiver, id: 'w-2' }),
      /\/waivers\/1: says the same as w-1 on some days/,
    ],
    [
      'two waivers of one name',
      withWaivers(waiver, { ...waiver, code: 'POP-006' }),
      /\/waivers\/1\/id: another waiver has this id/,
    ],
    [
      'a floor for what is never waived',
      { 'waivers.json': { floors: { codes: { 'POL-002': 'automated' }, limits: {} }, waivers: [] } },
      /\/floors\/codes\/POL-002: no rule of this kind may be waived/,
    ],
    [
      'a floor for a code nobody carries',
      { 'waivers.json': { floors: { codes: { 'POP-099': 'automated' }, limits: {} }, waivers: [] } },
      /\/floors\/codes\/POP-099: no rule that asks for people carries this code/,
    ],
  ])('%s', (_, changes, expected) => {
    const problems = told(changes);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toMatch(expected);
  });

  it('all of them at once', () => {
    const problems = told({ ...inLimits(null), 'mood.json': {}, 'paths.json': undefined, 'tiers/huge/limits.json': {} });
    expect(problems).toHaveLength(4);
    expect(
      told({ 'tiers/low/limits.json': tier(score + 1), ...withWaivers({ ...waiver, line: 'nobody', code: 'MOD-001' }) }),
    ).toHaveLength(3);
  });

  it('a waiver that is over is noted, and is no mistake', () => {
    const files = withFiles(withWaivers(waiver));
    expect(judgedData(files, paths).problems).toEqual([]);
    expect(expiredWaivers(files, waiver.expires_day)).toEqual([]);
    expect(expiredWaivers(files, waiver.expires_day + 1).map(sayProblem)[0]).toMatch(
      /^policies\/data\/waivers.json:\d+: \/waivers\/0: w-1 expired on /,
    );
  });
});

const dataWith = (changes: Changes): object => {
  const { data, problems } = judgedData(withFiles(changes), paths);
  if (data === undefined) throw new Error(problems.map(sayProblem).join('\n'));
  return data;
};
const packWith = (changes: Changes): Pack => loadPack(repacked('data.json', canonicalBytes(dataWith(changes))));

/** The clear input with this score PSI. */
function scored(psi: number) {
  const input = withValue(fixtures()[0], ['population', 'against', 'incumbent', 'figures', 'score', 'psi_ppm'], psi);
  if (input === undefined) throw new Error('the figure has moved');
  return input;
}

describe('R52 what layers and waivers make of a decision', () => {
  it('the same in both engines, for each layer and each waiver', async () => {
    const worlds: Changes[] = [
      {},
      { 'tiers/medium/limits.json': tier(score - 20) },
      { 'tiers/medium/limits.json': tier(score - 20), [`models/${LINE}/limits.json`]: tier(score - 40) },
      { 'min_paths.json': { min_paths: { reviewer: 'committee' } } },
      withWaivers(waiver),
      withWaivers(limitWaiver(floor)),
      { 'tiers/medium/committees.json': json('tiers/high/committees.json') },
    ];
    const expected = ['automated', 'reviewer', 'reviewer', 'automated', 'automated', 'automated', 'automated'];
    const folder = mkdtempSync(join(tmpdir(), 'countersign-layers-'));
    try {
      for (const [i, changes] of worlds.entries()) {
        const inputs = [scored(score - 10), scored(score + 1), scored(floor + 1)];
        const pack = packWith(changes);
        const wasm = inputs.map((input) => decideInput(pack, input).path);
        const file = join(folder, 'data.json');
        writeFileSync(file, JSON.stringify(dataWith(changes)));
        const opa = (await interpret(inputs, POLICIES, file)) as { path: string }[];
        expect(wasm, JSON.stringify(changes)).toEqual(opa.map(({ path }) => path));
        expect(wasm[0], JSON.stringify(changes)).toBe(expected[i]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a waiver lowers between its days, is told in the decision, and is over by itself', () => {
    const pack = packWith(withWaivers(waiver));
    const on = (day: number) => decideInput(pack, { ...scored(score + 1), evaluatedAtDay: day });
    expect([TODAY - 1, TODAY, TODAY + 30, TODAY + 31].map((day) => on(day).path)).toEqual([
      'reviewer',
      'automated',
      'automated',
      'reviewer',
    ]);
    const used = on(TODAY).findings.find(({ code }) => code === 'WVR-002');
    expect(used).toMatchObject({ observed: 'w-1', limit: waiver.expires, minPath: 'automated', dimension: 'population' });
    expect(on(TODAY).cleared).toHaveLength(on(TODAY - 1).cleared.length + 1);
    expect(on(TODAY + 31).findings.map(({ code }) => code)).not.toContain('WVR-002');
  });

  it('a waived limit is told by WVR-001 and counts up to its own value', () => {
    const pack = packWith(withWaivers(limitWaiver(floor)));
    const codes = (psi: number) => decideInput(pack, scored(psi)).findings.map(({ code }) => code);
    expect(codes(floor)).toEqual(['POP-001', 'WVR-001']);
    expect(codes(floor + 1)).toEqual(['POP-002', 'WVR-001']);
  });

  it('a tier asks more people sooner, also when the engine fails', () => {
    const pack = packWith({
      'tiers/medium/committees.json': json('tiers/high/committees.json'),
      'tiers/medium/paths.json': { paths: { committee: { expires_after_days: 5 } } },
    });
    const decision = decideInput(pack, scored((limits.population['score_committee_ppm'] ?? 0) + 1));
    expect(decision.groups.map(({ role }) => role)).toEqual(['model-risk', 'business-owner', 'ai-governance-lead']);
    expect(decision.expiresAfterDays).toBe(5);
    // POL-003 is answered without Rego, by the same layers.
    const facts = { diff: clearDiff(), line: LINE, environment: 'sandbox', evaluatedAtDay: TODAY };
    const unactivated = routeUnactivated(pack, facts);
    expect([unactivated.groups, unactivated.expiresAfterDays]).toEqual([decision.groups, 5]);
  });

  it('a pack whose lower layer loosens does not load, whoever signed it; nor one whose waiver has no floor', () => {
    const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as Record<string, unknown>;
    const load = (changes: object) => () => loadPack(repacked('data.json', canonicalBytes({ ...data, ...changes })));
    expect(load({})).not.toThrow();
    expect(load({ tiers: { low: tier(score + 1) } })).toThrow(PackError);
    expect(load({ tiers: { low: tier(score + 1) } })).toThrow(/data\/tiers\/low \/limits\/population\/score_reviewer_ppm/);
    expect(load({ models: { [LINE]: { limits: { history: { automated_in_a_row: '1' } } } } })).toThrow(/looser/);
    expect(load({ waivers: [{ ...waiver, code: 'MOD-001' }] })).toThrow(/may not be waived/);
    expect(load({ waivers: [{ ...waiver, expires_day: '9' }] })).toThrow(/waivers\/0\/expires_day/);
    // Both in one: the limits are none, and the rule has no floor.
    expect(load({ waivers: [{ ...waiver, code: 'MOD-001', limits: {} }] })).toThrow(/may not be waived/);
    expect(load({ waivers: [{ ...waiver, expires_day: TODAY + 366 }] })).toThrow(/at most 366 days/);
    // A word where a number stands is above every number in Rego.
    const word = { metrics: { overall_ppm: { auc: 'automated' } } };
    expect(load({ models: { [LINE]: { limits: word } } })).toThrow(/looser/);
    expect(load({ waivers: [{ ...limitWaiver(1), limits: word }] })).toThrow(/beyond the floor/);
    // Nobody said which way is tighter: not a layer that may decide.
    expect(load({ tighter: {}, tiers: { low: tier(1) } })).toThrow(/no layer below the organisation may state this/);
  });
});

describe('R35 figures name the layer they come from', () => {
  const THRESHOLD = 'limits.population.score_reviewer_ppm';
  const data = dataWith({
    'tiers/medium/limits.json': tier(score - 20),
    [`models/${LINE}/limits.json`]: tier(score - 40),
    ...withWaivers(limitWaiver(floor)),
  });
  const effective = (line: string, day: number) => effectiveFigures(THRESHOLD.split('.'), data, line, day);

  it('in force for a line on a day', () => {
    expect(effective(LINE, TODAY - 1)).toEqual([
      { file: `data/models/${LINE}/limits.json`, pointer: AT, value: score - 40, layer: `model ${LINE}` },
    ]);
    expect(effective(LINE, TODAY)).toEqual([{ file: 'data/waivers.json', pointer: AT, value: floor, layer: 'waiver w-1' }]);
    expect(effective('german-credit-02-threshold-moved', TODAY)).toEqual([
      { file: 'data/tiers/medium/limits.json', pointer: AT, value: score - 20, layer: 'tier medium' },
    ]);
    expect(effective('nobody', TODAY)).toMatchObject([{ file: 'data/limits.json', value: score, layer: 'organisation' }]);
  });

  it('in the rule book: the organisation’s, and each layer that differs', () => {
    expect(figuresOf(THRESHOLD, data).map(({ layer, value }) => [layer, value])).toEqual([
      [undefined, score],
      ['tier medium', score - 20],
      [`model ${LINE}`, score - 40],
    ]);
    const capped = committedPack().rules.get('HIS-002')?.figures ?? [];
    expect(capped.map(({ layer, file }) => [layer, file])).toEqual([
      [undefined, 'data/limits.json'],
      ['tier high', 'data/tiers/high/limits.json'],
    ]);
  });
});
