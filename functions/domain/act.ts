import { z } from 'zod';
import { Actor, Auth, sameActor } from './actor.ts';
import { canonicalDigest } from './canonical.ts';
import { Digest, EventHash } from './digest.ts';
import { holdsEntry } from './line.ts';
import { type MissingSeats, missingSeats } from './quorum.ts';
import { type Problem, problem } from './result.ts';
import { Decision, Group } from './routing.ts';
import { isFresh } from './step-up.ts';
import { Instant, Label, Name, prose } from './text.ts';

// What people do together to what runs in an environment, beside promotions: one proposes, others approve over a frozen page.

/** The same words for everybody, so that nobody can say they meant less. */
export const MEANINGS = {
  archive: {
    proposed: 'I propose that this version ends here and nothing replaces it',
    approved: 'I approve that this version ends, on the page named here',
  },
  rollback: {
    proposed: 'I propose that the version named here, which was active before, runs again',
    approved: 'I approve that the version on the page named here runs again',
  },
  revocation: {
    proposed: 'I propose that this approval is taken back for ever',
    approved: 'I approve that the approval on the page named here is taken back for ever',
  },
  breakGlass: {
    proposed: 'I propose that these bytes run without an approval, for the hours named here',
    approved: 'I answer for it that the bytes on the page named here run without an approval, for the hours named there',
  },
} as const;

const what = z.enum(['archive', 'rollback', 'revocation', 'breakGlass']);
export type ActKind = z.infer<typeof what>;

const said = { line: Name, environment: Name, reason: prose(20, 5000) };

/** `from`: the version they mean; another one active now is a refusal, never a surprise. */
const Archive = z.strictObject({ what: z.literal('archive'), ...said, from: EventHash });
const Rollback = z.strictObject({ what: z.literal('rollback'), ...said, from: EventHash.nullable(), to: EventHash });
/** `to`: what replaces it if it is the active one; null leaves nothing active. */
const Revocation = z.strictObject({ what: z.literal('revocation'), ...said, event: EventHash, to: EventHash.nullable() });
/** The longest that bytes may run on nothing but two people's word. */
const MAX_HOURS = 72;
const BreakGlassTerms = z.strictObject({
  what: z.literal('breakGlass'),
  ...said,
  root: Digest,
  manifest: Digest,
  hours: z.int().min(1).max(MAX_HOURS),
});

/** What somebody asks for. */
export const ActTerms = z.discriminatedUnion('what', [Archive, Rollback, Revocation, BreakGlassTerms]);
export type ActTerms = z.infer<typeof ActTerms>;

/** Who must approve: it follows from the act, the line, its tier and who proposes (act-asked.ts). */
const asked = {
  tier: z.enum(['high', 'medium', 'low']),
  groups: z.array(Group).min(1),
  /** One of these seats is enough. */
  any: z.literal(true).optional(),
  /** Who proposed may hold the seat: the line lets somebody on call do it alone. */
  alone: z.literal(true).optional(),
  /** Who holds the seat OWNER_SEAT. */
  owner: z.strictObject({ iss: Label, sub: Label }).optional(),
  /** As on a promotion of that path; not in proposals from before decision 0021. */
  stepUpMinutes: Decision.shape.stepUpMinutes,
};
const Asked = z.strictObject(asked);
export type Asked = z.infer<typeof Asked>;

const frozen = {
  schema: z.literal('act-proposal/v0'),
  pack: Digest,
  ...asked,
  meaning: z.enum(Object.values(MEANINGS).map(({ proposed }) => proposed)),
  actor: Actor,
  auth: Auth,
  at: Instant,
  expiresAt: Instant,
};

/** Frozen before anybody is asked. */
export const ActProposal = z.discriminatedUnion('what', [
  Archive.extend(frozen),
  Rollback.extend(frozen),
  Revocation.extend(frozen),
  BreakGlassTerms.extend(frozen),
]);
export type ActProposal = z.infer<typeof ActProposal>;

const Meaning = z.enum(Object.values(MEANINGS).map(({ approved }) => approved));

export const ActConsent = z.strictObject({
  schema: z.literal('act-consent/v0'),
  /** Digests of the proposal's bytes and of the page that was shown. */
  proposal: Digest,
  screen: Digest,
  meaning: Meaning,
  actor: Actor,
  auth: Auth,
  servedAt: Instant,
  at: Instant,
});
export type ActConsent = z.infer<typeof ActConsent>;

/** What is sealed of every such act. */
const agreed = {
  scope: z.strictObject({ line: Name, environment: Name }),
  reason: said.reason,
  pack: Digest,
  ...asked,
  proposed: z.strictObject({ record: Digest, meaning: frozen.meaning, actor: Actor, auth: Auth, at: Instant }),
  screen: Digest,
  approvals: z
    .array(
      z.strictObject({
        record: Digest,
        meaning: Meaning,
        actor: Actor,
        auth: Auth,
        servedAt: Instant,
        at: Instant,
        signature: z.literal('not signed by the approver'),
      }),
    )
    .min(1),
  expiresAt: Instant,
  at: Instant,
};

/** The entry of the ledger before this one; null at the first. */
const previous = EventHash.nullable();

/** The active version ends (`to` null), or another one that was active before runs again (R58, R59, R65). */
export const Transition = z.strictObject({
  kind: z.literal('transition'),
  from: EventHash.nullable(),
  to: EventHash.nullable(),
  previous,
  ...agreed,
});
export type Transition = z.infer<typeof Transition>;

/** An approval taken back. `active`: it was the active version, and `to` is what replaces it. */
export const RevocationRecord = z.strictObject({
  kind: z.literal('revocation'),
  event: EventHash,
  to: EventHash.nullable(),
  active: z.boolean(),
  previous,
  ...agreed,
});
export type RevocationRecord = z.infer<typeof RevocationRecord>;

/** Bytes that may run without an approval, for a while; nothing becomes active by it. */
export const BreakGlass = z.strictObject({
  kind: z.literal('breakGlass'),
  root: Digest,
  manifest: Digest,
  hours: BreakGlassTerms.shape.hours,
  until: Instant,
  ...agreed,
});
export type BreakGlass = z.infer<typeof BreakGlass>;

export type Agreed = Transition | RevocationRecord | BreakGlass;

/** What was asked for, said again from what was sealed. */
export function termsOf(act: Agreed): ActTerms {
  const { scope, reason } = act;
  const by = { ...scope, reason };
  if (act.kind === 'breakGlass') {
    const { root, manifest, hours } = act;
    return { what: 'breakGlass', ...by, root, manifest, hours };
  }
  if (act.kind === 'revocation') return { what: 'revocation', ...by, event: act.event, to: act.to };
  if (act.to !== null) return { what: 'rollback', ...by, from: act.from, to: act.to };
  return { what: 'archive', ...by, from: EventHash.parse(act.from) };
}

/** Of whatever carries it: who is asked, and nothing else. */
export const askedIn = ({ tier, groups, any, alone, owner, stepUpMinutes }: Asked): Asked => ({
  tier,
  groups,
  ...(any ? { any } : {}),
  ...(alone ? { alone } : {}),
  ...(owner ? { owner } : {}),
  ...(stepUpMinutes === undefined ? {} : { stepUpMinutes }),
});

/** Without the time: the same wish of the same person is the same proposal. `attempt` counts those that ran out before. */
export const actIdOf = (terms: ActTerms, { iss, sub }: Actor, attempt: number): Digest =>
  canonicalDigest(['act/v1', terms, iss, sub, attempt]);

type Act = { readonly actor: Actor; readonly auth: Auth };

/** The seat of the register's own entry. No provider gives it: whoever holds the entry has it. */
export const OWNER_GROUP: Group = { role: 'owner-of-record', min: 1, from: 'this-line' };
const OWNER_SEAT = `${OWNER_GROUP.role}@${OWNER_GROUP.from}`;

const seatsOf = ({ owner }: Pick<Asked, 'owner'>, { actor, auth }: Act): string[] => [
  ...auth.roles.filter((role) => role !== OWNER_SEAT),
  ...(owner !== undefined && holdsEntry(owner, { actor, auth }) ? [OWNER_SEAT] : []),
];

type Wanted = Pick<Asked, 'groups' | 'any' | 'alone' | 'owner'>;

const isSeated = (wanted: Wanted, person: Act): boolean => {
  const seats = seatsOf(wanted, person);
  return wanted.groups.some(({ role, from }) => seats.includes(`${role}@${from}`));
};

/** Which seats nobody has filled. */
export function missingFor(wanted: Wanted, approvers: readonly Act[]): MissingSeats[] {
  if (!wanted.any)
    return missingSeats(
      wanted.groups,
      approvers.map((one) => ({ actor: one.actor, auth: { roles: seatsOf(wanted, one) } })),
    );
  return approvers.some((one) => isSeated(wanted, one)) ? [] : wanted.groups.map((group) => ({ ...group, missing: 1 }));
}

/** Somebody who may approve it. Used before anything is written and again by every verifier. */
export function problemsOfConsent(wanted: Wanted & { readonly actor: Actor }, person: Act): Problem[] {
  if (person.actor.kind !== 'person') return [problem('PERSON_ONLY', '', 'it is approved by people')];
  const names = wanted.groups.map(({ role, from }) => `${role}@${from}`).join(', ');
  return [
    ...(isSeated(wanted, person) ? [] : [problem('NOT_YOURS', '', `asked are ${names}`)]),
    ...(sameActor(person.actor, wanted.actor) && !wanted.alone ? [problem('SEPARATION', '', 'you proposed it')] : []),
  ];
}

type Consented = Act & { readonly screen: Digest; readonly servedAt: Instant; readonly at: Instant };

type Frozen = Wanted & Pick<ActProposal, 'actor' | 'expiresAt' | 'at'> & { readonly stepUpMinutes?: number | undefined };

/** What is wrong with a set of consents as an approval of this proposal; undefined when the quorum is there. */
export function flawOf(proposal: Frozen, screen: Digest, consents: readonly Consented[]) {
  for (const consent of consents) {
    const [refused] = problemsOfConsent(proposal, consent);
    if (refused !== undefined) return refused.detail;
    if (consent.screen !== screen) return 'a consent is over another page';
    if (!isFresh(proposal.stepUpMinutes, consent.auth, consent.at)) return 'a consent on a sign-in that was too old';
    const inOrder = proposal.at <= consent.servedAt && consent.servedAt <= consent.at && consent.at < proposal.expiresAt;
    if (!inOrder) return 'a consent stands outside the order proposed, served, approved, expired';
  }
  const missing = missingFor(proposal, consents);
  return missing.length === 0 ? undefined : `${missing.map((seat) => `${seat.missing} ${seat.role}`).join(', ')} missing`;
}
