// Rows are a cache: what they say about standing facts and about the past of a line is believed only where sealed events say it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { envelopeBytes, openEnvelope } from '../../../functions/domain/event/envelope.ts';
import { type Head, keys } from '../../../functions/domain/rows.ts';
import { envelopeKey } from '../../../functions/domain/vault-keys.ts';
import { countedSinceHuman, lineageOf } from '../../../functions/lineage.ts';
import { standingOf } from '../../../functions/standing.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { readHead } from '../../../functions/store.ts';
import { announce, built, dossierOf, manifestAt, promote, upload } from '../../support/promote.ts';
import { drifted, PLACE, STEPS, said } from '../../support/standing.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let first: EventHash;
beforeEach(async () => {
  world = await openWorld();
  first = (await promote(world, await manifestAt(STEPS[0] ?? ''))).seal?.eventHash as EventHash;
});
afterEach(() => world.close());

const headOf = () => readHead(world.index, PLACE.line, PLACE.environment);

async function editHead(change: Partial<Head>): Promise<void> {
  const { head, revision } = await headOf();
  const key = keys.head(PLACE.line, PLACE.environment);
  await world.index.commit([{ kind: 'register', key, body: { ...head, ...change }, expected: revision }]);
}

const put = (key: { pk: string; sk: string }, event: EventHash) => world.index.commit([{ kind: 'fact', key, body: { event } }]);
const stands = () => standingOf(world, PLACE.line, PLACE.environment);

describe('R33 the count of automated promotions in a row is walked along the sealed events', () => {
  it('counts back to people, whatever the row says', async () => {
    const second = (await promote(world, await manifestAt(STEPS[1] ?? ''))).seal?.eventHash as EventHash;
    const third = (await promote(world, await manifestAt(STEPS[2] ?? ''))).seal?.eventHash as EventHash;
    const walked = await lineageOf(world, { ...PLACE, incumbent: third });
    expect(walked).toEqual({ automatedSinceHuman: 2, lastHumanApproved: first, events: [third, second, first] });

    await editHead({ automatedSinceHuman: 0 });
    const { request, blobs } = await built(world, await manifestAt(STEPS[3] ?? ''));
    await upload(world, blobs);
    const routing = await readRouting(world, await dossierOf(world, await announce(world, request)));
    expect(routing.input).toMatchObject({ history: { figures: { automatedSinceHuman: 2 } } });
  });

  it('a row that says a later version was approved by people is doubted, and doubt is for the committee', async () => {
    const second = (await promote(world, await manifestAt(STEPS[1] ?? ''))).seal?.eventHash as EventHash;
    await editHead({ lastHumanApproved: second, automatedSinceHuman: 0 });
    const { request, blobs } = await built(world, { ...(await manifestAt(STEPS[2] ?? '')), predictions: undefined });
    await upload(world, blobs);
    const { path, findings } = await readRouting(world, await dossierOf(world, await announce(world, request)));
    expect(path).toBe('committee');
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'POL-002', dimension: 'history', observed: 'lineage-in-doubt' }),
    );
  });

  it('an event of another line, one not signed here, or one that is gone ends the walk in doubt', async () => {
    const head = { ...PLACE, incumbent: first };
    expect(await lineageOf(world, head)).toMatchObject({ automatedSinceHuman: 0 });
    expect(await lineageOf(world, { ...head, line: 'german-credit-01-in-band-retrain' })).toBeUndefined();
    const stranger = await openWorld();
    expect(await lineageOf({ vault: world.vault, signer: stranger.signer }, head)).toBeUndefined();
    await stranger.close();
    const empty = { get: async () => undefined };
    expect(await lineageOf({ vault: empty }, head)).toBeUndefined();
    expect(await countedSinceHuman(world, { ...head, lastHumanApproved: null })).toBeNull();
    expect(await countedSinceHuman(world, { ...head, incumbent: null, lastHumanApproved: null })).toBeNull();
  });
});

describe('R38 an edited row can block a line but never free it', () => {
  it('an answer by an event that names no finding', async () => {
    const finding = await drifted(world);
    await put(keys.answered(PLACE.line, PLACE.environment, finding), first);
    await expect(stands()).rejects.toThrow('for what it does not say');
  });

  it('a resumption that was never sealed, or not by us', async () => {
    const suspended = await said(world, 'suspended');
    await put(keys.suspension(PLACE.line, PLACE.environment, suspended), suspended);
    await expect(stands()).rejects.toThrow('for what it does not say');
  });

  it('a record signed by somebody else', async () => {
    const other = await openWorld();
    await promote(other, await manifestAt(STEPS[0] ?? ''));
    const finding = await drifted(other);
    const bytes = await other.vault.get(envelopeKey(finding, null));
    await world.vault.putOnce(envelopeKey(finding, null), bytes ?? new Uint8Array());
    await put(keys.drift(PLACE.line, PLACE.environment, finding), finding);
    await expect(stands()).rejects.toThrow('was not sealed here');
    await other.close();
  });

  it('a record whose envelope holds other bytes', async () => {
    const finding = await drifted(world);
    const other = `sha256:${'1'.repeat(64)}` as EventHash;
    const opened = openEnvelope((await world.vault.get(envelopeKey(finding, null))) ?? new Uint8Array());
    const payload = opened.ok ? opened.value.payload : canonicalBytes({});
    await world.vault.putOnce(envelopeKey(other, null), envelopeBytes(payload, world.signer.keyid, new Uint8Array(8)));
    await put(keys.drift(PLACE.line, PLACE.environment, other), other);
    await expect(stands()).rejects.toThrow('does not hold the event');
  });
});
