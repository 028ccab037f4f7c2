// What MLflow 3.17.2 answers, as far as it is read (recorded from a real server; docs/registries.md). Empty lists are left out.
import { z } from 'zod';

const Pairs = z.array(z.object({ key: z.string(), value: z.string() })).default([]);

const Version = z.object({
  name: z.string(),
  version: z.string(),
  source: z.string(),
  run_id: z.string().optional(),
  status: z.string(),
  tags: Pairs,
  aliases: z.array(z.string()).default([]),
});
export type Version = z.infer<typeof Version>;

export const VersionAnswer = z.object({ model_version: Version });
export const VersionsAnswer = z.object({
  model_versions: z.array(Version).default([]),
  next_page_token: z.string().optional(),
});
export const RegisteredModelAnswer = z.object({
  registered_model: z.object({ aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]) }),
});

const Metrics = z.array(z.object({ key: z.string(), value: z.number() })).default([]);

export const LoggedModelAnswer = z.object({
  model: z.object({
    info: z.object({ source_run_id: z.string().optional() }),
    data: z.object({ params: Pairs, metrics: Metrics }).prefault({}),
  }),
});

/** `profile`: a JSON text, with the count of rows where the data was at hand. */
const Dataset = z.object({ name: z.string(), digest: z.string(), profile: z.string().optional() });
export const DatasetProfile = z.object({ num_rows: z.int().nonnegative() });

export const RunAnswer = z.object({
  run: z.object({
    data: z.object({ params: Pairs, metrics: Metrics }).prefault({}),
    inputs: z
      .object({
        dataset_inputs: z.array(z.object({ dataset: Dataset })).default([]),
      })
      .prefault({}),
  }),
});

export const FilesAnswer = z.object({
  files: z
    .array(
      z.object({
        path: z.string(),
        is_dir: z.boolean().default(false),
        /** Left out by some stores for what is empty. */
        file_size: z.coerce.number().int().nonnegative().optional(),
      }),
    )
    .default([]),
  next_page_token: z.string().optional(),
});

/** The body of a delivery. `data` holds what its kind of event holds. */
export const Delivery = z.object({
  entity: z.string(),
  action: z.string(),
  data: z.object({
    name: z.string().optional(),
    version: z.string().optional(),
    key: z.string().optional(),
    value: z.string().optional(),
    alias: z.string().optional(),
    tags: z.record(z.string(), z.string()).nullish(),
  }),
});

/** `signature.inputs`: a JSON text inside the YAML. */
export const MlModel = z.object({ signature: z.object({ inputs: z.string().nullish() }).nullish() });
export const Inputs = z.array(z.object({ name: z.string().optional(), type: z.string() }));
