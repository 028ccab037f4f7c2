// How many promotions in a row went without people, and which the last one with people was: walked along the sealed events,
// since a row that says so could have been edited, and the caps (HIS-002, HIS-003, cumulative PSI) rest on it.
import type { EventHash } from './domain/digest.ts';
import { isAbsent } from './domain/event/statement.ts';
import { envelopeKey } from './domain/vault-keys.ts';
import type { Signer, Vault } from './ports.ts';
import { isOurs, openStored } from './sealed.ts';

export type Lineage = {
  readonly automatedSinceHuman: number | null;
  readonly lastHumanApproved: EventHash | null;
  /** Events walked, the incumbent first. */
  readonly events: readonly EventHash[];
};

type Head = { readonly line: string; readonly environment: string; readonly incumbent: EventHash | null };
type Link = {
  readonly before: EventHash | null;
  readonly byPeople: boolean;
  readonly line: string;
  readonly environment: string;
};
type Source = { readonly vault: Pick<Vault, 'get'>; readonly signer?: Signer };

/** Longer chains are not counted but doubted: no cap that anybody sets is this high. */
const MAX_LINKS = 1000;

/** Links by vault and signer: what a hash names never changes, so what was read once stays true. */
const known = new WeakMap<object, Map<string, Link>>();
const MAX_KNOWN = 10_000;

/** Undefined when the chain cannot be followed to people or to its beginning: then nobody knows, and the committee decides. */
export async function lineageOf(source: Source, head: Head): Promise<Lineage | undefined> {
  if (head.incumbent === null) return { automatedSinceHuman: null, lastHumanApproved: null, events: [] };
  const events: EventHash[] = [];
  let at: EventHash | null = head.incumbent;
  while (at !== null) {
    const link: Link | undefined = await linkOf(source, at);
    if (link === undefined || link.line !== head.line || link.environment !== head.environment) return undefined;
    if (link.byPeople) return { automatedSinceHuman: events.length, lastHumanApproved: at, events: [...events, at] };
    events.push(at);
    if (events.length > MAX_LINKS) return undefined;
    at = link.before;
  }
  return { automatedSinceHuman: events.length, lastHumanApproved: null, events };
}

async function linkOf({ vault, signer }: Source, event: EventHash): Promise<Link | undefined> {
  const ofVault = known.get(vault) ?? new Map<string, Link>();
  known.set(vault, ofVault);
  const name = `${signer?.keyid ?? 'unsigned'} ${event}`;
  const before = ofVault.get(name);
  if (before !== undefined) return before;
  const bytes = await vault.get(envelopeKey(event, 'approved'));
  if (bytes === undefined || (signer !== undefined && !isOurs(signer, bytes))) return undefined;
  const { predicate } = openStored(event, bytes);
  if (predicate.kind !== 'promotion' || predicate.outcome !== 'approved' || isAbsent(predicate.routing)) return undefined;
  const { scope, lineage, routing } = predicate;
  const link = {
    before: lineage.incumbent,
    byPeople: routing.path !== 'automated',
    line: scope.line,
    environment: scope.environment,
  };
  if (ofVault.size >= MAX_KNOWN) ofVault.clear();
  ofVault.set(name, link);
  return link;
}

/**
 * The count to judge by. Null when the chain is in doubt, or when the baseline by people that was compared with is not the one
 * the chain leads to: a later one would hide how far many small steps have gone.
 */
export async function countedSinceHuman(
  source: Source,
  head: Head & { readonly lastHumanApproved: EventHash | null },
): Promise<number | null> {
  const lineage = await lineageOf(source, head);
  return lineage?.lastHumanApproved === head.lastHumanApproved ? lineage.automatedSinceHuman : null;
}
