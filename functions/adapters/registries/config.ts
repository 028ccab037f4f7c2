// Which registries are connected, as an operator writes it down: a file of the data folder, or part of a secret.
import { z } from 'zod';
import { Label, Name } from '../../domain/text.ts';
import type { Connection, Connections, Registry } from '../../registry.ts';
import { createFolder } from './folder.ts';
import { createMlflow } from './mlflow.ts';
import { createShelf, type Files } from './shelf.ts';

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

/** The same under a prefix of a bucket. Region, credentials and endpoint are the environment's, as for every client of AWS. */
const Bucket = InHouse.omit({ root: true }).extend({
  kind: z.literal('s3'),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
  prefix: z
    .string()
    .regex(/^(?:[A-Za-z0-9][A-Za-z0-9._=-]*\/)*$/, 'names that each end in a slash')
    .default(''),
  /** For a server of S3 that is no AWS: the bucket in the path instead of the host name. */
  pathStyle: z.boolean().default(false),
});

export const Registries = z
  .strictObject({
    /** The service identity that announces what is found: of the issuer that pipelines sign in at, with their role. */
    announcer: z.strictObject({ clientId: z.string().min(1), clientSecret: z.string().min(1) }),
    registries: z.array(z.discriminatedUnion('kind', [Mlflow, InHouse, Bucket])).max(50),
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

const connect = (one: Registries['registries'][number]): Connection => ({ registry: registryOf(one), models: one.models });

function registryOf(one: Registries['registries'][number]): Registry {
  if (one.kind === 'mlflow') return mlflowOf(one);
  return one.kind === 'folder' ? folderOf(one) : bucketOf(one);
}

const folderOf = ({ name, root, secrets }: z.infer<typeof InHouse>) =>
  createFolder({ name, root, ...(secrets ? { keys: { secrets } } : {}) });

/** The client of AWS is read when it is first needed: whoever has no bucket does not wait for it. */
function bucketOf({ name, bucket, prefix, pathStyle, secrets }: z.infer<typeof Bucket>) {
  let opened: Promise<Files> | undefined;
  const open = async () => {
    const { s3ClientOf, s3Files } = await import('./s3-files.ts');
    return s3Files({ client: s3ClientOf(pathStyle), bucket, prefix });
  };
  const files = () => {
    opened ??= open();
    return opened;
  };
  const late: Files = {
    reached: async () => (await files()).reached(),
    namesIn: async (parts) => (await files()).namesIn(parts),
    list: async (parts) => (await files()).list(parts),
    open: async (parts) => (await files()).open(parts),
    replace: async (parts, text) => (await files()).replace(parts, text),
    remove: async (parts) => (await files()).remove(parts),
  };
  return createShelf({ name, files: late, ...(secrets ? { keys: { secrets } } : {}) });
}

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
