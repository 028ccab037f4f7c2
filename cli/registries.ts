// The registries of a data folder: `registries.json` beside its other configuration, written by its operator.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createFolder } from '../functions/adapters/registries/folder.ts';
import { createMlflow } from '../functions/adapters/registries/mlflow.ts';
import { InfrastructureError } from '../functions/domain/errors.ts';
import { Label, Name } from '../functions/domain/text.ts';
import type { LogEntry } from '../functions/http/app.ts';
import type { DriveWorld } from '../functions/packs.ts';
import type { Erasable, Identity } from '../functions/ports.ts';
import { registeredBy } from '../functions/registries/registered.ts';
import { round } from '../functions/registries/round.ts';
import type { Connection, Connections } from '../functions/registry.ts';
import { serviceToken } from './commands/context.ts';
import { type Config, paths, UsageError } from './embedded.ts';

const Secrets = z.array(z.string().min(16, 'a secret of at least 16 characters')).min(1).max(5);

const Models = z
  .array(z.strictObject({ model: Label, line: Name, aliases: z.record(Name, Label) }))
  .min(1)
  .max(1000);

const Mlflow = z.strictObject({
  kind: z.literal('mlflow'),
  name: Name,
  url: z.url({ protocol: /^https?$/ }),
  /** The newest first; the others are taken as well until everybody has changed. */
  secrets: Secrets,
  basic: z.strictObject({ user: z.string(), password: z.string() }).optional(),
  token: z.string().optional(),
  workspace: z.string().optional(),
  models: Models,
});

/** A folder that is polled; with secrets it may send CloudEvents too. */
const InHouse = z.strictObject({
  kind: z.literal('folder'),
  name: Name,
  root: z.string().min(1),
  secrets: Secrets.optional(),
  models: Models,
});

const Registries = z
  .strictObject({
    /** The service identity that announces what is found: of the issuer that pipelines sign in at, with their role. */
    announcer: z.strictObject({ clientId: z.string().min(1), clientSecret: z.string().min(1) }),
    registries: z.array(z.discriminatedUnion('kind', [Mlflow, InHouse])).max(50),
  })
  .superRefine(({ registries }, ctx) => {
    const twice = (of: readonly string[], what: string) => {
      const again = of.find((one, i) => of.indexOf(one) !== i);
      if (again !== undefined) ctx.addIssue({ code: 'custom', path: ['registries'], message: `${what} ${again} stands twice` });
    };
    twice(
      registries.map(({ name }) => name),
      'the registry',
    );
    // Of two registries that speak for one place, neither could be held to it.
    twice(
      registries.flatMap(({ models }) =>
        models.flatMap(({ line, aliases }) => Object.keys(aliases).map((environment) => `${line}/${environment}`)),
      ),
      'the place',
    );
  });
type Registries = z.infer<typeof Registries>;

async function readRegistries(data: string): Promise<Registries | undefined> {
  const file = paths(data).registries;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = Registries.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new UsageError(`${file} does not read: ${first?.path.join('.')} ${first?.message}`);
}

const connect = (one: Registries['registries'][number]): Connection => ({
  registry: one.kind === 'folder' ? folderOf(one) : mlflowOf(one),
  models: one.models,
});

const folderOf = ({ name, root, secrets }: z.infer<typeof InHouse>) =>
  createFolder({ name, root, ...(secrets ? { keys: { secrets } } : {}) });

function mlflowOf({ name, url, secrets, basic, token, workspace }: z.infer<typeof Mlflow>) {
  const authorization = basic
    ? `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`
    : token && `Bearer ${token}`;
  return createMlflow({
    name,
    url,
    keys: { secrets },
    ...(authorization ? { authorization } : {}),
    ...(workspace ? { workspace } : {}),
  });
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
  const connections: Connections = new Map(read.registries.map((one) => [one.name, connect(one)]));
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
