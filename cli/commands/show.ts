import { z } from 'zod';
import { EventHash } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { Statement } from '../../functions/domain/event/statement.ts';
import { problemsOf } from '../client.ts';
import { EXIT, type Exit, figureText, json, paint, say, table } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';
import { Status } from './request.ts';

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

const Told = z.looseObject({
  line: z.string(),
  environment: z.string(),
  model: z.object({ name: z.string(), version: z.string() }),
  path: z.string().nullable(),
  findings: z.array(
    z.object({
      code: z.string(),
      title: z.string(),
      observed: z.union([z.number(), z.string(), z.null()]),
      limit: z.union([z.number(), z.string(), z.null()]),
      unit: z.string(),
      minPath: z.string(),
    }),
  ),
  reasons: z.array(z.object({ code: z.string(), detail: z.string() })),
  outstanding: z.array(z.object({ role: z.string(), from: z.string(), missing: z.number() })),
});

export function statusText(status: Status): string {
  const told = Told.parse(status);
  const lines = [
    `${status.requestId}  ${told.model.name} ${told.model.version} into ${told.line}/${told.environment}`,
    `${paint('bold', status.outcome ?? status.state)}${told.path ? `, ${told.path} path` : ''}`,
  ];
  if (told.findings.length > 0) {
    const rows = told.findings.map((one) => [
      one.code,
      one.minPath,
      figureText(one.observed, one.unit),
      figureText(one.limit, one.unit),
      one.title,
    ]);
    lines.push('', table(['rule', 'asks for', 'figure', 'limit', 'what'], rows));
  }
  for (const reason of told.reasons) lines.push(`${paint('red', reason.code)} ${reason.detail}`);
  for (const one of told.outstanding) lines.push(`waits for ${one.missing} ${one.role} of ${one.from}`);
  if (status.eventHash) lines.push(`event ${status.eventHash}`);
  return lines.join('\n');
}
