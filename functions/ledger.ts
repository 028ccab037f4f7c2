// Every transition of what is active in one place, from the sealed entries themselves (R58–R60). Rows only point: each entry is
// opened, its hash and our signature checked, and it names the one before it; so whatever was left out or put in breaks the chain.
import { termsOf } from './domain/act.ts';
import { type Actor, handleOf } from './domain/actor.ts';
import type { Digest, EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { isAbsent, isAct, type Predicate } from './domain/event/statement.ts';
import { keys, StandingRow } from './domain/rows.ts';
import type { Instant } from './domain/text.ts';
import { envelopeKey } from './domain/vault-keys.ts';
import type { Vault, World } from './ports.ts';
import { isOurs, openStored } from './sealed.ts';
import { readHead } from './store.ts';

type Place = { readonly line: string; readonly environment: string };
type Who = { readonly kind: Actor['kind']; readonly handle: string; readonly roles: readonly string[] };

export type Entry = {
  readonly event: EventHash;
  readonly what: 'promotion' | 'archive' | 'rollback' | 'revocation' | 'intent';
  readonly at: Instant;
  /** What was active before it, and what is active after it. */
  readonly from: EventHash | null;
  readonly to: EventHash | null;
  /** The version it takes the approval from. */
  readonly revoked: EventHash | null;
  /** The entries before and after this one. */
  readonly previous: EventHash | null;
  readonly next: EventHash | null;
  readonly model: { readonly name: string; readonly version: string; readonly root: Digest } | null;
  readonly reason: string | null;
  readonly by: readonly Who[];
};

/** Bytes that ran without an approval: beside the chain, since nothing became active by them. */
export type BrokenGlass = {
  readonly event: EventHash;
  readonly at: Instant;
  readonly until: Instant;
  readonly root: Digest;
  readonly reason: string;
  readonly by: readonly Who[];
  /** The promotion that approved these bytes since. */
  readonly reviewedBy: EventHash | null;
  /** The act that took it back before its hours were over. */
  readonly takenBackBy: EventHash | null;
  /** It runs no more, and nobody has. */
  readonly owesReview: boolean;
};

export type Ledger = Place & {
  readonly entries: readonly Entry[];
  readonly brokenGlass: readonly BrokenGlass[];
  readonly active: EventHash | null;
  /** Where the chain does not hold; null when it does. */
  readonly broken: string | null;
};

type Reader = Pick<World, 'vault' | 'index' | 'signer'>;

/** `now` says which hours are over; with `asOf` what came later is left out. */
export async function ledgerOf(world: Reader, place: Place, now: Instant, asOf?: Instant): Promise<Ledger> {
  const walked = await walk(world, place);
  const kept = asOf === undefined ? walked.entries : walked.entries.filter(({ at }) => at <= asOf);
  const { entries, glass } = { entries: linked(kept), glass: await brokenGlassOf(world, place) };
  const then = asOf === undefined || asOf > now ? now : asOf;
  const brokenGlass = glass.filter(({ at }) => at <= then).map((one) => judged(one, entries, then));
  return { ...place, entries, brokenGlass, active: entries.at(-1)?.to ?? null, broken: walked.broken };
}

type Walked = { readonly entries: readonly Entry[]; readonly broken: string | null };

async function walk(world: Reader, { line, environment }: Place): Promise<Walked> {
  const entries: Entry[] = [];
  const { head } = await readHead(world.index, line, environment);
  for (;;) {
    const last = entries.at(-1);
    const row = await world.index.get(keys.entry(line, environment, last?.event ?? null));
    if (row === undefined) {
      const ends = (head.last ?? null) === (last?.event ?? null) && (last === undefined || head.incumbent === last.to);
      return { entries, broken: ends ? null : `it ends at ${last?.event ?? 'nothing'}, but the head stands at ${head.last}` };
    }
    const { event } = StandingRow.parse(row.body);
    const entry = await entryAt(world, event, last?.to ?? null);
    if (typeof entry === 'string') return { entries, broken: entry };
    const { predicate: _, scope, ...told } = entry;
    const follows = told.previous === (last?.event ?? null);
    // What was sealed before there was a ledger may be active when it begins.
    const fits = last === undefined || told.from === last.to;
    if (!follows || !fits || scope.line !== line || scope.environment !== environment)
      return { entries, broken: `${event} does not follow ${last?.event ?? 'the beginning'}` };
    if (entries.some((one) => one.event === event)) return { entries, broken: `${event} stands twice` };
    entries.push(told);
  }
}

type Opened = Entry & { readonly scope: Place; readonly predicate: Predicate };

async function entryAt(world: Reader, event: EventHash, active: EventHash | null): Promise<Opened | string> {
  const predicate = await opened(world, event);
  if (typeof predicate === 'string') return predicate;
  const entry = entryIn(predicate, event, active);
  return entry ?? `${event} is no transition`;
}

/** The event of that hash, ours and unchanged; a text says why not. */
async function opened({ vault, signer }: { vault: Pick<Vault, 'get'>; signer: World['signer'] }, event: EventHash) {
  const envelope = (await vault.get(envelopeKey(event, 'approved'))) ?? (await vault.get(envelopeKey(event, null)));
  if (envelope === undefined) return `${event} is not in the vault`;
  try {
    const { predicate } = openStored(event, envelope);
    return isOurs(signer, envelope) ? predicate : `${event} was not sealed here`;
  } catch (error) {
    if (error instanceof InfrastructureError) return `${event} was changed`;
    throw error;
  }
}

/** What a sealed event says of the active version; undefined when it says nothing. `active`: before it. */
function entryIn(predicate: Predicate, event: EventHash, active: EventHash | null): Opened | undefined {
  if (predicate.kind === 'promotion') {
    const { outcome, scope, lineage, model, approvals, times } = predicate;
    if (outcome !== 'approved' || lineage.previous === undefined) return undefined;
    const named = isAbsent(model) ? null : { name: model.name, version: model.version, root: model.root };
    const moved = { from: lineage.incumbent, to: event, revoked: null, previous: lineage.previous, next: null };
    const by = isAbsent(approvals) ? [] : approvals.map(who);
    return { event, what: 'promotion', at: times.decidedAt, ...moved, model: named, reason: null, by, scope, predicate };
  }
  if (predicate.kind === 'intentTransition') {
    const { from, to, previous, intent, at, scope } = predicate;
    const { kind } = intent.authoriser;
    const by = [{ kind, handle: handleOf(intent.authoriser), roles: [] }];
    const told = { at, from, to, revoked: null, previous, next: null, model: null, reason: intent.reason, by };
    return { event, what: 'intent', ...told, scope, predicate };
  }
  if (!isAct(predicate) || predicate.kind === 'breakGlass') return undefined;
  const { what } = termsOf(predicate);
  const { at, reason, previous, scope, proposed, approvals } = predicate;
  const by = [proposed, ...approvals].map(who);
  const common = { event, what: what as Entry['what'], at, previous, next: null, model: null, reason, by, scope, predicate };
  if (predicate.kind === 'transition') return { ...common, from: predicate.from, to: predicate.to, revoked: null };
  const { event: revoked, active: was, to } = predicate;
  return was ? { ...common, from: revoked, to, revoked } : { ...common, from: active, to: active, revoked };
}

const who = ({ actor, auth }: { readonly actor: Actor; readonly auth: { readonly roles: readonly string[] } }): Who => ({
  kind: actor.kind,
  handle: handleOf(actor),
  roles: auth.roles,
});

const linked = (entries: readonly Entry[]): Entry[] =>
  entries.map((entry, i) => ({ ...entry, next: entries[i + 1]?.event ?? null }));

type Glass = Omit<BrokenGlass, 'reviewedBy' | 'owesReview' | 'takenBackBy'>;

async function brokenGlassOf(world: Reader, { line, environment }: Place): Promise<Glass[]> {
  const rows = await world.index.list(keys.headPk(line, environment), 'glass#');
  const found: Glass[] = [];
  for (const row of rows) {
    const { event } = StandingRow.parse(row.body);
    const predicate = await opened(world, event);
    if (typeof predicate === 'string' || predicate.kind !== 'breakGlass')
      throw new InfrastructureError(`a row names ${event} for what it does not say`, { retryable: false });
    const { at, until, root, reason, proposed, approvals } = predicate;
    found.push({ event, at, until, root, reason, by: [proposed, ...approvals].map(who) });
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
}

function judged(glass: Glass, entries: readonly Entry[], then: Instant): BrokenGlass {
  const review = entries.find(({ what, model, at }) => what === 'promotion' && model?.root === glass.root && at > glass.at);
  const takenBackBy = entries.find(({ revoked }) => revoked === glass.event)?.event ?? null;
  const over = takenBackBy !== null || glass.until <= then;
  return { ...glass, reviewedBy: review?.event ?? null, takenBackBy, owesReview: review === undefined && over };
}
