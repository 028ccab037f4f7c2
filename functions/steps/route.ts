import { z } from 'zod';
import type { Diff } from '../domain/diff.ts';
import type { Dossier } from '../domain/dossier.ts';
import { invariant } from '../domain/result.ts';
import { Routing } from '../domain/routing.ts';
import { keys, type RequestRow } from '../domain/rows.ts';
import { epochDay } from '../domain/text.ts';
import { wasInForce } from '../in-force.ts';
import type { DriveWorld } from '../packs.ts';
import { route, routeUnactivated } from '../route/route.ts';
import { nowFor, readJsonBlob, storeJson } from '../store.ts';

export async function routeStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const { request, comparison } = dossier;
  invariant(comparison !== undefined, 'compared before routed');
  const diff = (await readJsonBlob(world.vault, comparison.diff, z.unknown())) as Diff;
  const routing = await routingOf(world, request, diff);
  const body = {
    routing: await storeJson(world.vault, routing),
    path: routing.path,
    routedAt: nowFor(world.clock, dossier),
    ...(routing.path === 'automated' && routing.groups.length > 0 ? { onCall: true } : {}),
  };
  await world.index.commit([{ kind: 'fact', key: keys.fact(request.id, 'routing'), body }]);
  world.shadow?.observe(request.id, routing.input, routing);
}

/** Only what was sealed as policy at that time decides: a row that names another pack gets a committee, never an automated path. */
export async function routingOf(world: DriveWorld, request: RequestRow, diff: Diff): Promise<Routing> {
  const pack = await world.packs.load(request.pack);
  const facts = { diff, line: request.line, environment: request.environment, evaluatedAtDay: epochDay(request.receivedAt) };
  return (await wasInForce(world, request.pack, request.receivedAt)) ? route(pack, facts) : routeUnactivated(pack, facts);
}

export async function readRouting(world: DriveWorld, dossier: Dossier): Promise<Routing> {
  invariant(dossier.routing !== undefined, 'routed');
  return readJsonBlob(world.vault, dossier.routing.routing, Routing);
}
