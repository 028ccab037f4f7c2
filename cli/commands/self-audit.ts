import type { Surveyed } from '../../functions/adapters/registries/survey.ts';
import { EXIT, type Exit, json, say, table } from '../output.ts';
import { UsageError } from '../usage-error.ts';

type Audited = 'mlflow' | 'folder' | 's3';
export type SelfAuditFlags = { readonly alias: string; readonly json?: true };

type Survey = (where: string, alias: string, env: NodeJS.ProcessEnv) => Promise<Surveyed[]>;

const SURVEYS: Readonly<Record<Audited, Survey>> = {
  /** Signs in with what MLflow's own client reads. */
  mlflow: async (url, alias, env) => {
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
      throw new UsageError(`${url} is no address; write http://127.0.0.1:5000`);
    const { RegistryHttp } = await import('../../functions/adapters/registries/http.ts');
    const { survey } = await import('../../functions/adapters/registries/mlflow-survey.ts');
    const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = env;
    const basic = user ? `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` : undefined;
    const authorization = token ? `Bearer ${token}` : basic;
    return survey(new RegistryHttp({ url, headers: authorization ? { authorization } : {} }), alias);
  },
  folder: async (root, alias) => {
    const { folderFiles } = await import('../../functions/adapters/registries/folder.ts');
    return (await import('../../functions/adapters/registries/shelf-survey.ts')).surveyShelf(folderFiles(root), alias);
  },
  /** A server that somebody named is no AWS, and has its buckets in the path. */
  s3: async (where, alias, env) => {
    const [, bucket, prefix = ''] = /^([a-z0-9][a-z0-9.-]+)(?:\/((?:[^/]+\/)*))?$/.exec(where) ?? [];
    if (bucket === undefined) throw new UsageError(`${where} is no place in a bucket; write my-bucket/prefix/`);
    const { s3ClientOf, s3Files } = await import('../../functions/adapters/registries/s3-files.ts');
    const client = s3ClientOf((env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL']) !== undefined);
    const { surveyShelf } = await import('../../functions/adapters/registries/shelf-survey.ts');
    return surveyShelf(s3Files({ client, bucket, prefix }), alias);
  },
};

/** The six fields of each champion as they are today (R69); changes nothing. */
export async function selfAudit(
  kind: Audited,
  where: string,
  flags: SelfAuditFlags,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Exit> {
  const champions = await SURVEYS[kind](where, flags.alias, env);
  if (flags.json) json(champions);
  else say(textOf(champions, flags.alias));
  return EXIT.yes;
}

function textOf(champions: readonly Surveyed[], alias: string): string {
  if (champions.length === 0) return `no model of this registry has the alias ${alias}`;
  const parts = champions.map(
    ({ model, version, fields }) =>
      `${model} ${version}\n${table(
        ['field', 'state', 'why'],
        fields.map(({ field, state, why }) => [field, state, why]),
      )}`,
  );
  const whole = champions.filter(({ fields }) => fields.every(({ state }) => state === 'frozen')).length;
  return [...parts, `${whole} of ${champions.length} champions name a sealed event`].join('\n\n');
}
