// What is examined: names that the stacks printed. `cdk deploy --all --outputs-file outputs.json` writes them.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UsageError } from '../usage-error.ts';

const NAMES = ['bucket', 'table', 'sealKey', 'logKey', 'machine'] as const;
type Found = { [K in (typeof NAMES)[number]]?: string };
export type Target = Readonly<Found>;

/** Output of a stack, to what it names. */
const OUTPUTS: Readonly<Record<string, keyof Target>> = {
  Bucket: 'bucket',
  Table: 'table',
  SealKeyArn: 'sealKey',
  LogKeyArn: 'logKey',
  MachineArn: 'machine',
};

const Outputs = z.record(z.string(), z.record(z.string(), z.string()));

export async function targetOf(flags: Target & { readonly outputs?: string }): Promise<Target> {
  const found: Found = flags.outputs === undefined ? {} : await inOutputs(flags.outputs);
  for (const name of NAMES) {
    const said = flags[name];
    if (said !== undefined) found[name] = said;
  }
  if (Object.keys(found).length === 0)
    throw new UsageError('say what to look at: --outputs <file of cdk deploy --outputs-file>, or --bucket, --table and so on');
  return found;
}

async function inOutputs(file: string): Promise<Found> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : Outputs.safeParse(jsonIn(text));
  if (!parsed?.success) throw new UsageError(`${file} is no outputs file of cdk deploy`);
  const found: Found = {};
  for (const stack of Object.values(parsed.data))
    for (const [output, value] of Object.entries(stack).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [, plain = '', generation = ''] = /^(.*?)(\d*)$/.exec(output) ?? [];
      const name = OUTPUTS[plain];
      // Each further generation of a key has an output of its own; they are told as one list (COUNTERSIGN_SEAL_KEY).
      if (generation !== '' && (name === 'sealKey' || name === 'logKey')) {
        found[name] = [found[name], value].filter(Boolean).join(',');
        continue;
      }
      // Two deployments in one file would be examined half and half.
      if (name !== undefined && found[name] !== undefined && found[name] !== value)
        throw new UsageError(`${file} has two outputs ${output}: keep one deployment's stacks in it`);
      if (name !== undefined) found[name] = value;
    }
  return found;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
