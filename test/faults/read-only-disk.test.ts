// The disk becomes read-only under the running server, as Linux does with one that fails. `chmod` does not stop root, so the folder is
// mounted read-only over itself, in a mount namespace of the server's own: every file it opens from then on is refused with EROFS. The
// index, which it holds open, could still be written; nothing is, as the journal in the vault comes first.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PromotionRequest, type RequestId, requestIdOf } from '../../functions/domain/request.ts';
import { readDossier } from '../../functions/store.ts';
import { countersign } from '../support/command.ts';
import { ballotOn } from '../support/crowd.ts';
import { Clients, copyOf, dataFolder, inProcess, type Serving, serve } from '../support/faults-server.ts';
import { built, manifestAt, upload, WHY } from '../support/promote.ts';

const OWN_MOUNTS = ['unshare', '--map-root-user', '--mount'];
const readOnly = (folder: string) => `mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`;

/** Some systems let nobody but root make a namespace, and not every container its root. */
function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-mount-'));
  const [command = '', ...args] = [...OWN_MOUNTS, 'sh', '-c', `${readOnly(folder)} && ! touch ${folder}/x`];
  const { status } = spawnSync(command, args);
  rmdirSync(folder);
  return status === 0;
}

let data: string;
let baseUrl: string;
let [waiting, next]: PromotionRequest[] = [];
beforeAll(async () => {
  ({ data, baseUrl } = await copyOf(await dataFolder()));
  [waiting, next] = await inProcess(data, async (world) => {
    const all: PromotionRequest[] = [];
    for (const scenario of ['01-in-band-retrain', '02-threshold-moved']) {
      const { request, blobs } = await built(world, await manifestAt(`scenarios/${scenario}/1-v01.yaml`));
      await upload(world, blobs);
      all.push(request);
    }
    return all;
  });
}, 60_000);
afterAll(() => inProcess(data, (world) => world.close()));

const votesOn = (id: RequestId) =>
  inProcess(data, async (world) => {
    const objects: string[] = [];
    for await (const key of world.vault.list('votes/')) objects.push(key);
    return [(await readDossier(world.index, id))?.votes.length, objects.length];
  });

describe.runIf(mayMount())('R14 R23 a disk that becomes read-only', { timeout: 90_000 }, () => {
  it('answers 503 CANNOT_TELL and says why; nothing is lost; when it can be written again the same calls succeed', async () => {
    if (waiting === undefined || next === undefined) throw new Error('two requests');
    const serving: Serving = await serve(data, baseUrl, undefined, OWN_MOUNTS);
    const inside = (script: string) =>
      execFileSync('nsenter', ['-t', `${serving.pid}`, '--user', '--preserve-credentials', '--mount', 'sh', '-c', script]);
    try {
      const clients = new Clients(baseUrl);
      const id = requestIdOf(waiting);
      const page = `/requests/${id}`;
      await clients.announce(waiting);
      await clients.until(id, ['needsRationale']);
      await clients.post('erin', `${page}/rationale`, page, () => WHY);
      await clients.until(id, ['voting']);
      for (const voter of ['alice', 'bob']) await clients.read(voter, `${page}/screen`);
      const vote = (voter: string) => clients.post(voter, `${page}/votes`, page, ballotOn);
      expect((await vote('alice')).status).toBe(200);
      await clients.read('bob', page);

      inside(readOnly(data));
      const refused = await vote('bob');
      expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('CANNOT_TELL')]);
      await expect(clients.announce(next)).rejects.toThrow(/answered 503: .*"code":"CANNOT_TELL"/);
      expect(serving.said()).toContain('EROFS: read-only file system');
      // Reading goes on.
      await clients.until(id, ['voting']);
      expect((await clients.read('bob', page)).status).toBe(200);

      inside(`umount ${data}`);
      expect((await vote('alice')).status, 'sent once more').toBe(200);
      expect((await vote('bob')).status).toBe(200);
      expect(await clients.announce(next)).toBe(requestIdOf(next));
      await serving.kill();
      expect(await votesOn(id)).toEqual([2, 2]);
      expect(await countersign(['audit', '--data', data])).toMatchObject({ exit: 0 });
    } finally {
      await serving.kill();
    }
  });

  it('a start over it says so, and changes nothing', async () => {
    const program = `${process.execPath} ${join(import.meta.dirname, '../../cli/main.ts')} serve --data ${data}`;
    const [command = '', ...args] = [...OWN_MOUNTS, 'sh', '-c', `${readOnly(data)} && exec ${program}`];
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
    expect([status, stderr]).toEqual([1, expect.stringContaining('this disk is read-only')]);
    expect(await countersign(['audit', '--data', data])).toMatchObject({ exit: 0 });
  });
});
