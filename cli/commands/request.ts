import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Client } from '../client.ts';
import { UsageError } from '../embedded.ts';
import { EXIT, type Exit, json, note, paint, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';
import { build } from './plan.ts';
import { statusText } from './show.ts';

export type RequestFlags = ServerFlags & { readonly manifest: string; readonly json?: true; readonly wait?: true };

/** Freezes the request and announces it. Prints the id; with --wait, follows it until it waits for people or ends. */
export async function request(folder: string, flags: RequestFlags): Promise<Exit> {
  const client = await clientFor(flags);
  const built = await build(folder, flags.manifest, client);
  if (!built.ok) return refuse(built.problems);
  const total = built.value.blobs.size;
  let done = 0;
  const sent = await client.submit(built.value, () => {
    done++;
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} objects there${done === total ? '\n' : ''}`);
  });
  if (!sent.ok) return refuse(sent.problems);
  const { requestId, repeated } = sent.value;
  if (!flags.wait) {
    if (flags.json) json(sent.value);
    else say(`${requestId}${repeated ? ' (announced before; this is the same request)' : ''}`);
    return EXIT.yes;
  }
  const status = await settled(client, requestId);
  if (flags.json) json(status);
  else say(statusText(status));
  return status.outcome === null || status.outcome === 'approved' ? EXIT.yes : EXIT.no;
}

export const Status = z.looseObject({
  requestId: z.string(),
  state: z.string(),
  outcome: z.string().nullable(),
  eventHash: z.string().nullable(),
});
export type Status = z.infer<typeof Status>;

async function statusOf(client: Client, requestId: string): Promise<Status> {
  const status = await client.json(`/requests/${requestId}/status`, Status);
  if (!status.ok) {
    note(paint('red', status.problems.map((one) => one.detail).join('; ')));
    throw new Error(`no status of ${requestId}`);
  }
  return status.value;
}

const AT_REST = ['sealed', 'needsRationale', 'voting'];

/** Until it is sealed or waits for people. Asks again a few times a second; automated promotions take less than one. */
export async function settled(client: Client, requestId: string, rest: readonly string[] = AT_REST): Promise<Status> {
  for (let turn = 0; turn < 200; turn++) {
    const status = await statusOf(client, requestId);
    if (rest.includes(status.state)) return status;
    await sleep(Math.min(20 + turn * 10, 500));
  }
  throw new UsageError(`${requestId} did not come to rest within a minute and a half; the server's log says why`);
}
