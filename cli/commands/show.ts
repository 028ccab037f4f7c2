import { EventHash } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { parseStatement } from '../../functions/domain/event/statement.ts';
import { problemsOf } from '../client.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';
import { eventText } from './event-text.ts';
import { Status, statusText } from './status.ts';

/** A request by its id, or an event by its hash: on one screenful, or all of it as JSON. */
export async function show(id: string, flags: ServerFlags & { readonly json?: true }): Promise<Exit> {
  const client = await clientFor(flags);
  const hash = EventHash.safeParse(id);
  if (!hash.success) {
    const status = await client.json(`/requests/${encodeURIComponent(id)}/status`, Status);
    if (!status.ok) return refuse(status.problems);
    if (flags.json) json(status.value);
    else say(shortened(statusText(status.value, flags.server).split('\n'), flags.server));
    return EXIT.yes;
  }
  const response = await client.fetch(`/events/${id}/envelope`);
  if (!response.ok) return refuse(await problemsOf(response));
  const opened = openEnvelope(new Uint8Array(await response.arrayBuffer()));
  const statement = opened.ok ? parseStatement(opened.value.payload) : opened;
  if (!statement.ok) return refuse(statement.problems);
  if (flags.json) json(statement.value);
  else say(shortened(eventText(hash.data, statement.value.predicate), flags.server));
  return EXIT.yes;
}

const MOST = 40;

/** What fits a terminal, and where the rest is. */
function shortened(lines: readonly string[], server: string): string {
  const more = `all of it: --json, or its page on ${server}`;
  if (lines.length < MOST) return [...lines, more].join('\n');
  const shown = lines.slice(0, MOST - 2);
  return [...shown, `… ${lines.length - shown.length} lines more`, more].join('\n');
}
