// Attacks that once worked: rows and bytes edited behind the server's back, and lies in what a pipeline announces.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { type Digest, digestOf, hexOf } from '../../functions/domain/digest.ts';
import { omsManifestBytes, omsRootOf } from '../../functions/domain/oms.ts';
import type { PromotionRequest } from '../../functions/domain/request.ts';
import type { Instant } from '../../functions/domain/text.ts';
import { drive } from '../../functions/drive.ts';
import { storeBlob } from '../../functions/intake/blob.ts';
import { receive } from '../../functions/intake/intake.ts';
import { readHead } from '../../functions/store.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload } from '../support/promote.ts';
import { identified, openWorld, PIPELINE, type TestWorld } from '../support/world.ts';

describe('R21 R22a an edited index', () => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  const edit = (sql: string, ...values: string[]) => {
    const raw = new DatabaseSync(join(world.folder, 'index.db'));
    raw.exec('DROP TRIGGER fact_is_never_changed');
    expect(raw.prepare(sql).run(...values).changes).toBe(1);
    raw.close();
  };

  it("fails to seal a committee request under another request's automated routing", async () => {
    const folder = 'scenarios/11-many-small-steps';
    await promote(world, await manifestAt(`${folder}/1-v01.yaml`));
    const automated = await promote(world, await manifestAt(`${folder}/2-v12.yaml`));
    await promote(world, await manifestAt(`${folder}/3-v13.yaml`));
    const { request, blobs } = await built(world, await manifestAt(`${folder}/4-v14.yaml`));
    await upload(world, blobs);
    const id = await announce(world, request);
    expect((await dossierOf(world, id)).routing?.path).toBe('committee');

    const { routing } = automated;
    edit("UPDATE fact SET body = ? WHERE pk = ? AND sk = 'routing'", JSON.stringify(routing), `REQ#${id}`);
    await drive(world, id);
    const ended = await dossierOf(world, id);
    expect(ended.decision).toMatchObject({ outcome: 'refused', reasons: [{ code: 'EVIDENCE_CHANGED' }] });
    expect(ended.seal?.key).toMatch(/^records\//);
    // The line stays free: the next promotion is not held up by what was tried here.
    expect((await readHead(world.index, ended.request.line, ended.request.environment)).head.reservedBy).toBeNull();
  });

  it('fails to seal an approval that nobody voted for, with a decision row written by hand', async () => {
    const first = await manifestAt('scenarios/12-no-incumbent/1-v01.yaml');
    const { request, blobs } = await built(world, first);
    await upload(world, blobs);
    const id = await announce(world, request);
    await explain(world, id);
    const raw = new DatabaseSync(join(world.folder, 'index.db'));
    const row = { outcome: 'approved', decidedAt: '2026-11-01T09:00:00.000Z', votes: [], reasons: [] };
    raw.prepare('INSERT INTO fact (pk, sk, body) VALUES (?, ?, ?)').run(`REQ#${id}`, 'decision', JSON.stringify(row));
    raw.close();
    await expect(drive(world, id)).rejects.toThrow('the count of votes');
    expect((await dossierOf(world, id)).seal).toBeUndefined();
  });
});

describe('an edited vault', () => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await openWorld();
  });
  afterEach(() => world.close());

  it('R10 bytes swapped for a moment between upload and comparison decide nothing', async () => {
    const folder = 'scenarios/08-population-psi';
    await promote(world, await manifestAt(`${folder}/1-v01.yaml`));
    const { request, blobs } = await built(world, await manifestAt(`${folder}/2-v08.yaml`));
    await upload(world, blobs);
    const accepted = await receive(world, canonicalBytes(request), PIPELINE);
    if (!accepted.ok) throw new Error(JSON.stringify(accepted.problems));
    const profile = join(world.folder, 'vault', 'blobs', hexOf(request.profiles[0] as Digest));
    await rm(profile);
    await writeFile(profile, '{"schema":"profile/v1"}');
    await expect(world.run()).rejects.toThrow('other bytes');
    expect((await dossierOf(world, accepted.value.id)).routing).toBeUndefined();
  });
});

describe('lies in a request', () => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await openWorld();
    await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
  });
  afterEach(() => world.close());

  const inBand = async (edit: (request: PromotionRequest) => PromotionRequest) => {
    const { request, blobs } = await built(world, await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml'));
    await upload(world, blobs);
    const changed = edit(request);
    const files = changed.model.files;
    const manifest = omsManifestBytes(files, changed.model.name);
    await storeBlob(world.vault, digestOf(manifest), manifest);
    const weights = omsRootOf(files.filter(({ role }) => role === 'weights'));
    const model = { ...changed.model, root: omsRootOf(files), weights, manifest: digestOf(manifest) };
    const accepted = await receive(world, canonicalBytes({ ...changed, model }), PIPELINE);
    if (!accepted.ok) return accepted.problems.map(({ code }) => code);
    await world.run();
    const dossier = await dossierOf(world, accepted.value.id);
    return dossier.routing?.path ?? [...new Set(dossier.decision?.reasons.map(({ code }) => code))];
  };
  const withFile = (request: PromotionRequest, file: Partial<PromotionRequest['model']['files'][number]>) => {
    const [first, ...rest] = request.model.files;
    if (!first) throw new Error('a model has files');
    return { ...request, model: { ...request.model, files: [{ ...first, ...file }, ...rest] } };
  };
  const elsewhere = { system: 's3', uri: 's3://models/v02', immutableId: 'v-1', expiresAt: 'never' as const };

  it('R4 the control: nothing changed is automated', async () => expect(await inBand((request) => request)).toBe('automated'));

  it.each([
    [
      'R4a one file in two roles',
      (r: PromotionRequest) => withFile(r, { digest: r.model.files[1]?.digest as Digest, size: r.model.files[1]?.size ?? 0 }),
      ['MODEL_FILE_MISMATCH'],
    ],
    [
      'R63 the version of the incumbent with other bytes',
      (r: PromotionRequest) => ({ ...r, model: { ...r.model, version: '1' } }),
      ['VERSION_REUSED'],
    ],
    ['R4 bytes outside the vault', (r: PromotionRequest) => withFile(r, { custody: elsewhere }), 'committee'],
    [
      'R4 bytes that were gone already',
      (r: PromotionRequest) => withFile(r, { custody: { ...elsewhere, expiresAt: '2001-01-01T00:00:00.000Z' as Instant } }),
      ['MODEL_FILE_MISMATCH'],
    ],
    [
      'R36 a program that the incumbent did not bring',
      (r: PromotionRequest) => {
        const [first] = r.model.files;
        if (!first) throw new Error('a model has files');
        const hook = { ...first, path: 'hook.sh', role: 'executable' as const, digest: r.gates[0]?.report as Digest };
        return { ...r, model: { ...r.model, files: [...r.model.files, { ...hook, size: 0 }] } };
      },
      ['MODEL_FILE_MISMATCH'],
    ],
    [
      'R9 judged on the rows it learned from',
      (r: PromotionRequest) => ({
        ...r,
        dataset: r.dataset.map((s) => (s.role === 'train' ? { ...s, digest: r.evaluationRegime.slice } : s)),
      }),
      ['INVALID_VALUE'],
    ],
  ])('%s', async (_, edit, answer) =>
    expect(await inBand(edit)).toEqual(typeof answer === 'string' ? answer : expect.arrayContaining(answer)),
  );

  it('one large picture named a thousand times is read once at most', async () => {
    const path = await inBand((request) => {
      const [shap] = request.explanation;
      const [picture] = shap?.artefacts ?? [];
      if (!shap || !picture) throw new Error('an explanation with a picture');
      const many = Array.from({ length: 20 }, () => ({ ...shap, artefacts: Array.from({ length: 50 }, () => picture) }));
      return { ...request, explanation: many };
    });
    expect(path).toBe('automated');
  });

  it('R24 a service that is no pipeline announces nothing', async () => {
    const { request, blobs } = await built(world, await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml'));
    await upload(world, blobs);
    const accepted = await receive(world, canonicalBytes(request), identified('service', 'another-team', ['reader']));
    expect(accepted).toMatchObject({ ok: false, problems: [{ code: 'NOT_YOURS' }] });
  });
});
