// Which vault objects an auditor needs to verify and replay one event without us.
import { readPromotion, type StoredEvent } from './baseline.ts';
import type { Agreed } from './domain/act.ts';
import { ApprovalRequest } from './domain/approval-request.ts';
import type { Diff } from './domain/diff.ts';
import type { Digest, EventHash } from './domain/digest.ts';
import { isAbsent, isAct, type PolicyActivation, type Promotion } from './domain/event/statement.ts';
import { versionsOf } from './domain/event/verify-act.ts';
import { stagesOf, standingIn } from './domain/named-events.ts';
import { PACK_FILES } from './domain/pack-files.ts';
import { parseBytes } from './domain/parse.ts';
import { PromotionRequest, vaultDigestsOf } from './domain/request.ts';
import { blobKey, envelopeKey, packKey, saidKey, voteObjectKey } from './domain/vault-keys.ts';
import { lineageOf } from './lineage.ts';
import type { Vault } from './ports.ts';
import { readBlob, readJsonBlob } from './store.ts';

/** A vault, or the pack that was made from one. */
type Store = { readonly vault: Pick<Vault, 'get'> };

/** Keys in the vault, sorted; the event's own envelope first. */
export async function exportKeys(store: Store, event: Pick<StoredEvent, 'key' | 'predicate'>): Promise<string[]> {
  const { predicate } = event;
  if (predicate.kind === 'policyActivation') return [event.key, ...activationKeys(predicate)];
  if (isAct(predicate)) return [event.key, ...(await actKeys(store, predicate))];
  if (predicate.kind === 'driftFinding') return [event.key, blobKey(predicate.report), blobKey(predicate.auth.jwk)];
  if (predicate.kind === 'keyChange' && predicate.change.what === 'compromise')
    return [event.key, ...predicate.change.people.map(({ auth }) => blobKey(auth.jwk))];
  if (predicate.kind === 'suspension') return [event.key, blobKey(predicate.auth.jwk)];
  if (predicate.kind === 'intentTransition') return [event.key, envelopeKey(predicate.intent.target, 'approved')];
  if (predicate.kind === 'thaw')
    return [event.key, ...[predicate.freeze, ...predicate.intents].map((one) => envelopeKey(one, null))];
  if (predicate.kind !== 'promotion') return [event.key];
  const keys = new Set<string>(await keysOf(store, predicate));
  for (const hash of baselinesOf(predicate)) {
    const { promotion } = await readPromotion(store.vault, hash);
    keys.add(`events/${hash.slice('sha256:'.length)}.dsse.json`);
    // Replay compares again: it needs what the baselines sealed of themselves, but not their votes and screens.
    for (const key of await comparedKeys(store, promotion)) keys.add(key);
  }
  for (const hash of predecessorsOf(predicate)) {
    const { promotion } = await readPromotion(store.vault, hash);
    keys.add(envelopeKey(hash, 'approved'));
    if (!isAbsent(promotion.request)) keys.add(blobKey(promotion.request.payload));
  }
  for (const key of await historyKeys(store, predicate)) keys.add(key);
  keys.delete(event.key);
  return [event.key, ...[...keys].sort()];
}

const baselinesOf = ({ lineage }: Promotion): EventHash[] => [
  ...new Set([lineage.incumbent, lineage.lastHumanApproved].filter((hash) => hash !== null)),
];

/** The same model in the stage before: replay asks its event whether that is true. */
const predecessorsOf = ({ diff }: Promotion): EventHash[] =>
  isAbsent(diff) ? [] : stagesOf(diff as Diff).map(({ event }) => event);
/** What replay counts and reads again: the events back to the last approval by people, and the records that stood. */
async function historyKeys({ vault }: Store, { scope, lineage, diff }: Promotion): Promise<string[]> {
  const walked = await lineageOf({ vault }, { ...scope, incumbent: lineage.incumbent });
  const stood = isAbsent(diff) ? [] : standingIn(diff as Diff);
  return [
    ...(walked?.events ?? []).map((hash) => envelopeKey(hash, 'approved')),
    ...stood.map((hash) => envelopeKey(hash, null)),
  ];
}

const packKeys = (pack: Digest): string[] => ['manifest.json', ...PACK_FILES].map((file) => packKey(pack, file));

/** What people were shown and said, the events of the versions it is about, and the policy that says who had to be asked. */
async function actKeys({ vault }: Store, act: Agreed): Promise<string[]> {
  const { pack, proposed, screen, approvals } = act;
  const people = [proposed, ...approvals];
  const data = ['manifest.json', 'data.json'].map((file) => packKey(pack, file));
  const versions = versionsOf(act).map(async (event) => {
    const approved = envelopeKey(event, 'approved');
    // A break-glass that is taken back lies among the records.
    return (await vault.get(approved)) === undefined ? envelopeKey(event, null) : approved;
  });
  const signIns = people.map(({ auth }) => blobKey(auth.jwk));
  return [
    ...new Set([
      ...(await Promise.all(versions)),
      ...data,
      blobKey(screen),
      ...people.map(({ record }) => saidKey(record)),
      ...signIns,
    ]),
  ].sort();
}

/** The release with its signature, and what its two people froze. */
function activationKeys({ pack, files, change }: PolicyActivation): string[] {
  const people = change === undefined || isAbsent(change) ? [] : change.approvals;
  const whatIf = change === undefined || isAbsent(change) || change.whatIf === null ? [] : [change.whatIf];
  const blobs = [...people.map(({ auth }) => auth.jwk), ...whatIf];
  const words = people.map(({ record }) => saidKey(record));
  const own = ['manifest.json', ...Object.keys(files)].map((file) => packKey(pack, file));
  return [...new Set([...own, ...words, ...blobs.map(blobKey)])].sort();
}

async function keysOf(store: Store, promotion: Promotion): Promise<string[]> {
  const { request, approvals, routing } = promotion;
  const own = isAbsent(request)
    ? []
    : [request.screen, request.approvalRequest]
        .filter((digest) => !isAbsent(digest))
        .map((digest) => blobKey(digest as Digest));
  const people = isAbsent(approvals) ? [] : approvals.filter((approval) => approval.kind === 'person');
  const signIns = isAbsent(approvals) ? [] : approvals.map((approval) => blobKey(approval.auth.jwk));
  const author = await authorKey(store, promotion);
  return [
    ...own,
    ...author,
    ...(isAbsent(request) ? [] : [blobKey(request.requester.auth.jwk)]),
    ...people.map((person) => voteObjectKey(person.voteKey)),
    ...signIns,
    ...(isAbsent(routing) ? [] : packKeys(routing.pack)),
    ...(await statedKeys(store, promotion)),
  ];
}

/** The key that verified the sign-in of who wrote the rationale: verified like the voters'. */
async function authorKey({ vault }: Store, { request }: Promotion): Promise<string[]> {
  if (isAbsent(request) || isAbsent(request.approvalRequest)) return [];
  const { rationale } = await readJsonBlob(vault, request.approvalRequest, ApprovalRequest);
  return rationale === null ? [] : [blobKey(rationale.auth.jwk)];
}

/** The request's bytes and everything they name. */
async function statedKeys(store: Store, { request }: Promotion): Promise<string[]> {
  if (isAbsent(request)) return [];
  const parsed = parseBytes(PromotionRequest, await readBlob(store.vault, request.payload));
  const named = parsed.ok ? vaultDigestsOf(parsed.value).map(({ digest }) => blobKey(digest)) : [];
  return [blobKey(request.payload), ...named];
}

async function comparedKeys(store: Store, promotion: Promotion): Promise<string[]> {
  const { request } = promotion;
  if (isAbsent(request)) return [];
  const parsed = parseBytes(PromotionRequest, await readBlob(store.vault, request.payload));
  const stated = parsed.ok ? parsed.value : undefined;
  const named = [...(stated?.profiles ?? []), ...(stated?.predictions ? [stated.predictions] : [])];
  return [blobKey(request.payload), ...named.map(blobKey)];
}
