// A line's state, and its owner's stop of the automated path.
import { z } from 'zod';
import { EventHash } from '../../functions/domain/digest.ts';
import { EXIT, type Exit, json, say } from '../output.ts';
import { sendAsPerson } from './by-person.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

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
    `${name}/${environment}`,
    `active: ${incumbent ?? 'nothing'}`,
    `automated promotions since people last approved: ${automatedSinceHuman ?? 'none'}`,
    automatedPath(suspended, standing.length > 0),
    ...drift,
  ].join('\n');
}

export async function setState(
  name: string,
  state: 'suspended' | 'resumed',
  { server, environment, reason, json: asJson }: LineFlags & { readonly reason: string },
): Promise<Exit> {
  const page = pathOf(name, environment);
  const wish = { page, path: `${page}/suspension`, fields: { state, reason } };
  const sent = await sendAsPerson(server, wish, 'the owner of record');
  if (!sent.ok) return sent.exit;
  const { event } = z.object({ event: EventHash }).parse(sent.value);
  if (asJson) json({ line: name, environment, state, event });
  else say(`${name}/${environment} ${state}: ${event}`);
  return EXIT.yes;
}
