// The offline check of a release against the cheapest thing that can be started in its place.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEvidence } from '../../cli/commands/evidence-folder.ts';
import { evidenceOf, trustIn } from '../support/evidence.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { openWorld } from '../support/world.ts';
import { atMost, type Row, race } from './harness.ts';

const CLI = join(import.meta.dirname, '../../cli');

export async function startRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const world = await openWorld();
  try {
    const sealed = await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    const { event, files } = await evidenceOf(world, sealed);
    await writeEvidence(folder, event, files);
    const trust = join(folder, 'trust.json');
    writeFileSync(trust, JSON.stringify(trustIn(world)));
    execFileSync(process.execPath, [join(CLI, 'bundle.ts')]);
    const node = (...args: string[]) => void execFileSync(process.execPath, args, { stdio: 'ignore' });
    const check = ['verify', folder, '--trust', trust];
    const bare = { name: '`node -e 0`', run: () => node('-e', '0') };
    const rows = [
      ['verify an exported event, offline', ['bin.js', ...check]],
      ['the same from the sources', ['main.ts', ...check]],
      ['its help: start and nothing else', ['bin.js', '--help']],
    ] as const;
    const found: Row[] = [];
    for (const [what, [script, ...args]] of rows) {
      const ours = { name: 'countersign', run: () => node(join(CLI, script), ...args) };
      found.push(await race(what, ours, bare, { rounds: 20, goal: atMost(1.3) }));
    }
    return found;
  } finally {
    await world.close();
    rmSync(folder, { recursive: true });
  }
}
