import { z } from 'zod';
import { parseBytes } from '../functions/domain/parse.ts';
import { fail, ok, problem, type Result } from '../functions/domain/result.ts';

/**
 * For deploys onto an emulator, never in production. `environment`: what all functions are told beside the rest, and stronger than
 * it. `functions`: another folder of handlers.
 */
const TestContext = z.strictObject({
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).default({}),
  functions: z.string().min(1).optional(),
});
export type TestContext = z.infer<typeof TestContext>;

export function readTestContext(text: unknown, ofClass: 'prod' | 'dev'): Result<TestContext> {
  if (text === undefined) return ok({ environment: {} });
  if (ofClass === 'prod') return fail(problem('INVALID_VALUE', '', 'nothing is tested in production'));
  if (typeof text !== 'string') return fail(problem('INVALID_VALUE', '', 'expected JSON'));
  return parseBytes(TestContext, Buffer.from(text));
}
