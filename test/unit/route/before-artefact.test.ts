// What was sealed before files were compared (decision 0014): a pack of that day and three inputs that it decided, kept for ever.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPromotion } from '../../../functions/baseline.ts';
import { canonicalBytes, canonicalDigest } from '../../../functions/domain/canonical.ts';
import type { SealedDiff } from '../../../functions/domain/diff.ts';
import { digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { isAbsent, type Promotion } from '../../../functions/domain/event/statement.ts';
import { replay } from '../../../functions/replay.ts';
import type { RoutingInput } from '../../../functions/route/input.ts';
import { loadPack, type Pack } from '../../../functions/route/pack.ts';
import { decideInput, route, routeInput } from '../../../functions/route/route.ts';
import { GoldenLine } from '../../../functions/whatif/golden.ts';
import { clearDiff, DIFF_LINE } from '../../support/diff.ts';
import { committedPack, packFiles } from '../../support/pack.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const GOLDEN = join(import.meta.dirname, '../../golden/before-artefact');

/** Its own rules, data and rule book; sources and capabilities are not read and are today's. */
function oldPack(): Pack {
  const files = packFiles();
  const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json'))) as { files: Record<string, string> };
  for (const name of ['policy.wasm', 'data.json', 'rulebook.json']) {
    const bytes = new Uint8Array(readFileSync(join(GOLDEN, name)));
    files.set(name, bytes);
    manifest.files[name] = digestOf(bytes);
  }
  return loadPack(files.set('manifest.json', canonicalBytes(manifest)));
}

const lines = readFileSync(join(GOLDEN, 'inputs.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => GoldenLine.parse(JSON.parse(line)));
const facts = { diff: clearDiff(), line: DIFF_LINE, environment: 'sandbox', evaluatedAtDay: 20_777 };

describe('R18a R35 a pack from before files were compared', () => {
  it.each(lines.map((line) => [line.expected.path, line] as const))('decides %s again as it did, byte for byte', (_, line) => {
    const routing = routeInput(oldPack(), line.input);
    expect(routing.path).toBe(line.expected.path);
    expect(routing.findings.map(({ code }) => code)).toEqual(line.expected.codes);
    expect([routing.inputDigest, canonicalDigest(routing.input)]).toEqual([line.inputDigest, line.inputDigest]);
  });

  it('R4a cannot take a promotion of today past people: nothing in it clears the files', () => {
    const routing = route(oldPack(), facts);
    expect([routing.path, routing.findings.map(({ code }) => code)]).toEqual(['committee', ['POL-004']]);
  });

  it('in a what-if it is asked as in its time, so that a new pack beside it is not called lighter', () => {
    const { input } = route(committedPack(), facts);
    expect(decideInput(oldPack(), input).path).toBe('automated');
    expect(decideInput(committedPack(), input).path).toBe('automated');
  });
});

describe('R4a a policy of today and an input from before', () => {
  it('unknown is not unchanged: the files were never compared, so it is for the committee', () => {
    for (const { input } of lines) {
      const { path, findings } = decideInput(committedPack(), input);
      expect(path).toBe('committee');
      expect(findings.some(({ code, dimension }) => code === 'POL-002' && dimension === 'artefact')).toBe(true);
    }
  });
});

describe('R18a replay of an event from before', () => {
  let world: TestWorld;
  let today: Promotion;
  beforeAll(async () => {
    world = await openWorld();
    await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
    const dossier = await promote(world, await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml'));
    today = (await readPromotion(world.vault, dossier.seal?.eventHash as EventHash)).promotion;
  });
  afterAll(() => world.close());

  it('recomputes the nineteen dimensions that were sealed, and holds one of today to twenty', async () => {
    const pack = oldPack();
    const bench = { vault: world.vault, packs: { ...world.packs, load: async () => pack } };
    if (isAbsent(today.routing) || isAbsent(today.diff)) throw new Error('an automated promotion was routed');
    const { artefact: _, ...diff } = today.diff as SealedDiff;
    const { artefact: __, ...input } = today.routing.input as RoutingInput;
    const sealed = { ...today, diff, routing: routeInput(pack, input) } as Promotion;
    expect((await replay(bench, sealed)).map(({ name, ok, detail }) => [name, ok, detail.slice(0, 13)])).toEqual([
      ['recomputed', true, 'nothing state'],
      ['diff', true, '19 dimensions'],
      ['routing', true, 'automated, by'],
    ]);
    const checks = await replay({ vault: world.vault, packs: world.packs }, today);
    expect(checks.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(checks[1]?.detail).toContain('20 dimensions');
  });
});
