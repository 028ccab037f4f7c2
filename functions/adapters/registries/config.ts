// Which registries are connected, as an operator writes it down: a file of the data folder, or part of a secret.
import { z } from 'zod';
import { Label, Name } from '../../domain/text.ts';
import type { Connection, Connections } from '../../registry.ts';
import { createFolder } from './folder.ts';
import { createMlflow } from './mlflow.ts';

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

export const Registries = z
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
export type Registries = z.infer<typeof Registries>;

export const connectionsOf = ({ registries }: Registries): Connections =>
  new Map(registries.map((one) => [one.name, connect(one)]));

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
