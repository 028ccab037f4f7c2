import { z } from 'zod';
import { EXIT, type Exit, say } from '../output.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

/** A custodian's word, with a token of their own in COUNTERSIGN_TOKEN. It changes nothing by itself. */
export async function accuse(keyid: string, flags: ServerFlags & { readonly since: string }): Promise<Exit> {
  const client = await clientFor(flags);
  const body = JSON.stringify({ keyid, since: flags.since });
  const said = await client.json('/keys/consents', z.object({ people: z.int() }), { method: 'POST', body });
  if (!said.ok) return refuse(said.problems);
  const { people } = said.value;
  say(`${people} of 2 people say that ${keyid} was stolen at ${flags.since}`);
  if (people >= 2) say(`stop the server, then: countersign keys compromise ${keyid} --since ${flags.since} --reason …`);
  return EXIT.yes;
}
