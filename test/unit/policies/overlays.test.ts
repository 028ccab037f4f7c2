// Presets and worked overlays: what they do to the golden promotions of the example, and what they can never do to any.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { committeesOf } from '../../../functions/domain/layers.ts';
import { PATHS } from '../../../functions/domain/routing.ts';
import type { Pack } from '../../../functions/route/pack.ts';
import { decideInput } from '../../../functions/route/route.ts';
import { corpusOf, fixtures, withValue } from '../../../policies/corpus.ts';
import { judgedData, pathsOfRules, readDataFiles, sayProblem } from '../../../policies/data-files.ts';
import { judgedOverlay, overlaid } from '../../../policies/overlay.ts';
import { overlaidPack, preset, shippedOverlays } from '../../../policies/overlay-pack.ts';
import { packData } from '../../../policies/sources.ts';
import { POLICIES } from '../../../policies/tools/run.ts';
import { limitAt } from '../../support/limits.ts';
import { overlaidFiles, packUnder } from '../../support/overlay.ts';
import { committedPack, packFiles } from '../../support/pack.ts';
import { golden } from '../../support/what-if.ts';

const graded = committedPack();
const weight = (pack: Pack, input: unknown) => PATHS.indexOf(decideInput(pack, input).path);

async function routedUnder(pack: Pack): Promise<Record<'heavier' | 'lighter', string[]>> {
  const all = (await golden()).map((past) => ({ id: past.id, by: weight(pack, past.input) - weight(graded, past.input) }));
  const of = (wanted: (by: number) => boolean) => all.filter(({ by }) => wanted(by)).map(({ id }) => id);
  return { heavier: of((by) => by > 0), lighter: of((by) => by < 0) };
}

describe('R52 §1.5 presets and overlays over the example', () => {
  it.each(['presets/strict', 'overlays/retail-lender', 'overlays/insurer'])(
    '%s sends some to more people and none to fewer',
    async (name) => {
      const { heavier, lighter } = await routedUnder(packUnder(name));
      expect(lighter).toEqual([]);
      expect(heavier.length).toBeGreaterThan(0);
    },
  );

  it('graded is the data as they are', () => {
    expect(packUnder('presets/graded').data).toBe(graded.data);
  });

  it('strict knows two paths, and asks an AI governance lead on every line', async () => {
    const strict = packUnder('presets/strict');
    const paths = new Set((await golden()).map(({ input }) => decideInput(strict, input).path));
    expect([...paths].sort()).toEqual(['automated', 'committee']);
    for (const line of strict.lines.keys())
      expect(committeesOf(strict.layered, line).map(({ role }) => role)).toContain('ai-governance-lead');
  });

  it('lean asks fewer, and still people for what is unknown or new', async () => {
    const lean = packUnder('presets/lean');
    expect((await routedUnder(lean)).heavier).toEqual([]);
    for (const { input } of await golden()) {
      const before = decideInput(graded, input).findings.filter(({ minPath }) => minPath === 'committee');
      if (before.some(({ code }) => code !== 'POP-003')) expect(decideInput(lean, input).path).toBe('committee');
    }
  });

  it('an overlaid pack is rebuilt from its own sources', () => {
    const files = overlaidFiles('overlays/retail-lender');
    const sources = (JSON.parse(new TextDecoder().decode(files.get('sources.json'))) as { files: Record<string, string> })
      .files;
    const folder = mkdtempSync(join(tmpdir(), 'countersign-overlay-'));
    try {
      for (const [name, text] of Object.entries(sources)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      expect(digestOf(canonicalBytes(packData(folder)))).toBe(packUnder('overlays/retail-lender').data);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('R52 laws of presets, over generated inputs', () => {
  const [strict, lean] = [packUnder('presets/strict'), packUnder('presets/lean')];
  it('strict is never lighter than graded, lean never heavier, and neither is automated where a dimension is unknown', () => {
    const corpus = corpusOf(17);
    let moved = 0;
    for (let i = 0; i < 400; i++) {
      const input = corpus.at(i);
      const [low, middle, high] = [weight(lean, input), weight(graded, input), weight(strict, input)];
      expect([low <= middle, middle <= high], `seed 17, ${i}`).toEqual([true, true]);
      moved += high - middle;
      const unknown = Object.values(input).some(
        (one) => typeof one === 'object' && one !== null && 'state' in one && one.state === 'unknown',
      );
      if (unknown) expect(low, `seed 17, ${i}`).toBeGreaterThan(0);
    }
    expect(moved).toBeGreaterThan(0);
    const score = ['population', 'against', 'incumbent', 'figures', 'score', 'psi_ppm'];
    const input = withValue(fixtures()[0], score, limitAt('/limits/population/score_reviewer_ppm') + 1);
    expect([lean, graded, strict].map((pack) => decideInput(pack, input).path)).toEqual(['automated', 'reviewer', 'committee']);
  });
});

describe('an overlay that is wrong is told by file, pointer and rule', () => {
  const base = readDataFiles(join(POLICIES, 'data'));
  const paths = pathsOfRules(POLICIES);
  const told = (files: Record<string, unknown>, raises = true) => {
    const says = 'An overlay of a test, which says something wrong.';
    const overlay = { name: 'test', title: 'Test', says, only_raises: raises, drops_waivers: false };
    const all = Object.entries({ 'overlay.json': overlay, ...files }).map(
      ([name, value]) => [name, JSON.stringify(value)] as const,
    );
    return judgedOverlay(base, new Map(all), paths, 'mine').problems.map(sayProblem);
  };
  const limits = (score: number) => ({ limits: { population: { score_reviewer_ppm: score } } });

  it.each([
    [
      'one that only raises lowers',
      { 'limits.json': limits(120_000) },
      true,
      /^mine\/limits.json:1: \/limits\/population\/score_reviewer_ppm: 120000 is looser.*\[overlay\]$/,
    ],
    [
      'another lowers past the floor',
      { 'limits.json': limits(160_000) },
      false,
      /score_reviewer_ppm: 160000 is beyond the floor, 150000 \[overlay\]$/,
    ],
    [
      'a limit without a floor',
      { 'limits.json': { limits: { fairness: { worse_ppm: 110_000 } } } },
      false,
      /worse_ppm: this limit may not be waived/,
    ],
    [
      'longer expiry',
      { 'paths.json': { paths: { reviewer: { expires_after_days: 90 } } } },
      false,
      /expires_after_days: 90 is looser/,
    ],
    [
      'a tier looser than the overlay itself',
      { 'limits.json': limits(50_000), 'tiers/low/limits.json': limits(60_000) },
      true,
      /^mine\/tiers\/low\/limits.json:1: .*60000 is looser than 50000/,
    ],
    ['floors of its own', { 'waivers.json': { floors: {}, waivers: [] } }, true, /^mine\/waivers.json.*\/floors/],
    ['lines of its own', { 'lines.json': { lines: {} } }, true, /^mine\/lines.json:1: this file is the organisation’s alone/],
    ['no description', { 'overlay.json': { name: 'x' } }, true, /^mine\/overlay.json:1: \/title/],
  ])('%s', (_, files, raises, expected) => {
    expect(told(files, raises)[0]).toMatch(expected);
  });

  it('one that only raises never loosens, whatever it is laid over: what is tighter stays', () => {
    const strictest = new Map(base).set(
      'limits.json',
      (base.get('limits.json') ?? '').replace(/"days_since_people": \d+/, '"days_since_people": 10'),
    );
    const result = overlaid(strictest, preset('strict'));
    expect(JSON.parse(result.get('limits.json') ?? '').limits.history).toMatchObject({
      automated_in_a_row: 6,
      days_since_people: 10,
    });
    expect(JSON.parse(result.get('tiers/high/limits.json') ?? '').limits.history).toEqual({
      automated_in_a_row: 6,
      days_since_people: 10,
    });
    expect(judgedData(result, paths).problems).toEqual([]);
  });

  it('nothing is wrong with those that are shipped', () => {
    expect(
      shippedOverlays()
        .map(({ where }) => where)
        .sort(),
    ).toEqual([
      'policies/overlays/insurer',
      'policies/overlays/retail-lender',
      'policies/presets/graded',
      'policies/presets/lean',
      'policies/presets/strict',
    ]);
    for (const { where, files } of shippedOverlays()) expect(judgedOverlay(base, files, paths, where).problems).toEqual([]);
  });

  it('a pack from before layers cannot be overlaid, and says so', () => {
    const files = packFiles();
    const sources = JSON.parse(new TextDecoder().decode(files.get('sources.json'))) as { files: Record<string, string> };
    delete sources.files['data/min_paths.json'];
    files.set('sources.json', new TextEncoder().encode(JSON.stringify(sources)));
    expect(overlaidPack(files, preset('strict'), 'strict')).toBeUndefined();
  });
});
