import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEvent } from '../../../functions/baseline.ts';
import type { Digest } from '../../../functions/domain/digest.ts';
import type { PromotionRequest, RequestId } from '../../../functions/domain/request.ts';
import { packKey } from '../../../functions/domain/vault-keys.ts';
import { drive } from '../../../functions/drive.ts';
import { packsFrom } from '../../../functions/packs.ts';
import type { Index } from '../../../functions/ports.ts';
import { replay } from '../../../functions/replay.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { activated, type Desk, deskOf, uploaded } from '../../support/activation.ts';
import { announce, built, dossierOf, explain, manifestAt, upload, vote } from '../../support/promote.ts';
import { ALICE, BOB, CAROL, openWorld } from '../../support/world.ts';

const MANIFEST = 'scenarios/12-no-incumbent/1-v01.yaml';

let desk: Desk;
beforeEach(async () => {
  desk = deskOf(await openWorld());
});
afterEach(() => desk.close());

async function requested(supersedes?: RequestId): Promise<PromotionRequest> {
  const { request, blobs } = await built(desk, await manifestAt(MANIFEST));
  await upload(desk, blobs);
  return supersedes === undefined ? request : { ...request, supersedes };
}

it('R35 a policy put into force during a review routes the next request, not this one; reopening is a request of its own', async () => {
  const old = await announce(desk, await requested());
  const before = (await dossierOf(desk, old)).request.pack;
  const pack = await uploaded(desk, 7);
  await activated(desk, pack);

  await explain(desk, old);
  const kept = await dossierOf(desk, old);
  expect([kept.request.pack, (await readRouting(desk, kept)).pack]).toEqual([before, before]);
  expect((await readRouting(desk, kept)).expiresAfterDays).not.toBe(7);

  const reopened = await announce(desk, await requested(old));
  const again = await dossierOf(desk, reopened);
  expect([again.request.pack, (await readRouting(desk, again)).pack]).toEqual([pack, pack]);
  expect((await readRouting(desk, again)).expiresAfterDays).toBe(7);
  expect((await dossierOf(desk, old)).decision?.outcome).toBe('superseded');
});

/** Somebody who can write the table points a request at a pack of their own. */
const pointing = (index: Index, pack: Digest): Index => ({
  commit: (writes) => index.commit(writes),
  get: (key) => index.get(key),
  list: async (pk, prefix) =>
    (await index.list(pk, prefix)).map((row) =>
      pk.startsWith('REQ#') && row.key.sk === 'request' ? { ...row, body: { ...(row.body as object), pack } } : row,
    ),
});

it('R35 POL-003 a pack that no sealed event put into force is not asked: committee', async () => {
  const pack = await uploaded(desk, 7);
  const quiet = { wake: () => undefined };
  const id = await announce({ ...desk, workflow: quiet }, await requested());
  const misled: Desk = Object.assign(desk, { index: pointing(desk.index, pack), workflow: quiet });
  await drive(misled, id);
  const routing = await readRouting(misled, await dossierOf(desk, id));
  expect(routing).toMatchObject({ path: 'committee', pack });
  expect(routing.findings.map(({ code }) => code)).toEqual(['POL-003']);
  expect(routing.cleared).toEqual([]);
  expect(routing.groups.length).toBeGreaterThan(0);

  // A committee may still decide; what is sealed says why it was asked, and replays.
  await explain(desk, id);
  await drive(misled, id);
  for (const person of [ALICE, BOB, CAROL]) await vote(desk, id, person);
  await drive(misled, id);
  const { seal } = await dossierOf(desk, id);
  const event = seal && (await readEvent(desk, seal.eventHash));
  if (event?.predicate.kind !== 'promotion') throw new Error('not sealed');
  expect(event.predicate.outcome).toBe('approved');
  expect((await replay(desk, event.predicate)).filter((check) => !check.ok)).toEqual([]);
});

it('R35 a pack that was changed in the vault is refused, and nothing is routed by it', async () => {
  const get = desk.vault.get.bind(desk.vault);
  const id = await announce({ ...desk, workflow: { wake: () => undefined } }, await requested());
  const changed = packKey((await dossierOf(desk, id)).request.pack, 'policy.wasm');
  desk.vault.get = async (key) => (key === changed ? new Uint8Array([0]) : get(key));
  // After a restart: what was loaded before the change is whole.
  Object.assign(desk, { packs: packsFrom(desk.vault) });
  await expect(drive(desk, id)).rejects.toThrow('POLICY_BYTES_CHANGED policy.wasm');
  expect((await dossierOf(desk, id)).routing).toBeUndefined();
});
