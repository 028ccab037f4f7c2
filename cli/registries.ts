// The registries of a data folder: `registries.json` beside its other configuration, written by its operator.
import { readFile } from 'node:fs/promises';
import { connectionsOf, Registries } from '../functions/adapters/registries/config.ts';
import { InfrastructureError } from '../functions/domain/errors.ts';
import type { LogEntry } from '../functions/http/app.ts';
import type { DriveWorld } from '../functions/packs.ts';
import type { Erasable, Identity } from '../functions/ports.ts';
import { registeredBy } from '../functions/registries/registered.ts';
import { round } from '../functions/registries/round.ts';
import type { Connections } from '../functions/registry.ts';
import { serviceToken } from './commands/context.ts';
import { type Config, paths, UsageError } from './embedded.ts';

async function readRegistries(data: string): Promise<Registries | undefined> {
  const file = paths(data).registries;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = Registries.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new UsageError(`${file} does not read: ${first?.path.join('.')} ${first?.message}`);
}

export type Connected = {
  readonly connections: Connections;
  readonly registered?: ReturnType<typeof registeredBy>;
  /** `look`: ask the registries themselves as well. */
  readonly ask: (look: boolean) => void;
  readonly idle: () => Promise<void>;
};

type Beside = { readonly world: DriveWorld; readonly erasable: Erasable; readonly identity: Identity; readonly config: Config };

/** Beside the work, never in its way: one round at a time, and what goes wrong is told and tried again. */
export async function connecting(
  data: string,
  { world, erasable, identity, config }: Beside,
  log: (entry: LogEntry) => void,
): Promise<Connected> {
  const read = await readRegistries(data);
  if (read === undefined) return { connections: new Map(), ask: () => undefined, idle: async () => undefined };
  const connections = connectionsOf(read);
  const announcer = async () => {
    const { clientId, clientSecret } = read.announcer;
    const token = await serviceToken(config.issuer.url, clientId, clientSecret).catch((cause) => {
      throw new InfrastructureError(`${clientId} could not sign in at ${config.issuer.url}`, { retryable: true, cause });
    });
    const known = await identity.verify(token);
    if (known.ok) return known.value;
    throw new InfrastructureError(`the token of ${clientId} does not verify`, { retryable: true });
  };
  const all = { ...world, erasable, connections, announcer };
  let running: Promise<void> | undefined;
  let next: { look: boolean } | undefined;
  const run = async () => {
    for (let now = next; now !== undefined; now = next) {
      next = undefined;
      await round(all, now.look, log);
    }
    // In the same turn as the last look at `next`: nobody who asks is forgotten.
    running = undefined;
  };
  return {
    connections,
    registered: registeredBy(connections, world.clock),
    ask: (look) => {
      next = { look: look || next?.look === true };
      running ??= run();
    },
    idle: async () => running,
  };
}
