import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { digestOf } from '../../../functions/domain/digest.ts';
import { invariant } from '../../../functions/domain/result.ts';

// What the source folder holds, read strictly enough that a change of its shape stops the conversion.

const SetRef = z.object({ name: z.string(), content_sha256: z.string(), rows: z.int() });

export const Facts = z.object({
  model: z.object({
    version: z.string(),
    class: z.enum(['logistic_regression', 'gradient_boosting']),
    library: z.string(),
    hyperparameters: z.record(z.string(), z.union([z.string(), z.number()])),
    loss: z.string(),
    calibration: z.string(),
    files: z.array(z.object({ path: z.string(), role: z.string(), sha256: z.string() })),
  }),
  features: z.array(
    z.object({ name: z.string(), type: z.string(), family: z.string(), source: z.string(), protected: z.boolean() }),
  ),
  decision: z.object({
    threshold: z.string(),
    actions: z.array(z.object({ from: z.string(), to: z.string(), action: z.string() })),
  }),
  evaluation: z.object({ set: SetRef, metrics: z.json() }),
  explanation: z.object({ slice: SetRef, files: z.array(z.object({ path: z.string(), sha256: z.string() })) }),
  datasets: z.object({ training: SetRef, validation: SetRef, scoring: SetRef }),
});
export type Facts = z.infer<typeof Facts>;

export const ShapSummary = z.object({
  kind: z.string(),
  library: z.string(),
  explainer: z.string(),
  scale: z.string(),
  base_value: z.string(),
  mean_abs: z.array(z.object({ feature: z.string(), value: z.string() })),
  slice: SetRef,
  background: SetRef,
});
export type ShapSummary = z.infer<typeof ShapSummary>;

export type Row = Readonly<Record<string, string>>;
export type Rows = { readonly columns: readonly string[]; readonly rows: readonly Row[] };

/** Reads files below SOURCE and keeps none of its paths. */
export class Source {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  bytes(path: string): Uint8Array {
    return readFileSync(join(this.#root, path));
  }

  text(path: string): string {
    return readFileSync(join(this.#root, path), 'utf8');
  }

  json<S extends z.ZodType>(path: string, schema: S): z.infer<S> {
    return schema.parse(JSON.parse(this.text(path)));
  }

  csv(path: string): Rows {
    return tableOf(this.text(path));
  }

  /** Bytes that must have the digest the source states. */
  checked(path: string, sha256: string): Uint8Array {
    const bytes = this.bytes(path);
    invariant(digestOf(bytes) === `sha256:${sha256}`, `${path} is not the file its facts name`);
    return bytes;
  }
}

export function tableOf(text: string): Rows {
  const [columns, ...records] = parse(text);
  invariant(columns, 'a CSV file has a header');
  return { columns, rows: records.map((record) => Object.fromEntries(columns.map((name, i) => [name, record[i] ?? '']))) };
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const csvText = (columns: readonly string[], rows: readonly Row[]): string =>
  [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))]
    .map((cells) => `${cells.map(quoted).join(',')}\n`)
    .join('');

export function cell(row: Row | undefined, name: string): string {
  const value = row?.[name];
  invariant(value !== undefined, `every row has ${name}`);
  return value;
}
