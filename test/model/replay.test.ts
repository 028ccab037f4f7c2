// The model and the code are the same machine: traces that Quint draws are played by the real stages, step by step.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendToLog } from '../../functions/log/append.ts';
import { asking, shownTo } from '../support/faults-races.ts';
import { sealRecord } from '../support/log.ts';
import { vote } from '../support/promote.ts';
import { openMemoryWorld } from '../support/sim/base.ts';
import { ALICE, BOB, CAROL } from '../support/world.ts';
import { type ModelState, statesOf } from './itf.ts';
import { quint } from './quint.ts';
import { type Prepared, replay } from './replay.ts';

const TRACES = Number(process.env['MODEL_TRACES'] ?? 12);

let folder: string;
let prepared: Prepared;
const traces: ModelState[][] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-model-'));
  const draws = [
    `--max-samples=${TRACES * 2}`,
    `--n-traces=${TRACES}`,
    '--max-steps=60',
    `--out-itf=${join(folder, '{seq}.itf.json')}`,
  ];
  expect(quint('protocol.qnt', 'model', draws).violated).toBe(false);
  for (const name of readdirSync(folder)) traces.push(statesOf(readFileSync(join(folder, name), 'utf8')));
  const world = await openMemoryWorld();
  const id = await asking(world, '01-in-band-retrain/1-v01.yaml');
  for (const person of [BOB, CAROL]) await shownTo(world, id, person);
  await vote(world, id, ALICE);
  await appendToLog(world);
  prepared = { world, id, record: (await sealRecord(world, 1)).slice('sha256:'.length) };
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('R3 R10 R13 R14 the Quint model of votes, sealers and sequencers', () => {
  it('its traces are traces of the code: after every step the store is what the model says', { timeout: 120_000 }, async () => {
    expect(traces.length).toBeGreaterThan(0);
    for (const trace of traces)
      expect(await replay(prepared, trace), JSON.stringify(trace.map(({ did, who }) => `${did} ${who}`))).toEqual([]);
    const steps = traces.flat();
    const of = (did: string) => steps.filter((state) => state.did === did).length;
    expect([of('crash') > 0, of('sealerCommit') > 0, of('seqPublish') > 0, of('voteCommit') > 0]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    process.stdout.write(`model: ${traces.length} traces, ${steps.length} steps, ${of('crash')} crashes, all as in the code\n`);
  });

  it('a trace that the model cannot make is told apart', async () => {
    const [trace = []] = traces;
    const at = trace.findIndex(({ did }) => did === 'voteCommit');
    const other = trace.map((state, i) => (i === at ? { ...state, voteRows: ['bob', 'carol', 'somebody'] } : state));
    expect(await replay(prepared, other)).toEqual([expect.stringContaining('voteRows')]);
  });
});
