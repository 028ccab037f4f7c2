// Takes one promotion through its stages as its clients do: each call on its own, repeated as it was when it failed, and the
// sweep after each failure, as at a start or a tick. And what must be true of the store when it has ended.
import { expect } from 'vitest';
import { giveRationale } from '../../functions/approve/rationale.ts';
import { serveScreen } from '../../functions/approve/serve-screen.ts';
import { castVote } from '../../functions/approve/vote.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import type { Dossier } from '../../functions/domain/dossier.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { Statement } from '../../functions/domain/event/statement.ts';
import type { PromotionRequest, RequestId } from '../../functions/domain/request.ts';
import type { Result } from '../../functions/domain/result.ts';
import { keys } from '../../functions/domain/rows.ts';
import type { Trust } from '../../functions/domain/trust.ts';
import { voteKeyOf } from '../../functions/domain/vote.ts';
import { sweep } from '../../functions/drive.ts';
import { judge } from '../../functions/gate/gate.ts';
import { receive } from '../../functions/intake/intake.ts';
import type { DriveWorld } from '../../functions/packs.ts';
import type { Identified, Index, Vault } from '../../functions/ports.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { sealStep } from '../../functions/steps/seal.ts';
import { readDossier } from '../../functions/store.ts';
import type { FaultWorld } from './faults-world.ts';
import { ballotFor, dossierOf, WHY } from './promote.ts';
import { ALICE, BOB, CAROL, ERIN, ISSUER, PIPELINE, type TestWorld } from './world.ts';

const value = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.problems));
};

/** `real`: what is really there, under the faults. */
type Played = TestWorld & Pick<FaultWorld, 'real'>;

/** A call and its plain retry. After a fault the world is swept first, so that the retry meets whatever recovery did. */
async function again<T>(world: Played, call: () => Promise<T>): Promise<T> {
  for (let turn = 0; ; turn++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof InfrastructureError) || turn > 3) throw error;
      await recover(world);
    }
  }
}

/** What was woken is forgotten, as in a crash; the sweep finds it again. */
async function recover(world: Played): Promise<void> {
  world.woken.clear();
  await again(world, async () => {
    await sweep(world);
    await world.run();
  });
}

const settle = (world: Played) => again(world, () => world.run());

/** Announces, writes why, shows, votes; answers the request's id. */
export async function promoteThroughFaults(world: Played, request: PromotionRequest): Promise<RequestId> {
  const { id } = await again(world, async () => value(await receive(world, canonicalBytes(request), PIPELINE)));
  await settle(world);
  const { routing } = await again(world, () => dossierOf(world, id));
  if (routing?.path !== 'committee') return id;
  await again(world, async () => value(await giveRationale(world, await dossierOf(world, id), WHY, ERIN)));
  await settle(world);
  for (const voter of [ALICE, BOB, CAROL]) {
    await again(world, async () => value(await serveScreen(world, await dossierOf(world, id), voter)));
    await again(world, () => approve(world, id, voter));
    await settle(world);
  }
  return id;
}

/** "Ok" to a voter means that the row is there: looked up under the faults, at the moment of the answer. */
async function approve(world: Played, id: RequestId, voter: Identified): Promise<void> {
  const dossier = await dossierOf(world, id);
  const cast = value(await castVote(world, dossier, await readRouting(world, dossier), await ballotFor(world, id), voter));
  const row = await world.real.index.get(keys.vote(id, voteKeyOf(id, voter.principal.actor)));
  expect(row?.body).toMatchObject({ castAt: cast.vote.castAt });
}

/** Every envelope about a request that the vault holds, approvals and records alike. */
export async function envelopesOf(vault: Vault, id: RequestId): Promise<{ key: string; hash: EventHash }[]> {
  const found: { key: string; hash: EventHash }[] = [];
  for (const folder of ['events/', 'records/'])
    for await (const key of vault.list(folder)) {
      const opened = openEnvelope((await vault.get(key)) ?? new Uint8Array());
      if (!opened.ok) throw new Error(`${key} is no envelope`);
      const { predicate } = Statement.parse(JSON.parse(new TextDecoder().decode(opened.value.payload)));
      if (predicate.kind === 'promotion' && predicate.requestId === id) found.push({ key, hash: opened.value.hash });
    }
  return found;
}

/**
 * The statement made once more from the frozen rows, by the sealer itself, years later: nothing is written, and what it would
 * have written is answered. An uninterrupted run from the same rows gives this and nothing else.
 */
async function sealedAgain(world: DriveWorld, dossier: Dossier): Promise<string[]> {
  const written: string[] = [];
  const index: Index = { ...readsOf(world.index), commit: async () => ({ kind: 'committed' }) };
  const vault: Vault = {
    get: (key) => world.vault.get(key),
    size: (key) => world.vault.size(key),
    list: (prefix) => world.vault.list(prefix),
    putOnce: async (key) => {
      written.push(key);
      return { kind: 'stored' };
    },
  };
  const clock = { now: () => '2099-12-31T23:59:59.999Z' as ReturnType<DriveWorld['clock']['now']> };
  const { seal: _, ...unsealed } = dossier;
  await sealStep({ ...world, vault, index, clock }, unsealed);
  return written;
}

const readsOf = (index: Index): Pick<Index, 'get' | 'list'> => ({
  get: (key) => index.get(key),
  list: (pk, prefix) => index.list(pk, prefix),
});

/** One event, its object there, the same hash from the same rows, nothing left open; answers the sealed dossier. */
export async function expectSealedOnce(world: DriveWorld, id: RequestId): Promise<Dossier & { hash: EventHash }> {
  const dossier = await readDossier(world.index, id);
  if (dossier?.seal === undefined) throw new Error(`${id} was not sealed`);
  const { eventHash: hash, key } = dossier.seal;
  expect(await envelopesOf(world.vault, id)).toEqual([{ key, hash }]);
  expect(await sealedAgain(world, dossier)).toEqual([key]);
  expect((await world.index.get(keys.event(hash)))?.body).toMatchObject({ request: id, key });
  expect(await world.index.get(keys.open(id))).toBeUndefined();
  return { ...dossier, hash };
}

const trustOf = (world: DriveWorld): Trust => ({
  environment: 'sandbox',
  class: 'dev',
  keys: [{ keyid: world.signer.keyid, spki: world.signer.spki, class: 'dev' }],
  issuers: [ISSUER],
  proof: 'index',
  humanSignature: 'optional',
});

export const gateOf = async (world: DriveWorld, event: EventHash, { line, model }: PromotionRequest) => {
  const { root, manifest } = model;
  const { verdict, code } = await judge(world, { event, root, manifest, line, environment: 'sandbox' }, trustOf(world));
  return `${verdict} ${code}`;
};
