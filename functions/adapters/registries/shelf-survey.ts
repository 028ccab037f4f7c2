// What a shelf can show of each champion, for who asks before they adopt us (R69). Read as it lies there; nothing is hashed or changed.
import { z } from 'zod';
import { EventHash } from '../../domain/digest.ts';
import { parseBytes } from '../../domain/parse.ts';
import { REQUEST_FOLDER } from '../../registry.ts';
import { gathered } from './http.ts';
import { type Files, MAX_REQUEST_BYTES, namesIn, wordIn } from './shelf.ts';
import { absentField, frozenAs, mutableField, type Surveyed } from './survey.ts';

const Told = z.looseObject({ event: EventHash });
/** Only which of the fields are there: what a request must be is asked when it is sent. */
const Stated = z.looseObject({ challenger: z.unknown(), explanation: z.unknown(), dataset: z.unknown() }).partial();

export async function surveyShelf(files: Files, alias: string): Promise<Surveyed[]> {
  await files.reached();
  const found: Surveyed[] = [];
  for (const model of await namesIn(files, [])) {
    const version = await wordIn(files, [model, 'aliases', alias]);
    if (version !== undefined && version !== '') found.push(await surveyed(files, model, version));
  }
  return found;
}

async function surveyed(files: Files, model: string, version: string): Promise<Surveyed> {
  const told = await jsonIn(files, [model, version, 'event.json'], Told);
  if (told !== undefined) return { model, version, fields: frozenAs(told.event) };
  const listed = await files.list([model, version, 'model']);
  const count = listed.ok ? listed.value.length : 0;
  const request = await jsonIn(files, [model, version, REQUEST_FOLDER, 'request.json'], Stated);
  const stated = (field: 'challenger' | 'explanation' | 'dataset') =>
    request?.[field] === undefined
      ? absentField(field, request === undefined ? 'no request lies beside it' : 'the request does not say')
      : mutableField(field, 'said in a request that can be replaced');
  return {
    model,
    version,
    fields: [
      count > 0 ? mutableField('model', `${count} files; each can be overwritten in place`) : absentField('model', 'no files'),
      stated('challenger'),
      request === undefined
        ? absentField('request', 'nothing says what was asked')
        : mutableField('request', 'a request lies beside it, and can be replaced'),
      absentField('approvals', 'a file does not say who moved the alias'),
      stated('explanation'),
      stated('dataset'),
    ],
  };
}

async function jsonIn<S extends z.ZodType>(files: Files, parts: readonly string[], schema: S): Promise<z.infer<S> | undefined> {
  const pieces = await files.open(parts);
  const bytes = pieces === undefined ? undefined : await gathered(pieces, MAX_REQUEST_BYTES);
  const parsed = bytes === undefined ? undefined : parseBytes(schema, bytes);
  return parsed?.ok ? parsed.value : undefined;
}
