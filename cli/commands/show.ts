import { EventHash } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { Statement } from '../../functions/domain/event/statement.ts';
import { problemsOf } from '../client.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';
import { Status, statusText } from './status.ts';

/** A request by its id, or an event by its hash, as stored. */
export async function show(id: string, flags: ServerFlags & { readonly json?: true }): Promise<Exit> {
  const client = await clientFor(flags);
  if (!EventHash.safeParse(id).success) {
    const status = await client.json(`/requests/${encodeURIComponent(id)}/status`, Status);
    if (!status.ok) return refuse(status.problems);
    if (flags.json) json(status.value);
    else say(statusText(status.value));
    return EXIT.yes;
  }
  const response = await client.fetch(`/events/${id}/envelope`);
  if (!response.ok) return refuse(await problemsOf(response));
  const opened = openEnvelope(new Uint8Array(await response.arrayBuffer()));
  if (!opened.ok) return refuse(opened.problems);
  const statement = Statement.parse(JSON.parse(new TextDecoder().decode(opened.value.payload)));
  json(statement);
  return EXIT.yes;
}
