// What may lie beside the files that an event names, and what only looks like it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEvent } from '../../../functions/baseline.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { openEnvelope } from '../../../functions/domain/event/envelope.ts';
import { companionsOf, faultyProofs } from '../../../functions/domain/pack/companions.ts';
import { derivedFiles, SCREEN } from '../../../functions/domain/pack/derived.ts';
import { envelopeKey, proofKey } from '../../../functions/domain/vault-keys.ts';
import { sealedKeys } from '../../../functions/keys/keys.ts';
import { value } from '../../support/activation.ts';
import { consent, OWNER, PLACE, propose, REASON, twoVersions } from '../../support/brakes.ts';
import { trustIn } from '../../support/evidence.ts';
import { type KeyedWorld, openKeyedWorld } from '../../support/stolen-key.ts';
import { DAVE } from '../../support/world.ts';

let world: KeyedWorld;
let list: { event: EventHash; envelope: Uint8Array };
beforeAll(async () => {
  world = await openKeyedWorld();
  const [first] = await sealedKeys(world);
  if (first === undefined) throw new Error('no list of keys');
  list = first;
});
afterAll(() => world.close());

const files = (all: Record<string, Uint8Array>) => ({ names: Object.keys(all), read: async (name: string) => all[name] });
const hex = () => list.event.slice('sha256:'.length);

it('a list of keys may come along under its own name, and under no other', async () => {
  const own = envelopeKey(list.event, null);
  expect(await companionsOf(files({ [own]: list.envelope }))).toContain(own);
  for (const name of [`events/${hex()}.dsse.json`, `records/copy-${hex()}.dsse.json`, `records/${hex()}.exe`])
    expect(await companionsOf(files({ [name]: list.envelope }))).not.toContain(name);
});

it('what stands under the name of a proof is one, also for who asks for no log', async () => {
  const about = `sha256:${'0'.repeat(64)}` as EventHash;
  const junk = new TextEncoder().encode('<script>');
  const all = files({ [envelopeKey(list.event, null)]: list.envelope, [proofKey(list.event)]: junk });
  const trust = { ...trustIn(world, { proof: 'index' }), logs: [] };
  expect(await faultyProofs(all, about, trust)).toEqual([`${proofKey(list.event)} does not read`]);
});

it('R59 the page of each act comes along as a file for people, whichever act it is', async () => {
  const [v1] = await twoVersions(world);
  const terms = { what: 'revocation' as const, ...PLACE, event: v1, to: null, reason: REASON };
  const { event } = value(await consent(world, value(await propose(world, terms, OWNER)), DAVE));
  const sealed = await readEvent(world, event as EventHash);
  const opened = openEnvelope(sealed?.envelope ?? new Uint8Array());
  if (!opened.ok) throw new Error('does not open');
  expect((await derivedFiles(opened.value, async (key) => world.vault.get(key))).has(SCREEN)).toBe(true);
}, 30_000);
