import { z } from 'zod';
import { RequestId } from '../../functions/domain/request.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { sendAsPerson } from './by-person.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

const Passed = z.object({ requestId: RequestId, returned: z.array(RequestId) });

/** By the owner of record: with their browser's session in COUNTERSIGN_SESSION, or a token of their own in COUNTERSIGN_TOKEN. */
export async function letPass(id: string, flags: ServerFlags & { readonly json?: true }): Promise<Exit> {
  const page = `/requests/${encodeURIComponent(id)}`;
  const path = `${page}/let-pass`;
  if (process.env['COUNTERSIGN_SESSION']) {
    const sent = await sendAsPerson(flags.server, { page, path, fields: {} }, 'the owner of record');
    return sent.ok ? told(Passed.parse(sent.value), flags) : sent.exit;
  }
  const passed = await (await clientFor(flags)).json(path, Passed, { method: 'POST' });
  return passed.ok ? told(passed.value, flags) : refuse(passed.problems);
}

function told(passed: z.infer<typeof Passed>, flags: { readonly json?: true }): Exit {
  if (flags.json) json(passed);
  else {
    say(`${passed.requestId} goes on`);
    for (const other of passed.returned) say(`  returned ${other}: announce it again`);
  }
  return EXIT.yes;
}
