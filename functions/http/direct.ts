// Objects that are too large for the way through us: the caller is told where the store itself takes or gives them.
import { Hono } from 'hono';
import { z } from 'zod';
import { Digest } from '../domain/digest.ts';
import { parseBytes } from '../domain/parse.ts';
import { problem } from '../domain/result.ts';
import { MAX_BLOB_BYTES } from '../intake/blob.ts';
import { type ApiWorld, bearerOnly } from './api.ts';
import { boundedBody } from './body.ts';
import { refusal } from './problem.ts';

export const Offered = z.strictObject({ size: z.int().min(1).max(MAX_BLOB_BYTES) });

const MAX_BODY = 1000;

export function directRoutes(world: ApiWorld) {
  const app = new Hono();
  app.post('/blobs/:digest/upload', bearerOnly(world), async (c) => {
    const digest = Digest.safeParse(c.req.param('digest'));
    if (!digest.success) return refusal(c, [problem('INVALID_VALUE', '', 'not a digest')]);
    const body = await boundedBody(c.req.raw, MAX_BODY);
    const offered = body.ok ? parseBytes(Offered, body.value) : body;
    if (!offered.ok) return refusal(c, offered.problems);
    if (world.direct === undefined)
      return refusal(c, [problem('NOT_FOUND', '', 'this server takes all objects itself: PUT /blobs/{digest}')]);
    const { direct } = world;
    return c.json(await direct.upload(digest.data, offered.value.size), 201, { 'cache-control': 'no-store' });
  });
  return app;
}
