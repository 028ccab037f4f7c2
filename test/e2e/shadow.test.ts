// A candidate pack beside the active one: counted and listed, never sealed, never in the way.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceToken } from '../../cli/commands/context.ts';
import { init } from '../../cli/commands/init.ts';
import { freePort } from '../../cli/demo/server-process.ts';
import { startServer } from '../../cli/server.ts';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import type { Decided } from '../../functions/whatif/change.ts';
import { createShadow, type Shadow } from '../../functions/whatif/shadow.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { filesWith, sideWith } from '../support/what-if.ts';
import { openWorld } from '../support/world.ts';

const STEPS = ['1-v01', '2-v12', '3-v13'];
const PACK = digestOf('a candidate');

/** The event hashes of a line's promotions, in a world whose clock starts anew each time. */
async function sealedWith(shadow?: Shadow): Promise<(string | undefined)[]> {
  const world = await openWorld();
  if (shadow !== undefined) Object.assign(world, { shadow });
  try {
    const hashes: (string | undefined)[] = [];
    for (const step of STEPS) {
      const { seal } = await promote(world, await manifestAt(`scenarios/11-many-small-steps/${step}.yaml`));
      hashes.push(seal?.eventHash);
    }
    return hashes;
  } finally {
    await world.close();
  }
}

describe('R35 R52 shadow mode', () => {
  it('seals the same bytes with a candidate, with a broken one and without any', async () => {
    const { decide } = sideWith({ '/limits/population/score_reviewer_ppm': 80_000 });
    const told: Readonly<Record<string, string>>[] = [];
    const candidate = createShadow(PACK, decide, (one) => told.push(one));
    const broken = createShadow(
      PACK,
      () => {
        throw new Error('out of memory');
      },
      (one) => told.push(one),
    );
    const plain = await sealedWith();
    expect(plain.every((hash) => hash?.startsWith('sha256:'))).toBe(true);
    expect(await sealedWith(candidate)).toEqual(plain);
    expect(await sealedWith(broken)).toEqual(plain);

    expect(candidate.report().counts).toMatchObject({ decided: 3, unchanged: 2, heavier: 1, lighter: 0, failed: 0 });
    expect(candidate.report().differences).toMatchObject([
      { kind: 'heavier', from: 'automated', to: 'reviewer', added: ['POP-002'] },
    ]);
    expect(broken.report().counts).toMatchObject({ decided: 3, failed: 3, unchanged: 0 });
    expect(told.map(({ event }) => event)).toEqual(['shadow', 'shadow-failed', 'shadow-failed', 'shadow-failed']);
  });

  it('an engine that fails is a failure of the candidate, not a heavier decision', () => {
    const { decide } = sideWith();
    const active = decide({});
    const shadow = createShadow(PACK, decide, () => undefined);
    shadow.observe('req-1', {}, { ...active, path: 'automated', findings: [] });
    expect(shadow.report()).toMatchObject({ counts: { decided: 1, failed: 1, heavier: 0 }, differences: [] });
  });

  it('keeps the latest thousand differences and every count', () => {
    const { decide } = sideWith();
    const heavy = decide({});
    const light: Decided = { ...heavy, path: 'automated', findings: [] };
    const shadow = createShadow(
      PACK,
      () => light,
      () => undefined,
    );
    for (let i = 0; i < 1001; i++) shadow.observe(`req-${i}`, {}, heavy);
    const { counts, differences } = shadow.report();
    expect([counts.lighter, differences.length, differences[0]?.request]).toEqual([1001, 1000, 'req-1000']);
  });
});

describe('R52 serve --shadow', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-shadow-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function answerWith(shadow: string | undefined): Promise<{ status: number; body: unknown; events: unknown[] }> {
    const data = await mkdtemp(join(folder, 'data-'));
    const baseUrl = `http://127.0.0.1:${await freePort()}`;
    const { write } = process.stdout;
    process.stdout.write = () => true;
    await init({ data, baseUrl, organisation: 'Test Bank', retentionOwner: 'model-risk' }).finally(() => {
      process.stdout.write = write;
    });
    const events: unknown[] = [];
    const running = await startServer({ data, demo: true, log: (entry) => void events.push(entry['event']), shadow });
    try {
      const [service] = SAMPLE_SERVICES;
      const token = await serviceToken(`${baseUrl}/idp`, service?.clientId ?? '', service?.secret ?? '');
      expect((await fetch(`${baseUrl}/policy/shadow`)).status).toBe(401);
      const response = await fetch(`${baseUrl}/policy/shadow`, { headers: { authorization: `Bearer ${token}` } });
      return { status: response.status, body: await response.json(), events };
    } finally {
      await running.stop();
    }
  }

  it('answers its counts to who is signed in; a candidate that does not load stops nothing', async () => {
    const files = filesWith({ '/limits/population/score_reviewer_ppm': 80_000 });
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
    const loaded = await answerWith(folder);
    const pack = digestOf(files.get('manifest.json') ?? '');
    expect(loaded).toMatchObject({ status: 200, body: { schema: 'shadow/v0', pack, counts: { decided: 0 } } });
    const missing = await answerWith(join(folder, 'nowhere'));
    expect(missing.status).toBe(404);
    expect(missing.events).toContain('shadow-not-loaded');
    expect((await answerWith(undefined)).status).toBe(404);
  });
});
