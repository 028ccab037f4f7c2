// One round over the registries. What one of them does not answer holds up no other, and is tried again.
import { announceSought } from './announce.ts';
import { moveAliases } from './move.ts';
import { releaseSealed } from './release.ts';
import { checkAliases, sweepRegistry } from './watch.ts';
import type { RegistryWorld } from './world.ts';

export type RoundEntry = Readonly<Record<string, string | number>>;

/** `look`: also ask the registries themselves, for hooks that got lost and aliases that moved. */
export async function round(world: RegistryWorld, look: boolean, log: (entry: RoundEntry) => void): Promise<void> {
  const told = (event: string, faults: readonly string[]) => {
    for (const error of faults) log({ level: 'warning', event, error });
  };
  if (look)
    for (const connection of world.connections.values())
      await guarded(log, async () => {
        const swept = await sweepRegistry(world, connection);
        if (swept > 0) log({ level: 'warning', event: 'hooksLost', registry: connection.registry.name, count: swept });
      });
  await guarded(log, async () => told('announce', await announceSought(world)));
  await guarded(log, async () => told('release', await releaseSealed(world)));
  await guarded(log, async () => told('move', await moveAliases(world)));
  if (look)
    for (const connection of world.connections.values())
      await guarded(log, async () => {
        for (const { registry, model, alias, found, expected } of await checkAliases(world, connection))
          log({ level: 'error', event: 'aliasMoved', registry, model, alias, found: found ?? '', expected: expected ?? '' });
      });
}

async function guarded(log: (entry: RoundEntry) => void, work: () => Promise<void>): Promise<void> {
  await work().catch((error) => void log({ level: 'error', event: 'registry', error: String(error) }));
}
