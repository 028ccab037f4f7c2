import { EXIT, type Exit, json, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';
import { build } from './plan.ts';
import { settled, statusText } from './status.ts';

export type RequestFlags = ServerFlags & {
  readonly manifest: string;
  readonly json?: true;
  readonly wait?: true;
  readonly answers?: readonly string[];
};

/** Freezes the request and announces it. Prints the id; with --wait, follows it until it waits for people or ends. */
export async function request(folder: string, flags: RequestFlags): Promise<Exit> {
  const client = await clientFor(flags);
  const built = await build(folder, flags.manifest, client, flags.answers);
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
  else say(statusText(status, flags.server));
  return status.outcome === null || status.outcome === 'approved' ? EXIT.yes : EXIT.no;
}
