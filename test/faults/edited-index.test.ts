// Somebody who can write the index, triggers or not, tries to make a committee case an automated one.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drive } from '../../functions/drive.ts';
import { announce, built, dossierOf, manifestAt, promote, upload } from '../support/promote.ts';
import { openWorld, type TestWorld } from '../support/world.ts';

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
    await expect(drive(world, id)).rejects.toThrow('do not follow from the vault');
    expect((await dossierOf(world, id)).seal).toBeUndefined();
  });
});
