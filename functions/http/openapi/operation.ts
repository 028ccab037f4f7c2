// One operation of the API as the document tells it: which schema reads what is sent, and every code it may answer with.
import type { z } from 'zod';
import type { Code } from '../../domain/errors.ts';
import type { SchemaName } from './schemas.ts';

/** `form`: a person's session and our own page. `anybody`: a token or a session, by role. */
export type Caller = 'nobody' | 'bearer' | 'person' | 'anybody' | 'form';

type Parameter = { readonly schema: z.ZodType; readonly what: string; readonly example: string; readonly optional?: true };
export type Parameters = Readonly<Record<string, Parameter>>;

type Body = {
  readonly type: 'application/json' | 'application/octet-stream' | 'application/x-www-form-urlencoded';
  readonly schema?: SchemaName;
  readonly example?: unknown;
};

export type Answer = { readonly what: string; readonly schema?: SchemaName; readonly type?: string };

export type Operation = {
  readonly method: 'get' | 'put' | 'post';
  /** As hono has it, `/requests/:id/status`. */
  readonly path: string;
  readonly summary: string;
  readonly by: Caller;
  readonly params?: Parameters;
  readonly query?: Parameters;
  readonly bodies?: readonly Body[];
  readonly answers: Readonly<Record<number, Answer>>;
  /** Beside those that follow from `by` and from reading JSON. */
  readonly codes?: readonly Code[];
};

/** What reading one JSON document may find. */
export const JSON_CODES: readonly Code[] = [
  'JSON_SYNTAX',
  'JSON_TOO_DEEP',
  'JSON_DUPLICATE_KEY',
  'JSON_UNSAFE_INTEGER',
  'JSON_LONE_SURROGATE',
  'NUMBER_NOT_DECIMAL_STRING',
  'UNKNOWN_KEY',
  'MISSING_KEY',
  'INVALID_VALUE',
  'BODY_TOO_LARGE',
];

/** What a text that is sealed for ever may not hold. */
export const PROSE_CODES: readonly Code[] = ['PERSONAL_DATA', 'LINK_IS_NOT_EVIDENCE'];

/** A token whose subject is a mail address is refused too: it would be sealed. */
export const CALLER_CODES: Readonly<Record<Caller, readonly Code[]>> = {
  nobody: [],
  bearer: ['UNAUTHENTICATED', 'PERSONAL_DATA'],
  person: ['UNAUTHENTICATED', 'NOT_YOURS'],
  anybody: ['UNAUTHENTICATED', 'PERSONAL_DATA', 'NOT_YOURS'],
  form: ['UNAUTHENTICATED', 'FORM_NOT_OURS', 'BODY_TOO_LARGE'],
};

/** What any operation may answer: a store that does not answer, and a bug. */
export const ALWAYS: readonly Code[] = ['CANNOT_TELL', 'INTERNAL'];
