import { z } from 'zod';
import { RequestId } from '../../functions/domain/request.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

/** By the owner of record, with a token of their own in COUNTERSIGN_TOKEN. */
export async function letPass(id: string, flags: ServerFlags & { readonly json?: true }): Promise<Exit> {
  const client = await clientFor(flags);
  const answer = z.object({ requestId: RequestId, returned: z.array(RequestId) });
  const passed = await client.json(`/requests/${encodeURIComponent(id)}/let-pass`, answer, { method: 'POST' });
  if (!passed.ok) return refuse(passed.problems);
  if (flags.json) json(passed.value);
  else {
    say(`${passed.value.requestId} goes on`);
    for (const other of passed.value.returned) say(`  returned ${other}: announce it again`);
  }
  return EXIT.yes;
}
