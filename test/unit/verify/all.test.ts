// `countersign verify --all`: every event of a folder, on threads when there are many.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantOf } from '../../../functions/domain/text.ts';
import { storeEnvelope } from '../../../functions/seal/seal.ts';
import { countersign } from '../../support/command.ts';
import { flippedAt, trustIn } from '../../support/evidence.ts';
import { memoryVault } from '../../support/memory/vault.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { ALICE, openWorld } from '../../support/world.ts';

const home = mkdtempSync(join(tmpdir(), 'countersign-all-'));
const trust = join(home, 'trust.json');
const vault = join(home, 'vault');
const MANY = 130;

type Told = {
  verified: boolean;
  level: string;
  events: number;
  failed: { key: string; checks: { name: string; code: string }[] }[];
};

async function all(folder: string, ...more: string[]): Promise<{ exit: number; told: Told }> {
  const { exit, out } = await countersign(['verify', folder, '--all', '--json', '--trust', trust, ...more]);
  return { exit, told: JSON.parse(out) as Told };
}
const failedIn = ({ failed }: Told) => failed.map(({ key, checks }) => `${key.slice(0, 12)} ${checks[0]?.name}`).sort();

function copied(name: string): string {
  const folder = join(home, name);
  cpSync(vault, folder, { recursive: true });
  return folder;
}

beforeAll(async () => {
  const world = await openWorld();
  await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
  cpSync(join(world.folder, 'vault'), vault, { recursive: true });
  writeFileSync(trust, JSON.stringify(trustIn(world)));
  const many = memoryVault();
  const { actor, auth } = ALICE.principal;
  const same = { kind: 'suspension', line: 'credit', environment: 'sandbox', state: 'suspended' } as const;
  const owner = { ownerOfRecord: { iss: actor.iss, sub: actor.sub }, previous: null, actor, auth };
  for (let n = 0; n < MANY; n++)
    await storeEnvelope(
      { ...world, vault: many },
      { ...same, ...owner, reason: `a drill, number ${n}`, at: instantOf(1_800_000_000_000 + n) },
    );
  mkdirSync(join(home, 'many', 'records'), { recursive: true });
  for (const [key, bytes] of many.objects) writeFileSync(join(home, 'many', key), bytes);
  await world.close();
}, 60_000);
afterAll(() => rmSync(home, { recursive: true }));

describe('verify --all (R10)', () => {
  it('checks each event of a vault in full, and sees what one of them names changed', async () => {
    const whole = await all(vault);
    expect(whole).toMatchObject({ exit: 0, told: { verified: true, level: 'full', failed: [] } });
    expect(whole.told.events).toBe(readdirSync(join(vault, 'events')).length + readdirSync(join(vault, 'records')).length);
    const broken = copied('broken');
    for (const name of readdirSync(join(broken, 'votes'))) rmSync(join(broken, 'votes', name));
    const full = await all(broken);
    expect(full.exit).toBe(2);
    expect(failedIn(full.told)[0]).toMatch(/^events\/.* approvals$/);
    // The seal says nothing of what it names, and says so.
    expect((await all(broken, '--seals')).exit).toBe(0);
  }, 60_000);

  it('names a flipped bit, another name, a wrong place, a link and a stranger among many, on threads', async () => {
    const folder = join(home, 'many');
    expect(await all(folder, '--seals')).toMatchObject({ exit: 0, told: { events: MANY, failed: [] } });
    const [one = '', two = '', three = ''] = readdirSync(join(folder, 'records')).sort();
    const path = (name: string) => join(folder, 'records', name);
    const bytes = readFileSync(path(one));
    rmSync(path(one));
    writeFileSync(path(one), flippedAt(bytes, 200));
    const other = `${'f'.repeat(64)}.dsse.json`;
    renameSync(path(two), path(other));
    mkdirSync(join(folder, 'events'));
    renameSync(path(three), join(folder, 'events', three));
    symlinkSync(trust, path(`${'e'.repeat(64)}.dsse.json`));
    writeFileSync(path('note.txt'), 'hello');
    const { exit, told } = await all(folder, '--seals');
    expect(exit).toBe(2);
    expect(failedIn(told)).toEqual(
      [
        `records/${one}`.slice(0, 12).concat(' signature'),
        'records/ffff event hash',
        `events/${three}`.slice(0, 12).concat(' place'),
        'records/eeee envelope',
        'records/note envelope',
      ].sort(),
    );
    expect(told.events).toBe(MANY + 2);
  }, 60_000);

  it('asks for one or all, for trust, and for something to check', async () => {
    const exits = async (...args: string[]) => (await countersign(['verify', ...args])).exit;
    expect(await exits(vault, '--seals', '--trust', trust)).toBe(1);
    expect(await exits(vault, '--all')).toBe(3);
    expect(await exits(home, '--all', '--trust', trust)).toBe(1);
  }, 60_000);
});
