// What stands against a line now: drift findings that no approval by people has answered, and the owner's suspension. Rows
// point; each record is opened and its signature checked, so that an edited row can block a line but never free it.
import type { EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import type { Predicate } from './domain/event/statement.ts';
import { isAbsent } from './domain/event/statement.ts';
import { keys, StandingRow } from './domain/rows.ts';
import type { DriftFinding, Suspension } from './domain/standing.ts';
import { envelopeKey } from './domain/vault-keys.ts';
import type { Row, Vault, World } from './ports.ts';
import { isOurs, openStored } from './sealed.ts';

export type StandingRecord = { readonly event: EventHash; readonly record: DriftFinding | Suspension };

export type Standing = {
  /** Not answered yet, by hash. */
  readonly drift: readonly { readonly event: EventHash; readonly record: DriftFinding }[];
  /** The last word of the owner, whatever it says; null when there is none. */
  readonly suspension: { readonly event: EventHash; readonly record: Suspension } | null;
};

type Reader = Pick<World, 'vault' | 'index' | 'signer'>;

/** What lifts a promotion: sorted, so that the same facts are the same bytes. */
export const standingHashes = ({ drift, suspension }: Standing): EventHash[] => [
  ...drift.map(({ event }) => event),
  ...(suspension?.record.state === 'suspended' ? [suspension.event] : []),
];

export async function standingOf(world: Reader, line: string, environment: string): Promise<Standing> {
  const rows = await world.index.list(keys.headPk(line, environment));
  const named = (prefix: string) => rows.filter(({ key }) => key.sk.startsWith(prefix));
  const drift: { event: EventHash; record: DriftFinding }[] = [];
  for (const row of named('drift#')) {
    const event = eventOf(row);
    if (await isAnswered(world, { line, environment, event }, rows)) continue;
    const record = await ours(world, event, 'record');
    if (record.kind !== 'driftFinding' || !isOn(record, line, environment)) throw lying(event);
    drift.push({ event, record });
  }
  return { drift: drift.sort((a, b) => (a.event < b.event ? -1 : 1)), suspension: await lastWord(world, line, environment) };
}

/** Each suspension and resumption follows one before it; the last of them is what holds. */
async function lastWord(world: Reader, line: string, environment: string): Promise<Standing['suspension']> {
  for (let last: Standing['suspension'] = null; ; ) {
    const before = last?.event ?? null;
    const row = await world.index.get(keys.suspension(line, environment, before));
    if (row === undefined) return last;
    const event = eventOf(row);
    const record = await ours(world, event, 'record');
    const follows = record.kind === 'suspension' && isOn(record, line, environment) && record.previous === before;
    if (!follows) throw lying(event);
    last = { event, record };
  }
}

type Finding = { readonly line: string; readonly environment: string; readonly event: EventHash };

/** Ended by an approval by people that names it, and by nothing else. */
async function isAnswered(world: Reader, { line, environment, event }: Finding, rows: readonly Row[]): Promise<boolean> {
  const key = keys.answered(line, environment, event);
  const row = rows.find(({ key: { sk } }) => sk === key.sk);
  if (row === undefined) return false;
  const by = eventOf(row);
  const promotion = await ours(world, by, 'event');
  const answers =
    promotion.kind === 'promotion' &&
    promotion.outcome === 'approved' &&
    isOn(promotion.scope, line, environment) &&
    !isAbsent(promotion.routing) &&
    promotion.routing.path !== 'automated' &&
    promotion.lineage.answers?.includes(event);
  if (!answers) throw lying(by);
  return true;
}

const eventOf = (row: Row): EventHash => StandingRow.parse(row.body).event;

const isOn = (of: { line: string; environment: string }, line: string, environment: string): boolean =>
  of.line === line && of.environment === environment;

const lying = (event: EventHash) =>
  new InfrastructureError(`a row names ${event} for what it does not say`, { retryable: false });

async function ours(world: Reader, event: EventHash, what: 'event' | 'record'): Promise<Predicate> {
  const key = envelopeKey(event, what === 'event' ? 'approved' : null);
  const { envelope, predicate } = openStored(event, await world.vault.get(key));
  if (!isOurs(world.signer, envelope)) throw new InfrastructureError(`${event} was not sealed here`, { retryable: false });
  return predicate;
}

/** The records themselves by their hashes, as a request froze them: all that a comparison, a plan or a replay needs. */
export async function readStanding(
  vault: Pick<Vault, 'get'>,
  hashes: readonly EventHash[],
): Promise<readonly StandingRecord[]> {
  const read = async (event: EventHash): Promise<StandingRecord> => {
    const { predicate } = openStored(event, await vault.get(envelopeKey(event, null)));
    if (predicate.kind !== 'driftFinding' && predicate.kind !== 'suspension') throw lying(event);
    return { event, record: predicate };
  };
  return Promise.all(hashes.map(read));
}
