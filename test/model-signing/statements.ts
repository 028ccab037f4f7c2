// The reference implementation of OpenSSF Model Signing, as PyPI has it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pythonOf } from '../support/venv.ts';

const run = promisify(execFile);

export const modelSigning = (): Promise<string> =>
  pythonOf({
    name: 'model-signing',
    requirements: join(import.meta.dirname, 'requirements.txt'),
    what: 'model-signing 1.1.1',
    needs: [3, 9],
    takes: 'some 30 seconds',
  });

const Statement = z.object({
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })).length(1),
  predicate: z.object({ resources: z.array(z.object({ name: z.string(), algorithm: z.string(), digest: z.string() })) }),
});
export type ModelStatement = z.infer<typeof Statement>;

/** What it would sign over each folder. */
export async function statementsOf(python: string, folders: readonly string[]): Promise<Record<string, ModelStatement>> {
  const { stdout } = await run(python, ['-I', join(import.meta.dirname, 'roots.py'), ...folders], { maxBuffer: 1e8 });
  return z.record(z.string(), Statement).parse(JSON.parse(stdout));
}
