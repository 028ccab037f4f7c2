import { z } from 'zod';
import { EXIT, type Exit, say } from '../output.ts';
import { sendAsPerson } from './by-person.ts';
import { clientFor, refuse, type ServerFlags, SignInNeeded } from './context.ts';

const Told = z.object({ people: z.int() });

/** A custodian's word, in the session of their browser or with a token of their own. It changes nothing by itself. */
export async function accuse(keyid: string, flags: ServerFlags & { readonly since: string }): Promise<Exit> {
  const said = await sayIt({ keyid, since: flags.since }, flags);
  if (!said.ok) return said.exit;
  const { people } = Told.parse(said.value);
  say(`${people} of 2 people say that ${keyid} was stolen at ${flags.since}`);
  if (people >= 2) say(`stop the server, then: countersign keys compromise ${keyid} --since ${flags.since} --reason …`);
  return EXIT.yes;
}

async function sayIt(fields: { readonly keyid: string; readonly since: string }, flags: ServerFlags) {
  const { COUNTERSIGN_SESSION: session, COUNTERSIGN_TOKEN: token } = process.env;
  if (session) return sendAsPerson(flags.server, { page: '/', path: '/keys/consents', fields }, 'a custodian');
  if (!token)
    throw new SignInNeeded(
      'only a custodian may say so: set COUNTERSIGN_SESSION to the cookie countersign_session of your browser',
    );
  const client = await clientFor(flags);
  const said = await client.json('/keys/consents', Told, { method: 'POST', body: JSON.stringify(fields) });
  return said.ok ? said : { ok: false as const, exit: refuse(said.problems) };
}
