// What comes with a pack beside the event's own evidence: lists of keys, what was said again after a theft, proofs of the events
// it was compared with. Each byte of them is covered, and nothing comes along that belongs to nothing.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestsOf, toolFiles } from '../../../cli/pack/tools.ts';
import type { Digest } from '../../../functions/domain/digest.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { proofKey, reattestedKey } from '../../../functions/domain/vault-keys.ts';
import { sealedKeys } from '../../../functions/keys/keys.ts';
import { reattest } from '../../../functions/keys/reattest.ts';
import { failingIn, filesUnder, packOf, reindexed, type TestPack } from '../../support/audit-pack.ts';
import { flippedAt } from '../../support/evidence.ts';
import { WHY } from '../../support/key-folder.ts';
import { sealRecord } from '../../support/log.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import {
  compromised,
  type KeyedWorld,
  keysOf,
  logAndWitness,
  newSigner,
  openKeyedWorld,
  pinned,
  rotated,
  sealingWith,
} from '../../support/stolen-key.ts';

/** Else a line of a witness that nobody asks for may say anything. */
const WITNESSED = { proof: 'witnessed' } as const;

type Packed = { readonly world: KeyedWorld; readonly pack: TestPack; readonly files: Map<string, Uint8Array>; trust: Trust };

let tools: ReadonlyMap<string, Digest>;
let after: Packed;
let stolen: Packed;

/** The second version of a line: compared with the first. */
async function second(world: KeyedWorld) {
  await promote(world, await manifestAt('scenarios/02-threshold-moved/1-v01.yaml'));
  return promote(world, await manifestAt('scenarios/02-threshold-moved/2-v03.yaml'));
}

async function packed(world: KeyedWorld, dossier: Awaited<ReturnType<typeof second>>, trust: Trust): Promise<Packed> {
  const pack = await packOf(world, dossier);
  writeFileSync(pack.trust, `${JSON.stringify(trust, null, 2)}\n`);
  return { world, pack, files: filesUnder(pack.folder), trust };
}

beforeAll(async () => {
  tools = digestsOf(await toolFiles());
  const first = await openKeyedWorld();
  const old = await keysOf(first);
  const dossier = await second(first);
  const next = await rotated(await rotated(first, await newSigner(first, 'second')), await newSigner(first, 'third'));
  await logAndWitness(next);
  // Whoever pinned the first list and has not followed since.
  after = await packed(next, dossier, pinned(next, old, WITNESSED));

  const robbed = await openKeyedWorld();
  await logAndWitness(robbed);
  robbed.later(5_000);
  const since = robbed.clock.now();
  robbed.later(5_000);
  const honest = await second(robbed);
  const own = await compromised(robbed, since, await newSigner(robbed, 'second'));
  await reattest(own, WHY);
  await logAndWitness(own);
  const now = await sealingWith(own, own.signer);
  stolen = await packed(now, honest, pinned(now, await keysOf(now), WITNESSED));
}, 120_000);
afterAll(async () => {
  await after.world.close();
  await stolen.world.close();
});

const failing = ({ files, trust }: Packed, change: Iterable<readonly [string, Uint8Array]> = []) =>
  failingIn(reindexed(new Map([...files, ...change])), trust, tools);

const namesIn = ({ files }: Packed, folder: string) => [...files.keys()].filter((name) => name.startsWith(folder));

async function listsIn({ world }: Packed): Promise<string[]> {
  return (await sealedKeys(world)).map(({ event }) => `records/${event.slice('sha256:'.length)}.dsse.json`);
}

const comparedProof = (of: Packed) => {
  const name = namesIn(of, 'log/proofs/').find((one) => one !== proofKey(of.pack.event));
  if (name === undefined) throw new Error('no proof of a compared event');
  return name;
};

/** Positions all over a file. */
const spread = (bytes: Uint8Array, count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * bytes.byteLength) / count));

const script = ({ pack }: Packed) => {
  const ran = spawnSync('sh', ['verify.sh', pack.trust], { cwd: pack.folder, encoding: 'utf8' });
  return ran.status === 0 ? 'verified' : `${ran.stdout.split('\n').find((line) => line.startsWith('FAIL'))}${ran.stderr}`;
};

describe('R12 R59 the companions of an event', () => {
  it('come along and hold, also for who has not followed the keys yet', async () => {
    expect((await listsIn(after)).filter((name) => after.files.has(name))).toHaveLength(3);
    expect(comparedProof(after)).toMatch(/tlog-proof$/);
    expect(await failing(after)).toMatch(/^keys\.json: whose key [0-9a-f]{40} is; your trust does not know it$/);
    expect(namesIn(stolen, 'reattested/')).toContain(reattestedKey(stolen.pack.event));
    expect(await failing(stolen)).toBe('none');
  });

  it('one byte flipped in any of them is refused, in each signature of a list too', async () => {
    const passed: string[] = [];
    for (const of of [after, stolen]) {
      const none = await failing(of);
      const reattested = namesIn(of, 'reattested/');
      for (const name of [...(await listsIn(of)), ...reattested, comparedProof(of)]) {
        const bytes = of.files.get(name) ?? new Uint8Array();
        const text = new TextDecoder().decode(bytes);
        const signatures = [...text.matchAll(/"sig":"/g)].map(({ index }) => index + 40);
        for (const position of [...spread(bytes, 6), ...signatures])
          if ((await failing(of, [[name, flippedAt(bytes, position)]])) === none) passed.push(`${name} at ${position}`);
      }
    }
    expect(passed).toEqual([]);
  }, 120_000);

  it('a proof, a record or a word said again that belongs to nothing here is refused and named', async () => {
    const { world } = after;
    const [stray] = await strays(world);
    if (stray === undefined) throw new Error('no stray record');
    const proof = after.files.get(comparedProof(after)) ?? new Uint8Array();
    const elsewhere = `sha256:${'0'.repeat(64)}` as Parameters<typeof proofKey>[0];
    const said = stolen.files.get(reattestedKey(stolen.pack.event)) ?? new Uint8Array();
    const cases: [string, Uint8Array][] = [stray, [proofKey(elsewhere), proof], [reattestedKey(elsewhere), said]];
    for (const [name, bytes] of cases)
      expect(await failing(after, [[name, bytes]])).toContain(`contents: does not belong to this event: ${name}`);
    // Under another event's name, the proof of one is the proof of nothing.
    expect(await failing(after, [[comparedProof(after), after.files.get(proofKey(after.pack.event)) ?? proof]])).toContain(
      'checkpoint: log/proofs/',
    );
  });

  it('a list of another store is tied to none of these', async () => {
    const foreign: [string, Uint8Array][] = [];
    for (const name of await listsIn(stolen)) foreign.push([name, stolen.files.get(name) ?? new Uint8Array()]);
    expect(await failing(after, foreign)).toContain(`envelopes: changed, or not signed by a key you trust: records/`);
  });

  it('keys.json shows every key with its window and state, and only as a record here seals it', async () => {
    const shown = JSON.parse(new TextDecoder().decode(after.files.get('keys.json')));
    expect(shown.list.keys.map(({ status }: { status: string }) => status)).toEqual(['retired', 'active', 'retired', 'active']);
    expect(shown.list.keys.at(-1).keyid).toBe(after.world.signer.keyid);
    shown.list.keys[0].notAfter = '2030-01-01T00:00:00.000Z';
    const bytes = new TextEncoder().encode(`${JSON.stringify(shown, null, 2)}\n`);
    expect(await failing(after, [['keys.json', bytes]])).toContain('keys.json: the list it shows is not one that a record');
  });
});

/** A record of the same store, signed by it, that the event does not lead to. */
async function strays(world: KeyedWorld): Promise<[string, Uint8Array][]> {
  const name = `records/${(await sealRecord(world, 7)).slice('sha256:'.length)}.dsse.json`;
  return [[name, (await world.vault.get(name)) ?? new Uint8Array()]];
}

describe('R14a by openssl and a shell', () => {
  it('lists of two signatures are read, the key is chosen by its id', () => {
    const known = { ...after.trust, keys: pinned(after.world, listOf(after)).keys };
    writeFileSync(after.pack.trust, `${JSON.stringify(known, null, 2)}\n`);
    expect(script(after)).toBe('verified');
  });

  it('an event by a key that was stolen is left to who can tell when it was signed', () => {
    expect(script(stolen)).toMatch(/^FAIL events\/[0-9a-f]{64}\.dsse\.json is signed by a key that was stolen/);
  });

  it('somebody’s own key for an intent seals no event', () => {
    const { keys, ...rest } = after.trust;
    const intents = keys.map(({ keyid, spki, class: of }) => ({ keyid, spki, class: of, iss: 'https://i.example', sub: 'x' }));
    writeFileSync(after.pack.trust, `${JSON.stringify({ ...rest, keys: [], intents }, null, 2)}\n`);
    expect(script(after)).toMatch(/^FAIL .* which is not in your trust file/);
  });
});

const listOf = ({ files }: Packed) => JSON.parse(new TextDecoder().decode(files.get('keys.json'))).list;
