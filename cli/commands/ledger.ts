import { z } from 'zod';
import { Digest, EventHash } from '../../functions/domain/digest.ts';
import { EXIT, type Exit, hanging, json, note, paint, say, table } from '../output.ts';
import { sendAsPerson } from './by-person.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

type Place = ServerFlags & { readonly environment: string; readonly json?: true };

const Told = z.looseObject({
  entries: z.array(
    z.looseObject({
      event: EventHash,
      what: z.string(),
      at: z.string(),
      from: EventHash.nullable(),
      to: EventHash.nullable(),
      reason: z.string().nullable(),
      by: z.array(z.looseObject({ handle: z.string() })),
    }),
  ),
  brokenGlass: z.array(
    z.looseObject({
      event: EventHash,
      root: Digest,
      at: z.string(),
      until: z.string(),
      owesReview: z.boolean(),
      takenBackBy: EventHash.nullable(),
    }),
  ),
  active: EventHash.nullable(),
  broken: z.string().nullable(),
});

const pathOf = (line: string, environment: string) => `/lines/${encodeURIComponent(line)}/${encodeURIComponent(environment)}`;

/** Whole hashes are in --json; seven of their characters less, and no cell of the table breaks. */
const short = (hash: string | null): string => (hash === null ? 'nothing' : `${hash.slice('sha256:'.length, 19)}…`);

const toTheSecond = (at: string): string => at.replace(/\.\d+Z$/, 'Z');

export async function ledger(line: string, flags: Place & { readonly asOf?: string }): Promise<Exit> {
  const client = await clientFor(flags);
  const query = flags.asOf === undefined ? '' : `?as-of=${encodeURIComponent(flags.asOf)}`;
  const told = await client.json(`${pathOf(line, flags.environment)}/ledger${query}`, Told);
  if (!told.ok) return refuse(told.problems);
  const { entries, brokenGlass, active, broken } = told.value;
  if (flags.json) json(told.value);
  else {
    const rows = entries.map(({ at, what, from, to, event, by }) => {
      const people = by.map(({ handle }) => handle).join(', ');
      return [toTheSecond(at), what, short(from), short(to), short(event), people];
    });
    say(entries.length === 0 ? 'no entries' : table(['at', 'what', 'active before', 'active after', 'entry', 'by'], rows));
    for (const { root, at, until, owesReview, takenBackBy } of brokenGlass) {
      const end = takenBackBy === null ? `to ${until}` : `until ${takenBackBy} took it back`;
      say(hanging('ran without an approval  ', `${at} ${end}: ${root}${owesReview ? paint('red', ', owes a review') : ''}`));
    }
    say(`active: ${active ?? 'nothing'}`);
    if (broken !== null) note(`the chain does not hold: ${broken}`);
  }
  return broken === null ? EXIT.yes : EXIT.no;
}

/** Proposes only: no command speaks for those who approve. */
export async function brake(
  path: 'rollback' | 'revocation' | 'break-glass',
  line: string,
  fields: Readonly<Record<string, string>>,
  { server, environment, reason, json: asJson }: Place & { readonly reason: string },
): Promise<Exit> {
  const place = pathOf(line, environment);
  const wish = { page: `${place}/ledger`, path: `${place}/${path}`, fields: { ...fields, reason } };
  const sent = await sendAsPerson(server, wish, 'people of this line');
  if (!sent.ok) return sent.exit;
  const { act } = z.object({ act: Digest }).parse(sent.value);
  if (asJson) json({ act });
  else say(`proposal ${act}\n  it is approved at\n  ${server.replace(/\/$/, '')}/acts/${act}`);
  return EXIT.yes;
}
