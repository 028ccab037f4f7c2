// The register of the active policy against the sealed activations: what somebody who edits the table can do, and what not.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activeOf, propose } from '../../../functions/activation.ts';
import { canonicalBytes, canonicalDigest } from '../../../functions/domain/canonical.ts';
import { type ActivationRow, keys } from '../../../functions/domain/rows.ts';
import { envelopeKey } from '../../../functions/domain/vault-keys.ts';
import { policyInForce } from '../../../functions/in-force.ts';
import { receive } from '../../../functions/intake/intake.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import type { Index, Vault } from '../../../functions/ports.ts';
import { sealRecord } from '../../../functions/seal/record.ts';
import { activated, codes, type Desk, deskOf, FRANK, termsFor, uploaded } from '../../support/activation.ts';
import { built, manifestAt, upload } from '../../support/promote.ts';
import { openWorld, PIPELINE } from '../../support/world.ts';

let desk: Desk;
beforeEach(async () => {
  desk = deskOf(await openWorld());
});
afterEach(() => desk.close());

const active = async () => {
  const found = await activeOf(desk.index);
  if (!found) throw new Error('nothing is active');
  return found.row;
};

describe('R35 the register of the active policy', () => {
  /** Somebody edits the table: the row of the active policy says what it said before. */
  const setBack = async (to: ActivationRow) => {
    const row = await desk.index.get(keys.activation);
    await desk.index.commit([{ kind: 'register', key: keys.activation, body: to, expected: row?.revision ?? 0 }]);
  };

  it('set back to an older one freezes, whatever other rows were removed', async () => {
    const before = await active();
    await activated(desk, await uploaded(desk));
    expect(codes(await policyInForce(desk))).toEqual([]);
    await setBack(before);
    expect(codes(await policyInForce(desk))).toEqual(['POLICY_NOT_NEWEST ']);
    const forgetful: Index = {
      commit: (writes) => desk.index.commit(writes),
      list: async () => [],
      get: async (key) => (key.sk === 'active' ? desk.index.get(key) : undefined),
    };
    expect(codes(await policyInForce({ ...desk, index: forgetful }))).toEqual(['POLICY_NOT_NEWEST ']);
    expect(codes(await propose({ ...desk, index: forgetful }, termsFor(await uploaded(desk, 8)), FRANK))).toEqual([
      'POLICY_NOT_NEWEST ',
    ]);
    const { request, blobs } = await built(desk, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    await upload(desk, blobs);
    expect(codes(await receive(desk, canonicalBytes(request), PIPELINE))).toEqual(['POLICY_NOT_NEWEST ']);
  });

  it('is not disturbed by a stray file beside the records', async () => {
    await writeFile(join(desk.folder, 'vault', 'records', 'notes.txt'), 'left here by somebody');
    expect(codes(await policyInForce(desk))).toEqual([]);
  });

  it('pointed at a pack that nothing put into force freezes', async () => {
    await setBack({ ...(await active()), pack: await uploaded(desk) });
    expect(codes(await policyInForce(desk))).toEqual(['POLICY_NOT_NEWEST ']);
  });

  it('freezes while a confirmed policy is not sealed yet', async () => {
    const { event } = await active();
    await desk.index.commit([{ kind: 'fact', key: keys.successor(event), body: {} }]);
    expect(codes(await policyInForce(desk))).toEqual(['POLICY_NOT_NEWEST ']);
  });

  it('a record that was changed may have been the newest: nothing can be told', async () => {
    const before = await active();
    await activated(desk, await uploaded(desk));
    const newest = envelopeKey((await active()).event, null);
    await setBack(before);
    const get = desk.vault.get.bind(desk.vault);
    const vault = (bytes: Uint8Array): Vault => ({
      putOnce: (key, content) => desk.vault.putOnce(key, content),
      get: async (key) => (key === newest ? bytes : get(key)),
      size: (key) => desk.vault.size(key),
      list: (prefix) => desk.vault.list(prefix),
    });
    const index: Index = { ...desk.index, get: async (key) => (key.sk === 'active' ? desk.index.get(key) : undefined) };
    const bytes = (await get(newest)) ?? new Uint8Array();
    for (const wrong of [new TextEncoder().encode('{}'), (await get(envelopeKey(before.event, null))) ?? bytes])
      await expect(policyInForce({ ...desk, index, vault: vault(wrong) })).rejects.toThrow('was changed');
    // Another signature on it: it puts nothing into force, and the doubt stays.
    const unsigned = new TextEncoder().encode(new TextDecoder().decode(bytes).replace(/"sig":"....../, '"sig":"AAAAAA'));
    expect(codes(await policyInForce({ ...desk, index, vault: vault(unsigned) }))).toEqual(['POLICY_NOT_NEWEST ']);
  });
});

describe('R35 among very many records', () => {
  const COUNT = 150;

  /** As a fresh process has it: nothing was read yet; and what it reads is counted. */
  function fresh(wrong: (key: string) => Uint8Array | undefined = () => undefined, hidden = '') {
    const got: string[] = [];
    const vault: Vault = {
      putOnce: (key, bytes) => desk.vault.putOnce(key, bytes),
      get: async (key) => {
        got.push(key);
        return wrong(key) ?? desk.vault.get(key);
      },
      size: (key) => desk.vault.size(key),
      async *list(prefix) {
        for await (const key of desk.vault.list(prefix)) if (key !== hidden) yield key;
      },
    };
    return { world: { ...desk, vault }, got };
  }
  const records = (got: readonly string[]) => got.filter((key) => key.startsWith('records/'));

  beforeEach(async () => {
    await activated(desk, await uploaded(desk));
    for (let i = 0; i < COUNT; i++) {
      const at = desk.clock.now();
      await sealRecord(desk, canonicalDigest(['canary/v1', at]), { kind: 'canary', at }, async () => []);
    }
    await appendToLog(desk);
  });

  it('a fresh process reads those that put a policy into force, and the log for the others', async () => {
    const { world, got } = fresh();
    expect(codes(await policyInForce(world))).toEqual([]);
    expect(records(got)).toHaveLength(2);
    expect(got.length).toBeLessThan(10);
    const alone = fresh();
    const { tlog: _, ...without } = alone.world;
    expect(codes(await policyInForce(without))).toEqual([]);
    expect(records(alone.got), 'where no log is known, each of them').toHaveLength(COUNT + 3);
  });

  it('a log that is not as it was signed names nothing: each record is read', async () => {
    const bundle = (key: string) => key.startsWith('log/tile/entries/');
    const flipped = await Promise.all([...(await keysUnder('log/tile/entries/'))].map((key) => desk.vault.get(key)));
    expect(flipped.length).toBeGreaterThan(0);
    const lie = (key: string) => {
      if (!bundle(key)) return undefined;
      // The activation is called a canary.
      const bytes = new TextDecoder('latin1').decode(flipped.at(-1));
      return Uint8Array.from(Buffer.from(bytes.replaceAll('policyActivation', 'policyActivatiom'), 'latin1'));
    };
    const { world, got } = fresh(lie);
    expect(codes(await policyInForce(world))).toEqual([]);
    expect(records(got)).toHaveLength(COUNT + 3);
  });

  it('an activation that the log knows and the vault lacks is told', async () => {
    const { event } = await active();
    await expect(policyInForce(fresh(undefined, envelopeKey(event, null)).world)).rejects.toThrow('the vault has lost');
  });

  async function keysUnder(prefix: string): Promise<string[]> {
    const found: string[] = [];
    for await (const key of desk.vault.list(prefix)) found.push(key);
    return found;
  }
});
