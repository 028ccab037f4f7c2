// A world in memory that can be copied: one prepared store, and a fresh copy of it for each of some hundred faults. Under the
// faults stands a witness that looks at every write and notes what must never be true, even for a moment.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPackFolder, SHIPPED_PACK } from '../../cli/pack-folder.ts';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { type Digest, digestOf } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { instantOf } from '../../functions/domain/text.ts';
import { blobKey, saidKey, voteObjectKey } from '../../functions/domain/vault-keys.ts';
import { drive } from '../../functions/drive.ts';
import type { LogIdentity } from '../../functions/log/log.ts';
import { type Packs, packsFrom } from '../../functions/packs.ts';
import type { Index, Signer, Vault, Write } from '../../functions/ports.ts';
import { begin } from '../../functions/seal/beginning.ts';
import { type Around, around } from './faults.ts';
import { memoryVault } from './memory/vault.ts';
import { openTestLog, type TestWorld } from './world.ts';

/** What a store holds: objects by key, and the transactions that led to its rows. */
type Contents = { readonly objects: Map<string, Uint8Array>; readonly commits: (readonly Write[])[] };

export type FaultWorld = TestWorld & {
  /** The stores under the faults: what is really there. */
  readonly real: { readonly vault: Vault; readonly index: Index };
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** Sentences of the witness; a lie that was later put right is a lie. */
  readonly lies: readonly string[];
  /** How often a head got another incumbent. */
  readonly headMoves: () => number;
  /** A copy with other faults around it. `tick`: milliseconds between two looks at the clock. */
  readonly copy: (hook?: Around, tick?: number) => FaultWorld;
};

const calm: Around = (_, run) => run();

export async function openFaultWorld(): Promise<FaultWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-faults-'));
  const signer = await openDevSigner(join(folder, 'signer.pem'));
  const tlog = await openTestLog(folder);
  await rm(folder, { recursive: true });
  const world = build({ objects: new Map(), commits: [] }, { signer, tlog, hook: calm, tick: 0 });
  const { pack, files } = await readPackFolder(SHIPPED_PACK);
  const begun = await begin(world, { organisation: 'Test Bank', retentionOwner: 'model-risk' }, { digest: pack.digest, files });
  if (!begun.ok) throw new Error(JSON.stringify(begun.problems));
  return world;
}

type Setting = {
  readonly signer: Signer;
  readonly tlog: LogIdentity;
  readonly hook: Around;
  readonly tick: number;
  readonly packs?: Packs;
};

function build(from: Contents, { signer, tlog, hook, tick, packs }: Setting): FaultWorld {
  const objects = new Map(from.objects);
  const commits: (readonly Write[])[] = [];
  const rows = new SqliteIndex(':memory:');
  const vault = memoryVault(objects);
  const lies: string[] = [];
  let headMoves = 0;
  const index: Index = {
    get: (key) => rows.get(key),
    list: (pk, prefix) => rows.list(pk, prefix),
    commit: async (writes) => {
      const before = await Promise.all(writes.map(({ key }) => rows.get(key)));
      const done = await rows.commit(writes);
      if (done.kind === 'conflict') return done;
      commits.push(writes);
      for (const [i, write] of writes.entries()) {
        lies.push(...liesOf(write, objects));
        if (write.kind === 'register' && write.key.sk === 'head' && incumbentOf(write.body) !== incumbentOf(before[i]?.body))
          headMoves++;
      }
      return done;
    },
  };
  for (const writes of from.commits) {
    void rows.commit(writes);
    commits.push(writes);
  }
  let now = Date.parse('2026-11-01T08:00:00.000Z');
  const woken = new Set<RequestId>();
  const loaded = packs ?? packsFrom(vault);
  const world: FaultWorld = {
    ...around({ vault, index, signer, tlog }, hook),
    clock: {
      now: () => {
        now += tick;
        return instantOf(now);
      },
    },
    workflow: { wake: (id) => void woken.add(id) },
    packs: loaded,
    woken,
    folder: ':memory:',
    later: (ms) => {
      now += ms;
    },
    run: async () => {
      for (const id of woken) {
        woken.delete(id);
        await drive(world, id);
      }
      if (woken.size > 0) await world.run();
    },
    close: async () => rows.close(),
    real: { vault, index },
    objects,
    lies,
    headMoves: () => headMoves,
    copy: (around_ = calm, ticks = 0) =>
      build({ objects, commits }, { signer, tlog, hook: around_, tick: ticks, packs: loaded }),
  };
  return world;
}

const incumbentOf = (head: unknown): unknown => (head as { incumbent?: unknown } | undefined)?.incumbent ?? null;

/** Vault before index (design §5): a row that names bytes which are not there, or are others, is a lie a gate might trust. */
export function liesOf(write: Write, objects: ReadonlyMap<string, Uint8Array>): string[] {
  if (write.kind === 'clear') return [];
  const { sk } = write.key;
  const body = write.body as Record<string, unknown>;
  const blob = (name: string): string[] => at(name, blobKey);
  const at = (name: string, keyOf: (digest: Digest) => string): string[] => {
    const bytes = objects.get(keyOf(body[name] as Digest));
    return bytes && digestOf(bytes) === body[name] ? [] : [`row ${sk} names ${name} ${body[name]}, which the vault lacks`];
  };
  if (sk === 'request') return blob('payload');
  if (sk === 'record') return at('record', saidKey);
  if (sk === 'comparison') return blob('diff');
  if (sk === 'routing') return blob('routing');
  if (sk === 'screen') return [...blob('screen'), ...blob('approvalRequest')];
  if (sk === 'proposal') return write.key.pk.startsWith('ACT#') ? [...at('proposal', saidKey), ...blob('screen')] : [];
  if (sk.startsWith('consent#')) return at('consent', saidKey);
  if (sk.startsWith('vote#')) {
    const bytes = objects.get(voteObjectKey(String(body['voteKey'])));
    return bytes && digestOf(bytes) === body['vote'] ? [] : [`row ${sk} names a vote that the vault lacks`];
  }
  if (sk !== 'seal' && sk !== 'event') return [];
  const envelope = objects.get(String(body['key']));
  const opened = envelope && openEnvelope(envelope);
  const named = sk === 'seal' ? body['eventHash'] : write.key.pk.slice('EVENT#'.length);
  return opened?.ok && opened.value.hash === named ? [] : [`row ${sk} names the event ${named}, which the vault lacks`];
}
