import { RegistryHttp } from '../../functions/adapters/registries/http.ts';
import { type Surveyed, survey } from '../../functions/adapters/registries/mlflow-survey.ts';
import { EXIT, type Exit, json, say, table } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export type SelfAuditFlags = { readonly alias: string; readonly json?: true };

/** The six fields of each champion as they are today (R69). Signs in with what MLflow's own client reads; changes nothing. */
export async function selfAudit(url: string, flags: SelfAuditFlags, env: NodeJS.ProcessEnv = process.env): Promise<Exit> {
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new UsageError(`${url} is no address; write http://127.0.0.1:5000`);
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = env;
  const basic = user ? `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` : undefined;
  const authorization = token ? `Bearer ${token}` : basic;
  const champions = await survey(new RegistryHttp({ url, headers: authorization ? { authorization } : {} }), flags.alias);
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
