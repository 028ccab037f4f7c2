// Writes docs/schemas/<name>.schema.json: the zod schema of the code as JSON Schema 2020-12, with a real instance under
// `examples`. The code stays the authority: rules over several keys, links and mail addresses are checked only there.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Manifest } from '../cli/manifest.ts';
import { ApprovalRequest } from '../functions/domain/approval-request.ts';
import { Statement } from '../functions/domain/event/statement.ts';
import { ModelLine } from '../functions/domain/line.ts';
import { Profile } from '../functions/domain/profile.ts';
import { PromotionRequest } from '../functions/domain/request.ts';
import { Decision, Routing } from '../functions/domain/routing.ts';
import { Trust } from '../functions/domain/trust.ts';
import { Ballot, Vote } from '../functions/domain/vote.ts';

export const SCHEMAS = {
  manifest: Manifest,
  'promotion-request': PromotionRequest,
  profile: Profile,
  decision: Decision,
  routing: Routing,
  'approval-request': ApprovalRequest,
  ballot: Ballot,
  vote: Vote,
  statement: Statement,
  trust: Trust,
  'model-line': ModelLine,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;

export const SCHEMA_NAMES = Object.keys(SCHEMAS) as SchemaName[];

export const schemaPath = (name: SchemaName): string => join(import.meta.dirname, 'schemas', `${name}.schema.json`);

/** `input`: the shape that is sent, before anything is read into it. */
export function schemaOf(name: SchemaName): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(SCHEMAS[name], { io: 'input' });
  return { $schema, $id: `https://countersign.dev/schemas/${name}.schema.json`, title: name, ...schema };
}

const textOf = (name: SchemaName, example: unknown): string =>
  `${JSON.stringify({ ...schemaOf(name), examples: [example] }, null, 1)}\n`;

if (import.meta.main) {
  const { playExamples } = await import('./examples.ts');
  const examples = await playExamples();
  for (const name of SCHEMA_NAMES) await writeFile(schemaPath(name), textOf(name, examples[name]));
}
