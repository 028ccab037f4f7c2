// One crash of the real server and what comes after it. The steps W1 … W15 are those of docs/write-protocol.md.
import { expect, vi } from 'vitest';
import { digestOf, type EventHash } from '../../functions/domain/digest.ts';
import { type Dossier, factsOf } from '../../functions/domain/dossier.ts';
import { stateOf } from '../../functions/domain/flow.ts';
import { checkLogged } from '../../functions/domain/log/check.ts';
import { vkeyOf } from '../../functions/domain/log/note.ts';
import { type PromotionRequest, requestIdOf } from '../../functions/domain/request.ts';
import { envelopeKey } from '../../functions/domain/vault-keys.ts';
import { logKeyOf } from '../../functions/log/publish.ts';
import { proofOf } from '../../functions/proofs.ts';
import { readDossier } from '../../functions/store.ts';
import { ballotOn } from './crowd.ts';
import { trustIn } from './evidence.ts';
import { envelopesOf, expectSealedOnce, gateOf } from './faults-play.ts';
import { type Answered, Clients, copyOf, inProcess, type Serving, serve } from './faults-server.ts';
import { built, manifestAt, upload } from './promote.ts';
import type { TestWorld } from './world.ts';

/** What a killed server left: the state of the rows, and how many votes and envelopes lie in the vault. */
export type Left = {
  readonly state: string;
  readonly voteObjects: number;
  readonly voteRows: number;
  readonly envelopes: number;
};
export type Case = { readonly step: string; readonly crashAt: string; readonly left: Left };

export const left = (state: string, voteObjects = 0, voteRows = 0, envelopes = 0): Left => ({
  state,
  voteObjects,
  voteRows,
  envelopes,
});

export type Prepared = { readonly data: string; readonly request: PromotionRequest };

/** Builds the request and uploads its bytes, so that the first object a promotion puts is the request itself. */
export async function prepared(world: TestWorld, manifest: string): Promise<PromotionRequest> {
  const { request, blobs } = await built(world, await manifestAt(`scenarios/01-in-band-retrain/${manifest}`));
  await upload(world, blobs);
  return request;
}

const VOTERS = ['alice', 'bob', 'carol'];
const SAID = 'A scheduled retrain of the example, tried out while the server dies.';

/** All that the clients do, from the first call to the end; sent once more, it is their plain retry. Answers the receipts. */
async function promote(clients: Clients, request: PromotionRequest, people: boolean): Promise<string[]> {
  const id = await clients.announce(request);
  await clients.until(id, ['needsRationale', 'voting', 'sealed']);
  const receipts: string[] = [];
  if (people) {
    const page = `/requests/${id}`;
    const why = { text: SAID, scope: 'sandbox', intendedUse: 'tests', limitations: 'small data' };
    accepted(await clients.post('erin', `${page}/rationale`, page, () => why));
    await clients.until(id, ['voting', 'decided', 'sealed']);
    for (const voter of VOTERS) {
      accepted(await clients.read(voter, `${page}/screen`));
      receipts.push(mainOf(accepted(await clients.post(voter, `${page}/votes`, page, ballotOn))));
    }
  }
  await clients.until(id, ['sealed']);
  return receipts;
}

function accepted({ status, text }: Answered): string {
  if (status >= 400) throw new Error(`answered ${status}: ${text.replace(/<[^>]*>/g, ' ').slice(0, 400)}`);
  return text;
}

const mainOf = (page: string): string => /<main.*<\/main>/s.exec(page)?.[0] ?? 'no page';

/** Starts, drives until it dies, starts again, sends everything again, and holds the end against what must be true. */
export async function crashAndRecover(prepared: Prepared, crashes: readonly string[], expected: Left): Promise<void> {
  const { request } = prepared;
  const { data, baseUrl } = await copyOf(prepared.data);
  const id = requestIdOf(request);
  const people = request.comparedWith.incumbent === null;
  const clients = new Clients(baseUrl);
  let serving: Serving | undefined;
  try {
    for (const [turn, crashAt] of crashes.entries()) {
      serving = await serve(data, baseUrl, crashAt);
      // The clients see broken connections or nothing at all; either way they learn nothing, and send it again later.
      await promote(clients, request, people).catch(() => undefined);
      expect(await serving.died(), crashAt).toBe('SIGKILL');
      clients.forgetSessions();
      if (turn === 0) expect(await leftIn(data, id)).toEqual(expected);
      await expectGateShut(data, request);
    }
    const before = await inProcess(data, (world) => readDossier(world.index, id));
    serving = await serve(data, baseUrl);
    const first = await promote(clients, request, people);
    expect(await promote(clients, request, people), 'a retry gets the same answer').toEqual(first);
    const sealed = await inProcess(data, (world) => expectSealedOnce(world, id));
    expectKept(before, sealed);
    expect(await clients.gate(sealed.hash, request)).toBe('allow OK');
    const other = { ...request, model: { ...request.model, root: digestOf('other bytes') } };
    expect(await clients.gate(sealed.hash, other)).toBe('deny ARTEFACT_MISMATCH');
    const { incumbent } = request.comparedWith;
    if (incumbent !== null) expect(await clients.gate(incumbent, request)).toBe('deny ARTEFACT_MISMATCH');
    expect(sealed.votes).toHaveLength(people ? VOTERS.length : 0);
    expect(sealed.decision).toMatchObject({ outcome: 'approved', votes: sealed.votes.map(({ voteKey }) => voteKey).sort() });
    await vi.waitFor(() => expectLogged(data, sealed.hash), { timeout: 10_000, interval: 100 });
    expect(await leftIn(data, id)).toMatchObject({ voteObjects: sealed.votes.length, envelopes: 1, state: 'sealed' });
  } finally {
    await serving?.kill();
    await inProcess(data, (world) => world.close());
  }
}

/** In a published tree, once, with a proof that holds. */
async function expectLogged(data: string, hash: EventHash): Promise<void> {
  await inProcess(data, async (world) => {
    const logs = [{ vkey: vkeyOf(logKeyOf(world.tlog)), class: 'dev' as const }];
    const trust = { ...trustIn(world), proof: 'inclusion' as const, logs };
    const envelope = await world.vault.get(envelopeKey(hash, 'approved'));
    expect(checkLogged(envelope ?? new Uint8Array(), await proofOf(world, hash), trust)).toMatchObject({ ok: true });
    expect(await world.index.list('UNLOGGED')).toEqual([]);
  });
}

/** What was written before the crash is there after it, unchanged. */
function expectKept(before: Dossier | undefined, after: Dossier): void {
  if (before === undefined) return;
  const { votes, served, ...single } = before;
  expect(after).toMatchObject(single);
  expect(after.votes).toEqual(expect.arrayContaining([...votes]));
  expect(after.served).toEqual(expect.arrayContaining([...served]));
}

/** An envelope without its row is signed and correct, and yet opens nothing: the row is the commit point. */
async function expectGateShut(data: string, request: PromotionRequest): Promise<void> {
  const id = requestIdOf(request);
  await inProcess(data, async (world) => {
    if ((await readDossier(world.index, id))?.seal !== undefined) return;
    for (const { hash } of await envelopesOf(world.vault, id))
      expect(await gateOf(world, hash, request)).toBe('deny NOT_FOUND');
  });
}

async function leftIn(data: string, id: ReturnType<typeof requestIdOf>): Promise<Left> {
  return inProcess(data, async (world) => {
    const dossier = await readDossier(world.index, id);
    const keys: string[] = [];
    for await (const key of world.vault.list('votes/')) {
      const vote = new TextDecoder().decode(await world.vault.get(key));
      if (vote.includes(id)) keys.push(key);
    }
    return {
      state: dossier === undefined ? 'none' : stateOf(factsOf(dossier)),
      voteObjects: keys.length,
      voteRows: dossier?.votes.length ?? 0,
      envelopes: (await envelopesOf(world.vault, id)).length,
    };
  });
}
