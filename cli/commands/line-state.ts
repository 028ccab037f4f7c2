// A line's state, and its owner's stop of the automated path.
import { z } from 'zod';
import { EventHash } from '../../functions/domain/digest.ts';
import { noAnswer, problemsOf } from '../client.ts';
import { firstForm } from '../demo/sign-in.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { clientFor, needAddress, refuse, type ServerFlags, SignInNeeded } from './context.ts';

type LineFlags = ServerFlags & { readonly environment: string; readonly json?: true };

const Measured = z.object({ what: z.string(), name: z.string().optional(), psi: z.string(), n: z.number() });
const LineStatus = z.looseObject({
  line: z.string(),
  environment: z.string(),
  incumbent: EventHash.nullable(),
  automatedSinceHuman: z.number().nullable(),
  suspended: EventHash.nullable(),
  standing: z.array(z.object({ event: EventHash, at: z.string(), watched: EventHash, measured: z.array(Measured) })),
});

/** Drift that stands sends the next promotion to people as surely as a suspension does, so it is said here too. */
function automatedPath(suspended: string | null, drift: boolean): string {
  if (suspended) return `automated path SUSPENDED by its owner of record: ${suspended}`;
  return drift
    ? 'automated path not suspended; the drift below sends the next promotion to people'
    : 'automated path as the policy decides';
}

const pathOf = (name: string, environment: string) => `/lines/${encodeURIComponent(name)}/${encodeURIComponent(environment)}`;

export async function line(name: string, flags: LineFlags): Promise<Exit> {
  const client = await clientFor(flags);
  const status = await client.json(pathOf(name, flags.environment), LineStatus);
  if (!status.ok) return refuse(status.problems);
  if (flags.json) json(status.value);
  else say(lineText(status.value));
  return EXIT.yes;
}

function lineText({
  line: name,
  environment,
  incumbent,
  automatedSinceHuman,
  suspended,
  standing,
}: z.infer<typeof LineStatus>) {
  const drift = standing.flatMap(({ event, at, measured }) => [
    `drift found at ${at}, not answered: ${event}`,
    ...measured.map((one) => `  ${one.what}${one.name ? ` ${one.name}` : ''}: PSI ${one.psi} on ${one.n} rows`),
  ]);
  return [
    `${name}/${environment}  active ${incumbent ?? 'nothing'}`,
    `automated promotions since people last approved: ${automatedSinceHuman ?? 'none'}`,
    automatedPath(suspended, standing.length > 0),
    ...drift,
  ].join('\n');
}

/**
 * A person's act, so it needs a person's session; a pipeline's token may not do it. The form of the page is fetched and sent, as
 * the browser would.
 */
export async function setState(
  name: string,
  state: 'suspended' | 'resumed',
  { server, environment, reason, json: asJson }: LineFlags & { readonly reason: string },
): Promise<Exit> {
  needAddress(server);
  const session = process.env['COUNTERSIGN_SESSION'];
  const url = `${server.replace(/\/$/, '')}${pathOf(name, environment)}`;
  if (!session) {
    const where = `sign in and do it at ${url}, or set COUNTERSIGN_SESSION to the cookie countersign_session of your browser`;
    throw new SignInNeeded(`only the owner of record may do this: ${where}`);
  }
  const headers = { cookie: `countersign_session=${session}`, origin: new URL(url).origin };
  const ask = (address: string, init: RequestInit) =>
    fetch(address, { ...init, redirect: 'manual' }).catch((error) => {
      throw noAnswer(server, error);
    });
  const page = await ask(url, { headers: { ...headers, accept: 'text/html' } });
  const csrf = firstForm(await page.text())?.fields['csrf'];
  if (page.status === 303 || csrf === undefined) throw new SignInNeeded('that session is over: sign in again');
  const body = new URLSearchParams({ csrf, state, reason });
  const sent = await ask(`${url}/suspension`, { method: 'POST', headers: { ...headers, accept: 'application/json' }, body });
  if (!sent.ok) return refuse(await problemsOf(sent));
  const { event } = z.object({ event: EventHash }).parse(await sent.json());
  if (asJson) json({ line: name, environment, state, event });
  else say(`${name}/${environment} ${state}: ${event}`);
  return EXIT.yes;
}
