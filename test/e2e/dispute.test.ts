// "This retrain should have gone to people": asked of an exported event, as an auditor holds it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEvidence } from '../../cli/commands/evidence-folder.ts';
import { countersign } from '../support/command.ts';
import { evidenceOf, flippedAt, trustIn } from '../support/evidence.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { filesWith } from '../support/what-if.ts';
import { openWorld, type TestWorld } from '../support/world.ts';

const STEPS = ['1-v01', '2-v12', '3-v13'];
let world: TestWorld;
let folder: string;
let trust: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), 'countersign-dispute-'));
  trust = at('trust.json');
  await writeFile(trust, JSON.stringify(trustIn(world)));
  for (const [i, step] of STEPS.entries()) {
    const dossier = await promote(world, await manifestAt(`scenarios/11-many-small-steps/${step}.yaml`));
    const { event, files } = await evidenceOf(world, dossier);
    await writeEvidence(at(`event-${i + 1}`), event, files);
    if (i < STEPS.length - 1) continue;
    const tampered = new Map([...files].map(([key, bytes], n) => [key, n === 0 ? flippedAt(bytes, 200) : bytes]));
    await writeEvidence(at('tampered'), event, tampered);
  }
  const strict = filesWith({ '/limits/population/score_reviewer_ppm': 80_000 });
  await mkdir(at('strict'));
  for (const [name, bytes] of strict) await writeFile(join(at('strict'), name), bytes);
}, 120_000);
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

describe('R18a R54 a dispute, answered from the event', () => {
  it('an automated retrain: its own policy, today and strict side by side, and what would have escalated it', async () => {
    const { exit, out, err } = await countersign(['dispute', at('event-3'), '--trust', trust, '--strict', at('strict')]);
    expect(exit, err).toBe(0);
    expect(out).toMatch(/^german-credit-pd 13 into german-credit-11-many-small-steps\/sandbox took the automated path/);
    expect(out).toContain('It would have gone elsewhere under the strict policy reviewer.');
    expect(out).toMatch(/its own +\S+ +automated +nobody +POP-001 POP-004/);
    expect(out).toMatch(/strict +\S+ +reviewer +1 model-risk-reviewer +POP-002 POP-004/);
    expect(out).toMatch(/psi_ppm was 0\.082556, limit 0\.100000\n +at 0\.100001 it goes to the reviewer path \(POP-002\)/);
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it('asks the preset strict when no release is given, and answers a machine in JSON', async () => {
    const told = (await countersign(['dispute', at('event-3'), '--trust', trust])).out;
    expect(told).toMatch(/strict +[0-9a-f]{12} +automated +1 on-call/);
    const { exit, out } = await countersign(['dispute', at('event-3'), '--trust', trust, '--json']);
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      strict: true,
      answers: [
        { under: 'its own', path: 'automated' },
        { under: 'today', path: 'automated' },
        { under: 'strict', path: 'automated' },
      ],
      nearest: { code: 'POP-002', observed: 82_556, limit: 100_000, fires: 100_001, path: 'reviewer' },
    });
  });

  it('a committee decision has no heavier path', async () => {
    const { exit, out } = await countersign(['dispute', at('event-1'), '--trust', trust]);
    expect([exit, out.includes('There is no heavier path than the committee.')]).toEqual([0, true]);
  });

  it('answers nothing about what does not verify, and cannot tell without trust', async () => {
    const tampered = await countersign(['dispute', at('tampered'), '--trust', trust]);
    expect([tampered.exit, tampered.out]).toEqual([2, '']);
    expect((await countersign(['dispute', at('event-3')])).exit).toBe(3);
    expect((await countersign(['dispute', at('strict'), '--trust', trust])).exit).toBe(1);
  });
});
