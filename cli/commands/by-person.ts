import { cookieName } from '../../functions/http/cookie-name.ts';
import { noAnswer, problemsOf } from '../client.ts';
import { firstForm } from '../demo/sign-in.ts';
import type { Exit } from '../output.ts';
import { needAddress, refuse, SignInNeeded } from './context.ts';

type Sent = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly exit: Exit };

/**
 * A person's act, so it needs a person's session; a pipeline's token may not do it. A page is fetched and its form sent, as the
 * browser would.
 */
export async function sendAsPerson(
  server: string,
  { page, path, fields }: { readonly page: string; readonly path: string; readonly fields: Readonly<Record<string, string>> },
  who: string,
): Promise<Sent> {
  needAddress(server);
  const session = process.env['COUNTERSIGN_SESSION'];
  const base = server.replace(/\/$/, '');
  if (!session) {
    const where = `sign in and do it at ${base}${page}, or set COUNTERSIGN_SESSION to the cookie ${cookieName('session', base)} of your browser`;
    throw new SignInNeeded(`only ${who} may do this: ${where}`);
  }
  const headers = { cookie: `${cookieName('session', base)}=${session}`, origin: new URL(base).origin };
  const ask = (address: string, init: RequestInit) =>
    fetch(address, { ...init, redirect: 'manual' }).catch((error) => {
      throw noAnswer(server, error);
    });
  const shown = await ask(`${base}${page}`, { headers: { ...headers, accept: 'text/html' } });
  const csrf = firstForm(await shown.text())?.fields['csrf'];
  if (shown.status === 303 || csrf === undefined) throw new SignInNeeded('that session is over: sign in again');
  const body = new URLSearchParams({ csrf, ...fields });
  const sent = await ask(`${base}${path}`, { method: 'POST', headers: { ...headers, accept: 'application/json' }, body });
  return sent.ok ? { ok: true, value: await sent.json() } : { ok: false, exit: refuse(await problemsOf(sent)) };
}
