// The log for whoever watches it: the resources of C2SP tlog-tiles under /log, and the proof of one event. Hashes and kinds
// only, so no sign-in is asked for; how often something is promoted can be seen by who reaches this server.
import { type Context, Hono } from 'hono';
import { readEvent } from '../baseline.ts';
import { EventHash } from '../domain/digest.ts';
import { parseSize } from '../domain/log/checkpoint.ts';
import { vkeyOf } from '../domain/log/note.ts';
import { NOTICE, type PackKeys } from '../domain/pack/keys-file.ts';
import { problem } from '../domain/result.ts';
import { isVaultKey } from '../domain/vault-keys.ts';
import { sealedKeys } from '../keys/keys.ts';
import { logKeyOf } from '../log/publish.ts';
import type { DriveWorld } from '../packs.ts';
import { checkpointOver, proofOf } from '../proofs.ts';
import { stolenSince } from '../sealed.ts';
import { refusal } from './problem.ts';

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
const notYet = (c: Context) => refusal(c, [problem('NOT_LOGGED', '', 'the log has not published this yet')]);

export function logRoutes(world: DriveWorld): Hono {
  const app = new Hono();

  app.get('/log/checkpoint', async (c) => {
    const latest = await checkpointOver(world, 0);
    return latest === undefined ? notYet(c) : c.body(latest.text, 200, { ...TEXT, 'cache-control': 'no-store' });
  });

  app.get('/log/tile/:rest{.+}', async (c) => {
    const key = `log/tile/${c.req.param('rest')}`;
    const bytes = isVaultKey(key) ? await world.vault.get(key) : undefined;
    if (bytes === undefined) return refusal(c, [problem('NOT_FOUND', '', 'no such tile')]);
    const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'public, max-age=31536000, immutable' };
    return c.body(Uint8Array.from(bytes), 200, headers);
  });

  // What this server signs with, for the pack of an auditor: to compare with, never to trust because it was told here.
  app.get('/log/keys', async (c) => {
    const { signer, tlog } = world;
    const sealed = (await sealedKeys(world)).at(-1);
    const keys: PackKeys = {
      schema: 'pack-keys/v0',
      notice: NOTICE,
      signing: [{ keyid: signer.keyid, class: signer.keyClass, spki: signer.spki }],
      logs: [{ vkey: vkeyOf(logKeyOf(tlog)), class: tlog.signer.keyClass }],
      ...(sealed && { list: sealed.record.keys }),
    };
    return c.json(keys, 200, { 'cache-control': 'no-store' });
  });

  app.get('/log/timestamps/:size', async (c) => {
    const size = parseSize(c.req.param('size'));
    if (size === undefined) return refusal(c, [problem('INVALID_VALUE', '', 'not the size of a tree')]);
    const keys: string[] = [];
    for await (const key of world.vault.list(`log/timestamps/${size}/`)) keys.push(key);
    return c.json({ timestamps: keys.filter(isVaultKey).sort() }, 200, { 'cache-control': 'no-store' });
  });

  app.get('/events/:hash/proof', async (c) => {
    const event = EventHash.safeParse(c.req.param('hash'));
    const stored = event.success ? await readEvent(world, event.data) : undefined;
    const proof = stored && (await proofOf(world, stored.hash, stolenSince(world.signer, stored.envelope)));
    return proof === undefined ? notYet(c) : c.body(proof, 200, { ...TEXT, 'cache-control': 'no-store' });
  });
  return app;
}
