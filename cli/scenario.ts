// What an author tries a policy on: a routing input in a file, or the one that a past event sealed.
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { openEnvelope } from '../functions/domain/event/envelope.ts';
import { isAbsent, parseStatement } from '../functions/domain/event/statement.ts';
import { parseValue } from '../functions/domain/parse.ts';
import { RoutingInput } from '../functions/route/input.ts';
import { openEvidence } from './commands/evidence-folder.ts';
import { UsageError } from './embedded.ts';

/** `changes`: `/pointer=value`, made before it is checked. */
export async function readScenario(path: string, changes: readonly string[] = []): Promise<RoutingInput> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`no scenario ${path}`);
  const input = found.isDirectory() ? await sealedInput(path) : yamlOf(path, await readFile(path, 'utf8'));
  for (const change of changes) set(input, change);
  const checked = parseValue(RoutingInput, input);
  if (checked.ok) return checked.value;
  const lines = checked.problems.slice(0, 8).map(({ pointer, detail }) => `  ${pointer || '/'} ${detail}`);
  const more = checked.problems.length > 8 ? `\n  and ${checked.problems.length - 8} more` : '';
  throw new UsageError(
    `${path} is not a routing input (policies/schemas/routing-input.v0.schema.json):\n${lines.join('\n')}${more}`,
  );
}

/** JSON is YAML too. */
function yamlOf(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`${path} is neither JSON nor YAML: ${error instanceof Error ? error.message : error}`);
  }
}

async function sealedInput(folder: string): Promise<unknown> {
  const { envelope, event } = await openEvidence(folder);
  const opened = openEnvelope(envelope);
  const statement = opened.ok && opened.value.hash === event ? parseStatement(opened.value.payload) : undefined;
  const predicate = statement?.ok ? statement.value.predicate : undefined;
  if (predicate?.kind !== 'promotion' || isAbsent(predicate.routing)) {
    throw new UsageError(`${folder}: the event ${event} sealed no routing`);
  }
  return structuredClone(predicate.routing.input);
}

function set(root: unknown, change: string): void {
  const cut = change.indexOf('=');
  const parts = change.slice(1, cut).split('/');
  const last = parts.pop() ?? '';
  let here = root;
  for (const part of cut > 0 ? parts : []) here = isObject(here) ? here[part] : undefined;
  if (!change.startsWith('/') || cut < 0 || !isObject(here) || !Object.hasOwn(here, last)) {
    throw new UsageError(`--set ${change}: give /pointer=value with a pointer that is in the scenario`);
  }
  here[last] = parse(change.slice(cut + 1));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
