// A store of its own for one test: the embedded adapters in a temporary folder, with a clock that the test moves and a
// workflow that runs when asked. The adapters are the product's; only clock, randomness and workflow are the test's.
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPackFolder, SHIPPED_PACK } from '../../cli/pack-folder.ts';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { FileVault } from '../../functions/adapters/local/file-vault.ts';
import { makeNoteSigner, openNoteSigner } from '../../functions/adapters/local/note-signer.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { instantOf } from '../../functions/domain/text.ts';
import { drive } from '../../functions/drive.ts';
import { journalled } from '../../functions/journal.ts';
import type { LogIdentity } from '../../functions/log/log.ts';
import type { DriveWorld } from '../../functions/packs.ts';
import { packsFrom } from '../../functions/packs.ts';
import type { Identified } from '../../functions/ports.ts';
import { begin } from '../../functions/seal/beginning.ts';

const BEGIN = '2026-11-01T08:00:00.000Z';

export const ISSUER = 'https://id.example.test';

export type TestWorld = DriveWorld & {
  /** Moves the clock forward. */
  readonly later: (ms: number) => void;
  /** Drives everything that was woken, until nothing moves. */
  readonly run: () => Promise<void>;
  readonly woken: Set<RequestId>;
  readonly folder: string;
  readonly close: () => Promise<void>;
};

let counter = 0;

/** A log key of its own. */
export async function openTestLog(folder: string): Promise<LogIdentity> {
  const file = join(folder, 'log.key');
  const own = (await openNoteSigner(file)) ?? (await makeNoteSigner(file, (id) => `log.example.test/${id.slice(0, 8)}`));
  const { name: origin, signer } = own;
  return { origin, signer };
}

/** `keys`: a folder with `signer.pem` and `log.key`, where the same events must come out each time. */
export async function openWorld(options: { begun?: boolean; journal?: boolean; keys?: string } = {}): Promise<TestWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-test-'));
  for (const name of options.keys ? ['signer.pem', 'log.key'] : []) {
    await copyFile(join(options.keys ?? '', name), join(folder, name));
    // A copy of a committed file has its rights; a key is the owner's alone.
    await chmod(join(folder, name), 0o600);
  }
  const vault = new FileVault(join(folder, 'vault'), () => `t${process.pid}-${counter++}`);
  const rows = new SqliteIndex(join(folder, 'index.db'));
  let now = Date.parse(BEGIN);
  const woken = new Set<RequestId>();
  const world: TestWorld = {
    vault,
    // As `serve` composes it; most tests do not need each transaction synced twice.
    index: options.journal ? journalled(vault, rows) : rows,
    signer: await openDevSigner(join(folder, 'signer.pem')),
    // Each look is a millisecond later, so that an order of events can be told from their times.
    clock: { now: () => instantOf(now++) },
    workflow: { wake: (id) => void woken.add(id) },
    packs: packsFrom(vault),
    tlog: await openTestLog(folder),
    woken,
    folder,
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
    close: async () => {
      rows.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  if (options.begun !== false) {
    const { pack, files } = await readPackFolder(SHIPPED_PACK);
    const begun = await begin(
      world,
      { organisation: 'Test Bank', retentionOwner: 'model-risk' },
      { digest: pack.digest, files },
    );
    if (!begun.ok) throw new Error(JSON.stringify(begun.problems));
  }
  return world;
}

const JWK = canonicalBytes({ kty: 'EC', crv: 'P-256', x: 'test', y: 'test' });

/** Somebody whose token was checked already. */
export function identified(kind: 'person' | 'service', sub: string, roles: readonly string[] = []): Identified {
  const auth = {
    aud: 'countersign',
    azp: kind === 'service' ? sub : 'countersign-console',
    // When the test's clock begins. Who decides later signs in again (support/promote.ts, support/app.ts).
    authTime: Date.parse(BEGIN) / 1000,
    exp: 1_800_000_000,
    kid: 'test',
    jwk: digestOf(JWK),
    tokenDigest: digestOf(`token of ${sub}`),
    roles: [...roles],
    roleSource: `${ISSUER} claim roles`,
  };
  return { principal: { actor: { kind, iss: ISSUER, sub }, auth }, jwk: JWK, token: `token of ${sub}` };
}

export const PIPELINE = identified('service', 'pipeline', ['pipeline']);
export const ALICE = identified('person', 'person-alice', ['model-risk@retail-credit']);
export const BOB = identified('person', 'person-bob', ['model-risk@retail-credit']);
export const CAROL = identified('person', 'person-carol', ['business-owner@retail-credit']);
export const DAVE = identified('person', 'person-dave', ['model-risk-reviewer@retail-credit']);
export const ERIN = identified('person', 'person-erin', ['model-developer']);
export const MALLORY = identified('person', 'person-mallory', []);

/** The same person, signed in at this moment. */
export function signedInNow(world: Pick<TestWorld, 'clock'>, person: Identified): Identified {
  const authTime = Math.floor(Date.parse(world.clock.now()) / 1000);
  const { actor, auth } = person.principal;
  return { ...person, principal: { actor, auth: { ...auth, authTime } } };
}
