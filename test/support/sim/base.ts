// A store to begin from, made once by the real stages: one line with an incumbent, two requests that wait for votes. Each run gets
// a copy.
import { readPackFolder, SHIPPED_PACK } from '../../../cli/pack-folder.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { drive } from '../../../functions/drive.ts';
import { journalled } from '../../../functions/journal.ts';
import type { LogIdentity } from '../../../functions/log/log.ts';
import { packsFrom } from '../../../functions/packs.ts';
import { begin } from '../../../functions/seal/beginning.ts';
import { asking, manifestOf } from '../faults-races.ts';
import { memoryClock } from '../memory/clock.ts';
import { MemoryIndex } from '../memory/index-rows.ts';
import { memorySigner } from '../memory/signers.ts';
import { memoryVault } from '../memory/vault.ts';
import { memoryWorkflow } from '../memory/workflow.ts';
import { announce, built, explain, manifestAt, promote, upload } from '../promote.ts';
import type { TestWorld } from '../world.ts';

const BEGIN = Date.parse('2026-11-01T08:00:00.000Z');

export type MemoryWorld = TestWorld & { readonly objects: Map<string, Uint8Array>; readonly rows: MemoryIndex };

/** A whole world in memory, of one process, as the tests of the stages use one. */
export async function openMemoryWorld(): Promise<MemoryWorld> {
  const vault = memoryVault();
  const rows = new MemoryIndex();
  const clock = memoryClock(BEGIN);
  const tlog: LogIdentity = { origin: 'log.example.test/memory', signer: memorySigner('ed25519') };
  const workflow = memoryWorkflow((id) => drive(world, id));
  const world: MemoryWorld = {
    ...{ vault, index: journalled(vault, rows), signer: memorySigner('p256'), clock, workflow, tlog },
    packs: packsFrom(vault),
    woken: workflow.woken,
    run: workflow.idle,
    later: clock.later,
    folder: ':memory:',
    close: async () => undefined,
    objects: vault.objects,
    rows,
  };
  const { pack, files } = await readPackFolder(SHIPPED_PACK);
  const begun = await begin(world, { organisation: 'Test Bank', retentionOwner: 'model-risk' }, { digest: pack.digest, files });
  if (!begun.ok) throw new Error(JSON.stringify(begun.problems));
  return world;
}

/** `at`: the moment from which every run goes on. */
export type Base = { readonly world: MemoryWorld; readonly waiting: readonly RequestId[]; readonly at: number };

export async function openBase(): Promise<Base> {
  const world = await openMemoryWorld();
  await promote(world, await manifestOf('01-in-band-retrain/1-v01.yaml'));
  const reviewer = await asking(world, '02-threshold-moved/2-v03.yaml');
  const committee = await manifestAt('scenarios/02-threshold-moved/1-v01.yaml');
  const { request, blobs } = await built(world, committee);
  await upload(world, blobs);
  const other = await announce(world, request);
  await explain(world, other);
  return { world, waiting: [reviewer, other], at: Date.parse(world.clock.now()) };
}
