import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { type Client, Refused } from '../client.ts';
import { figureText, paint, table } from '../output.ts';

export const Status = z.looseObject({
  requestId: z.string(),
  state: z.string(),
  outcome: z.string().nullable(),
  eventHash: z.string().nullable(),
  logged: z.boolean(),
});
export type Status = z.infer<typeof Status>;

export async function statusOf(client: Client, requestId: string): Promise<Status> {
  const status = await client.json(`/requests/${requestId}/status`, Status);
  if (!status.ok) throw new Refused(status.problems);
  return status.value;
}

const AT_REST = ['sealed', 'needsRationale', 'voting'];

/** Until it is sealed or waits for people. Asks again a few times a second; automated promotions take less than one. */
export async function settled(client: Client, requestId: string, rest: readonly string[] = AT_REST): Promise<Status> {
  for (let turn = 0; turn < 200; turn++) {
    const status = await statusOf(client, requestId);
    // A gate may ask for the log's proof, so what is sealed is waited for until it is in the log too: milliseconds later.
    if (rest.includes(status.state) && (status.state !== 'sealed' || status.logged)) return status;
    await sleep(Math.min(20 + turn * 10, 500));
  }
  const text = `${requestId} did not come to rest within a minute and a half; the server's log says why`;
  throw new InfrastructureError(text, { retryable: true });
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

/** `server`: where people open it. */
export function statusText(status: Status, server: string): string {
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
  if (status.state === 'needsRationale')
    lines.push(
      'waits for a written rationale: who does not decide it signs in and opens',
      `  ${server}/requests/${status.requestId}`,
    );
  for (const one of told.outstanding) lines.push(`waits for ${one.missing} ${one.role} of ${one.from}`);
  if (status.eventHash) lines.push(`event ${status.eventHash}`);
  return lines.join('\n');
}
