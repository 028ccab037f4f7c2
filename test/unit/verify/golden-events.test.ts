// Every kind of event that was ever issued stays verifiable: sealed once, committed, verified by the code of today.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isAbsent, Predicate } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import { KeyChange } from '../../../functions/domain/keys/set.ts';
import { envelopeIn } from '../../../functions/domain/pack/derived.ts';
import { Outcome } from '../../../functions/domain/rows.ts';
import { exportKeys } from '../../../functions/export.ts';
import { packsFrom } from '../../../functions/packs.ts';
import { replay } from '../../../functions/replay.ts';
import { RECIPES } from '../../golden-events/recipes.ts';
import { evidenceAt, goldenTrust, LIST, listed, readGolden } from '../../golden-events/store.ts';
import { failed, flippedAt } from '../../support/evidence.ts';

const MAKE = 'add a recipe to test/golden-events/recipes.ts and run `npx node test/golden-events/make.ts`';
const trust = goldenTrust();
const events = listed();
const recipeOf = (name: string) => RECIPES[name];
const envelopeOf = async (event: (typeof events)[number]['event']) => (await envelopeIn(readGolden, event)) ?? new Uint8Array();

describe('R13 R59 golden events', () => {
  it('there is one of each kind, outcome and path, and of each change of keys and of a line', () => {
    const kinds = Predicate.options.map((one) => one.shape.kind.value);
    const recipes = events.map(({ name }) => recipeOf(name));
    expect(
      kinds.filter((kind) => !events.some((one) => one.kind === kind)),
      MAKE,
    ).toEqual([]);
    expect(
      Outcome.options.filter((outcome) => !recipes.some((one) => one?.outcome === outcome)),
      MAKE,
    ).toEqual([]);
    expect(['automated', 'reviewer', 'committee'].filter((path) => !recipes.some((one) => one?.path === path))).toEqual([]);
    const changes = KeyChange.shape.change.options.map((one) => one.shape.what.value);
    for (const what of [...changes, 'archive', 'rollback'])
      expect([what, recipes.some((one) => one?.what === what)], MAKE).toEqual([what, true]);
    expect(
      Object.keys(RECIPES).filter((name) => !events.some((one) => one.name === name)),
      MAKE,
    ).toEqual([]);
  });

  it.each(events.map((one) => [one.name, one] as const))(
    '%s verifies, with its place in the log',
    async (name, { event, kind }) => {
      const verified = await verifyEvent(await envelopeOf(event), event, trust, readGolden);
      expect(failed(verified.checks)).toEqual([]);
      expect(verified.checks.map((check) => check.name)).toContain('log');
      const { predicate } = verified;
      expect(predicate?.kind).toBe(kind);
      const { outcome, path, what } = recipeOf(name) ?? {};
      if (predicate?.kind === 'keyChange') expect(predicate.change.what).toBe(what);
      if (predicate?.kind === 'transition') expect(predicate.to === null ? 'archive' : 'rollback').toBe(what);
      if (predicate?.kind !== 'promotion') return;
      expect(predicate.outcome).toBe(outcome);
      if (path !== undefined) expect(isAbsent(predicate.routing) ? undefined : predicate.routing.path).toBe(path);
    },
  );

  it.each(events.filter(({ kind }) => kind === 'promotion').map((one) => [one.name, one] as const))(
    '%s replays under the policy that it sealed',
    async (_, { event }) => {
      const { predicate } = await verifyEvent(await envelopeOf(event), event, trust, readGolden);
      if (predicate?.kind !== 'promotion') throw new Error('not a promotion');
      const size = async (key: string) => (await readGolden(key))?.byteLength;
      const vault = { get: readGolden, size };
      expect(failed(await replay({ vault, packs: packsFrom(vault) }, predicate))).toEqual([]);
    },
  );

  it('each holds all that belongs to it, and a changed signature is seen', async () => {
    for (const { event } of events) {
      const envelope = await envelopeOf(event);
      const { predicate } = await verifyEvent(envelope, event, trust, readGolden);
      if (predicate === null) throw new Error('does not read');
      for (const key of await exportKeys({ vault: { get: readGolden } }, { key: '', predicate }))
        if (key !== '') expect(readFileSync(evidenceAt(key)).byteLength).toBeGreaterThan(0);
      const text = new TextDecoder().decode(envelope);
      const changed = flippedAt(envelope, text.indexOf('"sig":"') + 30);
      expect(failed((await verifyEvent(changed, event, trust, readGolden)).checks)).not.toEqual([]);
    }
  });

  it('the list is the one that was committed: names may come, none goes or changes', () => {
    const text = readFileSync(LIST, 'utf8');
    expect(text).toBe(`${JSON.stringify(events, null, 2)}\n`);
    expect(new Set(events.map(({ name }) => name)).size).toBe(events.length);
  });
});
