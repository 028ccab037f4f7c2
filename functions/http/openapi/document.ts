// The OpenAPI 3.1 document of the API: a pure function of the operations, the schemas and the catalogue of codes.
import { z } from 'zod';
import { Digest, EventHash } from '../../domain/digest.ts';
import { type Code, entryOf } from '../../domain/errors.ts';
import { ACTS } from './acts.ts';
import { EVIDENCE } from './evidence.ts';
import { LINES } from './lines.ts';
import { ALWAYS, type Answer, CALLER_CODES, type Caller, type Operation, type Parameters } from './operation.ts';
import { PROMOTIONS } from './promotions.ts';
import { SCHEMAS, type SchemaName } from './schemas.ts';

export const OPERATIONS: readonly Operation[] = [...PROMOTIONS, ...ACTS, ...LINES, ...EVIDENCE];

type Json = Record<string, unknown>;

const DESCRIPTION = `Which approval path a model promotion takes, and what was sealed of it.
A refusal is an RFC 9457 problem document; its codes are explained in docs/errors.md. Treat every answer that is not the expected
one as a no. Forms (\`application/x-www-form-urlencoded\`) are those of the pages: they need a session, its token in \`csrf\`, and the
\`Origin\` of this server.`;

const SECURITY: Readonly<Record<Caller, readonly Json[]>> = {
  nobody: [],
  bearer: [{ bearer: [] }],
  person: [{ session: [] }],
  anybody: [{ bearer: [] }, { session: [] }],
  form: [{ session: [] }],
};

export function openApi(): Json {
  const paths: Record<string, Json> = {};
  for (const one of OPERATIONS) {
    const path = templateOf(one.path);
    paths[path] = { ...paths[path], [one.method]: operationOf(one) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Countersign',
      version: '0.1.0',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'a token of the configured issuer' },
        session: { type: 'apiKey', in: 'cookie', name: 'countersign_session', description: 'of a person who signed in' },
      },
      schemas: Object.fromEntries(Object.keys(SCHEMAS).map((name) => [name, componentOf(name as SchemaName)])),
    },
  };
}

/** `/vault/:key{.+}` as hono writes it is `/vault/{key}` here. */
export const templateOf = (path: string): string => path.replaceAll(/:([a-z]+)(?:\{[^/]*\})?/gi, '{$1}');

/** GET /requests/{id}/status → getRequestsStatus, and GET /acts/{id} → getActsById. */
function nameOf({ method, path }: Operation): string {
  const parts = templateOf(path).split('/').slice(1);
  const words = parts.flatMap((part, i) => {
    if (!part.startsWith('{')) return part.split(/[^a-z]+/);
    return i === parts.length - 1 ? ['by', part.slice(1, -1)] : [];
  });
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}

function operationOf(one: Operation): Json {
  const parameters = [...parametersOf(one.params, 'path'), ...parametersOf(one.query, 'query')];
  const bodies = (one.bodies ?? []).map(({ type, schema, example }) => [
    type,
    { ...(schema ? { schema: refOf(schema) } : {}), ...(example === undefined ? {} : { example }) },
  ]);
  // A form is one way to send it beside a token: only where it is the sole body must there be one.
  const required = one.by !== 'anybody' || bodies.length > 1;
  return {
    operationId: nameOf(one),
    summary: one.summary,
    security: SECURITY[one.by],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(bodies.length > 0 ? { requestBody: { required, content: Object.fromEntries(bodies) } } : {}),
    responses: responsesOf(one),
  };
}

const parametersOf = (parameters: Parameters | undefined, place: 'path' | 'query'): Json[] =>
  Object.entries(parameters ?? {}).map(([name, { schema, what, example, optional }]) => {
    const { $schema: _, ...told } = jsonSchemaOf(schema, 'input');
    return { name, in: place, required: !optional, description: what, schema: told, example };
  });

/** Every code this operation may answer with, once. */
const codesOf = (one: Operation): Code[] => [...new Set([...CALLER_CODES[one.by], ...(one.codes ?? []), ...ALWAYS])];

function responsesOf(one: Operation): Json {
  const responses: Record<string, { description: string; content?: Json }> = {};
  for (const [status, answer] of Object.entries(one.answers)) {
    const content = contentOf(answer);
    responses[status] = { description: answer.what, ...(content ? { content } : {}) };
  }
  for (const [status, codes] of Map.groupBy(codesOf(one), (code) => entryOf(code).status)) {
    const schema = { allOf: [refOf('Problem'), { properties: { code: { enum: codes } } }] };
    const titles = codes.map((code) => `${code}: ${entryOf(code).title}`).join('. ');
    const before = responses[status];
    responses[status] = {
      description: before ? `${before.description}. Or ${titles}` : titles,
      content: { ...before?.content, 'application/problem+json': { schema } },
    };
  }
  return responses;
}

function contentOf({ schema, type }: Answer): Json | undefined {
  if (schema !== undefined) return { 'application/json': { schema: refOf(schema) } };
  if (type === undefined) return undefined;
  return { [type]: type === 'application/json' ? { schema: { type: 'object' } } : {} };
}

const refOf = (name: SchemaName): Json => ({ $ref: `#/components/schemas/${name}` });

/** A schema's own definitions stay with it, under their place in this document. */
function componentOf(name: SchemaName): unknown {
  const sent = OPERATIONS.some(({ bodies = [] }) => bodies.some(({ schema }) => schema === name));
  const { $schema: _, ...schema } = jsonSchemaOf(SCHEMAS[name], sent ? 'input' : 'output');
  const own = `"$ref":"#/components/schemas/${name}/$defs/`;
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', own));
}

const jsonSchemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const told: Json = z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema }) => {
      // Their check is code, for its better words; the pattern says the same to other tools.
      const digest: readonly unknown[] = [Digest, EventHash];
      if (digest.includes(zodSchema)) jsonSchema.pattern = '^sha256:[0-9a-f]{64}$';
    },
  });
  return told;
};
