// What an MLflow server can show of each champion, read without changing anything and without hashing: for who asks before they
// adopt us which of the six fields they have today (R69).
import { z } from 'zod';
import { OUR_PREFIX, REQUEST_FOLDER } from '../../registry.ts';
import type { RegistryHttp } from './http.ts';
import { madeBy, versionOf } from './mlflow.ts';
import { listFiles } from './mlflow-files.ts';
import { FilesAnswer } from './mlflow-wire.ts';
import { absentField, allFields, frozenAs, mutableField, type Surveyed, type SurveyedField } from './survey.ts';

const ModelsAnswer = z.object({
  registered_models: z
    .array(z.object({ name: z.string(), aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]) }))
    .default([]),
  next_page_token: z.string().optional(),
});

export async function survey(http: RegistryHttp, alias: string): Promise<Surveyed[]> {
  const found: Surveyed[] = [];
  let page: string | undefined;
  do {
    const query = new URLSearchParams({ max_results: '100', ...(page ? { page_token: page } : {}) });
    const answer = await http.read(ModelsAnswer, `/api/2.0/mlflow/registered-models/search?${query}`, []);
    for (const { name, aliases } of answer?.registered_models ?? []) {
      const champion = aliases.find((one) => one.alias === alias);
      if (champion !== undefined) found.push(await surveyed(http, name, champion.version));
    }
    page = answer?.next_page_token || undefined;
  } while (page !== undefined);
  return found;
}

async function surveyed(http: RegistryHttp, model: string, number: string): Promise<Surveyed> {
  const version = await versionOf(http, { model, version: number });
  const event = version?.tags.find(({ key }) => key === `${OUR_PREFIX}event`)?.value;
  if (version === undefined) return { model, version: number, fields: allFields('absent', 'the alias leads nowhere') };
  if (event !== undefined) return { model, version: number, fields: frozenAs(event) };
  const { run, logged, data, datasets } = await madeBy(http, version);
  const files = await listFiles(http, version);
  const beside = run === null ? [] : await namesBeside(http, run);
  const metrics = (logged?.metrics.length ?? 0) + (data?.metrics.length ?? 0);
  const explained = beside.filter((name) => /shap|explain|explanation|importance/i.test(name));
  const field = (name: string, there: boolean, mutable: string, absent: string): SurveyedField =>
    there ? mutableField(name, mutable) : absentField(name, absent);
  const count = files.ok ? files.value.length : 0;
  return {
    model,
    version: number,
    fields: [
      field(
        'model',
        count > 0,
        `${count} files without a hash; each can be overwritten in place`,
        'no files that MLflow lists',
      ),
      field('challenger', metrics > 0, `${metrics} metrics, of no incumbent; later ones append`, 'no metrics'),
      field(
        'request',
        beside.includes(REQUEST_FOLDER),
        'a request lies with the run, and can be replaced',
        'nothing says what was asked',
      ),
      absentField('approvals', 'MLflow does not record who moved the alias'),
      field(
        'explanation',
        explained.length > 0,
        `${explained.join(', ')}: of an unknown slice, replaceable`,
        'none with the run',
      ),
      field('dataset', datasets.length > 0, `${datasets.length} named, by 8 hex digits of their first rows`, 'none named'),
    ],
  };
}

async function namesBeside(http: RegistryHttp, run: string): Promise<string[]> {
  const query = new URLSearchParams({ run_id: run });
  const answer = await http.read(FilesAnswer, `/api/2.0/mlflow/artifacts/list?${query}`);
  return (answer?.files ?? []).map(({ path }) => path);
}
