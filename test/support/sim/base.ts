// A store to begin from, made once by the real stages: two lines with an incumbent, three requests that wait for votes, two of
// them for one head. Each run gets a copy.
import { readPackFolder, SHIPPED_PACK } from '../../../cli/pack-folder.ts';
import type { PromotionRequest, RequestId } from '../../../functions/domain/request.ts';
import { drive } from '../../../functions/drive.ts';
import { journalled } from '../../../functions/journal.ts';
import type { LogIdentity } from '../../../functions/log/log.ts';
import { packsFrom } from '../../../functions/packs.ts';
import type { Index, Signer, Vault, Workflow } from '../../../functions/ports.ts';
import { begin } from '../../../functions/seal/beginning.ts';
import { asking, manifestOf } from '../faults-races.ts';
import { memoryClock } from '../memory/clock.ts';
import { MemoryIndex } from '../memory/index-rows.ts';
import { memorySigner } from '../memory/signers.ts';
import { memoryVault } from '../memory/vault.ts';
import { memoryWorkflow } from '../memory/workflow.ts';
import { announce, built, explain, manifestAt, promote, upload } from '../promote.ts';
import { STEPS } from '../standing.ts';
import type { TestWorld } from '../world.ts';

const BEGIN = Date.parse('2026-11-01T08:00:00.000Z');

export type MemoryWorld = TestWorld & { readonly objects: Map<string, Uint8Array>; readonly rows: MemoryIndex };

/** What lies under the stages, the journal included: where somebody who looks at every request stands. */
export type MemoryStores = {
  readonly vault: Vault;
  readonly rows: Index;
  readonly signer: Signer;
  readonly tlog: LogIdentity;
  readonly workflow: Workflow;
};

/**
 * A whole world in memory, of one process, as the tests of the stages use one. `seen`: puts somebody before each store. `woken`: who
 * goes on with a request; without it the embedded workflow does.
 */
export async function openMemoryWorld(
  seen: (stores: MemoryStores) => MemoryStores = (stores) => stores,
  woken: (world: MemoryWorld, id: RequestId) => Promise<unknown> = drive,
): Promise<MemoryWorld> {
  const objects = new Map<string, Uint8Array>();
  const table = new MemoryIndex();
  const clock = memoryClock(BEGIN);
  const memory = memoryWorkflow((id) => woken(world, id));
  const { vault, rows, signer, tlog, workflow } = seen({
    vault: memoryVault(objects),
    rows: table,
    signer: memorySigner('p256'),
    tlog: { origin: 'log.example.test/memory', signer: memorySigner('ed25519') },
    workflow: memory,
  });
  const world: MemoryWorld = {
    ...{ vault, index: journalled(vault, rows), signer, clock, workflow, tlog },
    packs: packsFrom(vault),
    woken: memory.woken,
    run: memory.idle,
    later: clock.later,
    folder: ':memory:',
    close: async () => undefined,
    objects,
    rows: table,
  };
  const { pack, files } = await readPackFolder(SHIPPED_PACK);
  const begun = await begin(world, { organisation: 'Test Bank', retentionOwner: 'model-risk' }, { digest: pack.digest, files });
  if (!begun.ok) throw new Error(JSON.stringify(begun.problems));
  return world;
}

/** `waiting`: for votes. `templates`: not announced yet, two retrains of one line among them. `at`: when every run begins. */
export type Base = {
  readonly world: MemoryWorld;
  readonly waiting: readonly RequestId[];
  readonly templates: readonly PromotionRequest[];
  readonly at: number;
};

export async function openBase(): Promise<Base> {
  const world = await openMemoryWorld();
  await promote(world, await manifestOf('01-in-band-retrain/1-v01.yaml'));
  await promote(world, await manifestAt(STEPS[0] ?? ''));
  const committee = await built(world, await manifestAt('scenarios/02-threshold-moved/1-v01.yaml'));
  await upload(world, committee.blobs);
  const first = await announce(world, committee.request);
  await explain(world, first);
  const reviewer = '02-threshold-moved/2-v03.yaml';
  const waiting = [first, await asking(world, reviewer, 'one'), await asking(world, reviewer, 'other')];
  const retrain = await manifestAt(STEPS[1] ?? '');
  const templates: PromotionRequest[] = [];
  for (const id of ['night', 'morning']) {
    const { request, blobs } = await built(world, { ...retrain, pipelineRun: { ...retrain.pipelineRun, id } });
    await upload(world, blobs);
    templates.push(request);
  }
  const { request, blobs } = await built(world, await manifestOf(reviewer, 'another'));
  await upload(world, blobs);
  return { world, waiting, templates: [...templates, request], at: Date.parse(world.clock.now()) };
}
