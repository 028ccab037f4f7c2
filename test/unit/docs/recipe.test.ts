// The openssl recipe of docs/event.md, run as it stands there, on a real exported event.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeEvidence } from '../../../cli/commands/evidence-folder.ts';
import { openDevSigner } from '../../../functions/adapters/local/dev-signer.ts';
import { readEvent } from '../../../functions/baseline.ts';
import { exportKeys } from '../../../functions/export.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { ISSUER, openWorld, type TestWorld } from '../../support/world.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/event.md'), 'utf8');
const [, RECIPE = ''] = /```sh\n([\s\S]*?)```/.exec(PAGE) ?? [];

describe('R12 R14a an event verifies with openssl alone', () => {
  let world: TestWorld;
  let folder: string;
  beforeAll(async () => {
    const tool = 'openssl';
    if (spawnSync(tool, ['version']).error)
      throw new Error(`the tests need the ${tool} command: install it and run them again`);
    world = await openWorld();
    const dossier = await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
    const event = dossier.seal && (await readEvent(world, dossier.seal.eventHash));
    if (!event) throw new Error('not sealed');
    const files = new Map<string, Uint8Array>();
    for (const key of await exportKeys(world, event)) files.set(key, (await world.vault.get(key)) ?? new Uint8Array());
    folder = join(world.folder, 'evidence');
    await writeEvidence(folder, event.hash, files);
    const other = await openDevSigner(join(world.folder, 'other.pem'));
    const trust = {
      environment: 'sandbox',
      class: 'dev',
      // Another key first: the right one is found by its id.
      keys: [other, world.signer].map(({ keyid, spki }) => ({ keyid, spki, class: 'dev' })),
      issuers: [ISSUER],
      proof: 'index',
      humanSignature: 'optional',
    };
    writeFileSync(join(world.folder, 'trust.json'), `${JSON.stringify(trust, null, 2)}\n`);
  });
  afterAll(() => world.close());

  const run = () =>
    spawnSync('sh', ['-c', RECIPE], { cwd: folder, encoding: 'utf8', env: { ...process.env, TRUST: '../trust.json' } });

  it('the recipe of docs/event.md says Verified OK, by the key of the trust file', () => {
    const { stdout, status, stderr } = run();
    expect({ status, stderr, lines: stdout.trim().split('\n') }).toEqual({
      status: 0,
      stderr: '',
      lines: [world.signer.keyid, 'Verified OK'],
    });
  });

  it('calls nothing of ours', () => {
    expect(RECIPE).not.toMatch(/countersign|node|npx/);
  });

  it.each([
    ['blobs', 'an object'],
    ['events', 'the envelope'],
  ])('fails when one bit under %s changes (%s)', (kind) => {
    const path = join(folder, kind, readdirSync(join(folder, kind))[0] ?? '');
    const before = readFileSync(path);
    const changed = Buffer.from(before);
    const middle = before.byteLength >> 1;
    changed[middle] = (changed[middle] ?? 0) ^ 1;
    chmodSync(path, 0o644);
    writeFileSync(path, changed);
    expect(run().status).not.toBe(0);
    writeFileSync(path, before);
    expect(run().status).toBe(0);
  });
});
