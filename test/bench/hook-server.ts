// A process of its own for `npm run bench -- hooks`: the product's app with its own stores and a shelf as the registry, and beside it a
// bare hono route that verifies the same signature and stores nothing. Tells its ports, then answers questions on standard input.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { verifyHook } from '../../functions/domain/hook.ts';
import { round } from '../../functions/registries/round.ts';
import { appOf } from '../support/app.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { openShelf, registryWorld, SECRET } from '../support/shelf.ts';
import { openWorld } from '../support/world.ts';

const opened = await openWorld({ journal: true });
await promote(opened, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
const shelf = await openShelf(opened);
// The clock of tests stands still between two looks; a hook is of now.
const world = { ...registryWorld(opened, shelf), clock: { now: () => new Date().toISOString() as never } };

/** As the server does: one round at a time, beside the hooks. */
let running: Promise<void> | undefined;
let again = false;
const work = async () => {
  do {
    again = false;
    await round(world, false, () => undefined);
    await opened.run();
  } while (again);
  running = undefined;
};
const heard = () => {
  again = true;
  running ??= work();
};
// `look`: what is heard is looked into at once, as the server does; without it, only the hook itself is measured.
const looks = process.argv[2] === 'look' ? { heard } : {};
const app = appOf(opened, { connections: world.connections, clock: world.clock, ...looks });
const bare = new Hono();
bare.post('/hooks/shelf', async (c) => {
  const raw = { headers: Object.fromEntries(c.req.raw.headers), body: new Uint8Array(await c.req.arrayBuffer()) };
  return verifyHook('standard', raw, { secrets: [SECRET] }, Date.now()).ok ? c.json({}, 202) : c.json({}, 401);
});

const ports: number[] = [];
const servers = [app, bare].map((one) => serve({ fetch: (asked) => one.fetch(asked), hostname: '127.0.0.1', port: 0 }));
for (const server of servers) {
  if (!server.listening) await once(server, 'listening');
  ports.push((server.address() as AddressInfo).port);
}
const say = (value: unknown) => void process.stdout.write(`${JSON.stringify(value)}\n`);
say({ ports });

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'count') break;
  while (running !== undefined) await running;

  let events = 0;
  // The second version of the example is there; what became of it is one event beyond the first.
  for await (const _ of opened.vault.list('events/')) events++;
  say({ hints: (await opened.index.list('HINT#shelf')).length, events });
}
for (const server of servers) server.close();
await shelf.close();
await opened.close();
process.exit(0);
