import { z } from 'zod';
import { Actor, Auth } from './actor.ts';
import { Digest, digestOf, EventHash, hexOf } from './digest.ts';
import { Rationale, RequestId } from './request.ts';
import { Path } from './routing.ts';
import { Instant, Name } from './text.ts';

// Every fact about a request is one row, written once. The vault holds the bytes; a row holds digests, ids and times.

const Reason = z.strictObject({ code: z.string(), pointer: z.string(), detail: z.string() });

export const OUTCOMES = ['approved', 'rejected', 'refused', 'returned', 'expired', 'superseded', 'withdrawn', 'stale'] as const;
export const Outcome = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof Outcome>;

export const RequestRow = z.strictObject({
  id: RequestId,
  line: Name,
  environment: Name,
  /** Digest of the bytes as received. */
  payload: Digest,
  requester: z.strictObject({ actor: Actor, auth: Auth }),
  receivedAt: Instant,
  comparedWith: z.strictObject({ incumbent: EventHash.nullable(), lastHumanApproved: EventHash.nullable() }),
  /** The pack this request is routed under, for ever (a policy merged mid-review does not re-route it). */
  pack: Digest,
  /** As the head's row said. The count that decides is walked along the sealed events (lineage.ts). */
  automatedSinceHuman: z.int().nullable(),
  /** Stages in which this very model was approved before, as intake found them: frozen, so that later ones change nothing. */
  approvedIn: z.array(z.strictObject({ environment: Name, event: EventHash })).optional(),
  /** Records that stood against the line at that moment; missing in rows from before there were any. */
  standing: z.array(EventHash).optional(),
});
export type RequestRow = z.infer<typeof RequestRow>;

export const ComparisonRow = z.strictObject({ diff: Digest, comparedAt: Instant });
/** `onCall`: policy approves, and somebody acknowledges. Read for the next step only; approval counts by the routing itself. */
export const RoutingRow = z.strictObject({
  routing: Digest,
  path: Path,
  routedAt: Instant,
  onCall: z.literal(true).optional(),
});

export const RationaleRow = Rationale.extend({ author: Actor, auth: Auth, at: Instant });
export type RationaleRow = z.infer<typeof RationaleRow>;

export const ScreenRow = z.strictObject({
  approvalRequest: Digest,
  screen: Digest,
  storedAt: Instant,
  expiresAt: Instant.nullable(),
});
export type ScreenRow = z.infer<typeof ScreenRow>;

export const ServedRow = z.strictObject({ actor: Actor, screen: Digest, servedAt: Instant });

export const VoteRow = z.strictObject({ voteKey: z.string().regex(/^[0-9a-f]{64}$/), vote: Digest, castAt: Instant });
export type VoteRow = z.infer<typeof VoteRow>;

export const DecisionRow = z.strictObject({
  outcome: Outcome,
  decidedAt: Instant,
  /** Vote keys that were counted, sorted. */
  votes: z.array(z.string()),
  reasons: z.array(Reason),
  /** Of an approval: the last entry of the ledger, read with the head that it reserves. */
  previous: EventHash.nullable().optional(),
});
export type DecisionRow = z.infer<typeof DecisionRow>;

export const SealRow = z.strictObject({ eventHash: EventHash, key: z.string() });
export type SealRow = z.infer<typeof SealRow>;

/** The current version of one (line, environment), and who has reserved to replace it. */
export const Head = z.strictObject({
  incumbent: EventHash.nullable(),
  lastHumanApproved: EventHash.nullable(),
  automatedSinceHuman: z.int().nullable(),
  /** A promotion being sealed, or an act. */
  reservedBy: z.union([RequestId, Digest]).nullable(),
  /** The last entry of the ledger; absent before the first. */
  last: EventHash.optional(),
});
export type Head = z.infer<typeof Head>;

export const EMPTY_HEAD: Head = { incumbent: null, lastHumanApproved: null, automatedSinceHuman: null, reservedBy: null };

export const activatedPrefix = (pack: Digest): string => `activated#${hexOf(pack)}#`;

export const linePk = (line: string): string => `LINE#${line}`;
export const approvedRootPrefix = (root: Digest): string => `root#${hexOf(root)}#`;
export const explainedPrefix = (artefact: Digest): string => `explained#${hexOf(artefact)}#`;
/** A version id is free text, so it is hashed before it is part of a key. */
export const versionPrefix = (version: string): string => `version#${hexOf(digestOf(version))}#`;
export const actPk = (id: Digest): string => `ACT#${hexOf(id)}`;
/** `2026-11-21T…` and `2026-11` name the same month. */
export const endedPk = (month: string): string => `ENDED#${month.slice(0, 7)}`;

export const KEYS_SEALED = 'sealed#';
export const keyConsentPrefix = (act: Digest): string => `consent#${hexOf(act)}#`;
/** Rows are listed by their text. */
const inOrder = (version: number): string => String(version).padStart(6, '0');

/** Where a deployment's keys are, oldest first. A hint: what counts is the sealed list of keys. */
export const WhereKeys = z.strictObject({ seal: z.array(z.string()).min(1), log: z.array(z.string()).min(1) });
export type WhereKeys = z.infer<typeof WhereKeys>;

const requestPk = (id: RequestId) => `REQ#${id}`;

const headPk = (line: string, environment: string) => `HEAD#${line}#${environment}`;
const standingKey = (line: string, environment: string, sk: string) => ({ pk: headPk(line, environment), sk });

/** Where each row stands: one place, so that no stage spells a key. */
export const keys = {
  requestPk,
  whereKeys: { pk: 'DEPLOYMENT', sk: 'keys' },
  fact: (id: RequestId, sk: 'request' | 'comparison' | 'routing' | 'rationale' | 'screen' | 'decision' | 'seal') => ({
    pk: requestPk(id),
    sk,
  }),
  served: (id: RequestId, personKey: string) => ({ pk: requestPk(id), sk: `served#${personKey}` }),
  vote: (id: RequestId, voteKey: string) => ({ pk: requestPk(id), sk: `vote#${voteKey}` }),
  headPk,
  head: (line: string, environment: string) => ({ pk: headPk(line, environment), sk: 'head' }),
  /** Beside the head, facts: a drift finding, the promotion that answered it, and the one suspension that follows another. */
  drift: (line: string, environment: string, hash: EventHash) => standingKey(line, environment, `drift#${hexOf(hash)}`),
  answered: (line: string, environment: string, hash: EventHash) => standingKey(line, environment, `answered#${hexOf(hash)}`),
  suspension: (line: string, environment: string, after: EventHash | null) =>
    standingKey(line, environment, `suspension#${after === null ? 'first' : hexOf(after)}`),
  event: (hash: EventHash) => ({ pk: `EVENT#${hash}`, sk: 'event' }),
  open: (id: RequestId) => ({ pk: 'OPEN', sk: id }),
  activation: { pk: 'POLICY', sk: 'active' },
  /** That a pack was activated, and by which event: what the router asks for before it believes a pack. */
  activated: (pack: Digest, event: EventHash) => ({ pk: 'POLICY', sk: `${activatedPrefix(pack)}${hexOf(event)}` }),
  proposal: (id: Digest) => ({ pk: 'POLICY', sk: `proposal#${hexOf(id)}` }),
  /** A fact: each activation has one successor, so two confirmations at once cannot both stand. */
  successor: (of: EventHash) => ({ pk: 'POLICY', sk: `after#${hexOf(of)}` }),
  start: { pk: 'START', sk: 'start' },
  /** Facts of a line that follow from its sealed promotions: which version id was used, and of the approved ones: which model was approved where, which artefact explained what. */
  approvedRoot: (line: string, root: Digest, environment: string, event: EventHash) => ({
    pk: linePk(line),
    sk: `${approvedRootPrefix(root)}${environment}#${hexOf(event)}`,
  }),
  explained: (line: string, artefact: Digest, event: EventHash) => ({
    pk: linePk(line),
    sk: `${explainedPrefix(artefact)}${hexOf(event)}`,
  }),
  version: (line: string, version: string, event: EventHash) => ({
    pk: linePk(line),
    sk: `${versionPrefix(version)}${hexOf(event)}`,
  }),
  act: (id: Digest, sk: 'proposal' | 'decision' | 'seal') => ({ pk: actPk(id), sk }),
  actServed: (id: Digest, personKey: string) => ({ pk: actPk(id), sk: `served#${personKey}` }),
  actConsent: (id: Digest, personKey: string) => ({ pk: actPk(id), sk: `consent#${personKey}` }),
  acting: (id: Digest) => ({ pk: 'ACTING', sk: hexOf(id) }),
  /** That a version was ended by an event, whatever the head says. */
  archived: (event: EventHash) => ({ pk: `EVENT#${event}`, sk: 'archived' }),
  /** That an approval was taken back, whatever the head says. */
  revoked: (event: EventHash) => ({ pk: `EVENT#${event}`, sk: 'revoked' }),
  /** A fact: each entry of the ledger has one successor, so the ledger cannot fork. */
  entry: (line: string, environment: string, after: EventHash | null) =>
    standingKey(line, environment, `entry#${after === null ? 'first' : hexOf(after)}`),
  brokenGlass: (line: string, environment: string, event: EventHash) => standingKey(line, environment, `glass#${hexOf(event)}`),
  /** One row per sealed request, by month, for counting. */
  ended: (decidedAt: Instant, id: RequestId) => ({ pk: endedPk(decidedAt), sk: `${decidedAt}#${id}` }),
  /** Records that are sealed at once (seal/record.ts): what was frozen, and that it is sealed. */
  record: (id: Digest, sk: 'record' | 'seal') => ({ pk: `RECORD#${hexOf(id)}`, sk }),
  unsealedPk: 'UNSEALED',
  unsealed: (id: Digest) => ({ pk: 'UNSEALED', sk: id }),
  /** Lists of keys (keys.json): frozen, then sealed; and what a custodian said of a key. */
  keysPk: 'KEYS',
  keysProposed: (version: number) => ({ pk: 'KEYS', sk: `proposed#${inOrder(version)}` }),
  keysSealed: (version: number) => ({ pk: 'KEYS', sk: `${KEYS_SEALED}${inOrder(version)}` }),
  keyConsent: (act: Digest, personKey: string) => ({ pk: 'KEYS', sk: `${keyConsentPrefix(act)}${personKey}` }),
  /** Sealed, and not in the log yet: written with the event's row, cleared with its leaf's. */
  unlogged: (hash: EventHash) => ({ pk: 'UNLOGGED', sk: hexOf(hash) }),
  leaf: (hash: EventHash) => ({ pk: `EVENT#${hash}`, sk: 'leaf' }),
  logTree: { pk: 'LOG', sk: 'tree' },
  logPublished: { pk: 'LOG', sk: 'published' },
  /** How far the rows follow the journal in the vault (journal.ts). */
  journalEnd: { pk: 'JOURNAL', sk: 'end' },
  cosigned: (witness: string) => ({ pk: 'LOG', sk: `cosigned#${witness}` }),
} as const;

/** `record`: digest of the predicate as it was frozen. */
export const RecordRow = z.strictObject({ id: Digest, record: Digest });
export type RecordRow = z.infer<typeof RecordRow>;

/** `signers`: who has to sign the list, in the order of its signatures. */
export const KeysProposedRow = z.strictObject({ record: Digest, signers: z.array(z.string()).min(1) });
export const KeysSealedRow = z.strictObject({ event: EventHash });
export const KeyConsentRow = z.strictObject({ consent: Digest });

export const OpenRow = z.strictObject({ line: Name, environment: Name, receivedAt: Instant });
/** Found by hash: whose event it is and where its envelope lies. */
export const EventRow = z.strictObject({
  request: RequestId.nullable(),
  key: z.string(),
  kind: z.string(),
  outcome: z.string().nullable(),
});
/** That a record stands, or answers one: the record says what, the row only where. */
export const StandingRow = z.strictObject({ event: EventHash });
export const LeafRow = z.strictObject({ index: z.int().min(0) });
/** What the tree is committed to be: it grew from `from` by these entries (a blob). Its tiles may still have to be written. */
export const LogHeadRow = z.strictObject({ size: z.int(), root: Digest, from: z.int(), entries: Digest });
export type LogHeadRow = z.infer<typeof LogHeadRow>;
/** The largest tree whose tiles and checkpoint are all there. */
export const LogPublishedRow = z.strictObject({ size: z.int(), root: Digest });
/** The largest tree that a witness has cosigned for us. */
export const CosignedRow = z.strictObject({ size: z.int() });
export const StartRow = z.strictObject({ organisation: z.string(), retentionOwner: z.string(), pack: Digest, at: Instant });
export type StartRow = z.infer<typeof StartRow>;
export const ActivationRow = z.strictObject({ pack: Digest, event: EventHash, at: Instant });
export type ActivationRow = z.infer<typeof ActivationRow>;
export const ProposalRow = z.strictObject({ id: Digest, proposal: Digest, previous: EventHash, pack: Digest });
export const SuccessorRow = z.strictObject({
  id: Digest,
  proposal: Digest,
  confirmation: Digest,
  confirmer: Actor,
  at: Instant,
});
export type SuccessorRow = z.infer<typeof SuccessorRow>;

export const ActRow = z.strictObject({
  id: Digest,
  proposal: Digest,
  screen: Digest,
  line: Name,
  environment: Name,
  expiresAt: Instant,
});
export type ActRow = z.infer<typeof ActRow>;
export const ActConsentRow = z.strictObject({ actor: Actor, consent: Digest, at: Instant });
export const ActDecisionRow = z.strictObject({
  consents: z.array(Digest).min(1),
  at: Instant,
  /** As the head said when it was reserved; not with an act that leaves the head alone. */
  head: z.strictObject({ incumbent: EventHash.nullable(), last: EventHash.nullable() }).optional(),
});
export type ActDecisionRow = z.infer<typeof ActDecisionRow>;

export const LineFactRow = z.strictObject({ environment: Name, event: EventHash });
export const EndedRow = z.strictObject({
  id: RequestId,
  line: Name,
  path: Path.nullable(),
  outcome: Outcome,
  /** Committees that were asked. */
  asked: z.array(Name),
  receivedAt: Instant,
  screenStoredAt: Instant.nullable(),
  decidedAt: Instant,
});
export type EndedRow = z.infer<typeof EndedRow>;
