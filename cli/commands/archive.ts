import { z } from 'zod';
import { Digest } from '../../functions/domain/digest.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

type Flags = ServerFlags & { readonly reason: string; readonly event?: string; readonly json?: true };

/** Proposes only. Those who approve do so signed in, over the frozen page; no command speaks for them. */
export async function archive(line: string, environment: string, flags: Flags): Promise<Exit> {
  const client = await clientFor(flags);
  const path = `/lines/${encodeURIComponent(line)}/${encodeURIComponent(environment)}/archive`;
  const from = flags.event === undefined ? {} : { from: flags.event };
  const body = JSON.stringify({ reason: flags.reason, ...from });
  const proposed = await client.json(path, z.object({ act: Digest }), { method: 'POST', body });
  if (!proposed.ok) return refuse(proposed.problems);
  if (flags.json) json(proposed.value);
  else {
    say(`proposal ${proposed.value.act}`);
    say(`  the people of ${line} approve it at\n  ${flags.server.replace(/\/$/, '')}/acts/${proposed.value.act}`);
  }
  return EXIT.yes;
}
