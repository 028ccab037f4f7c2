import { z } from 'zod';
import { Actor, Auth, sameActor } from './actor.ts';
import { canonicalDigest } from './canonical.ts';
import { Digest, EventHash } from './digest.ts';
import { missingSeats } from './quorum.ts';
import { type Problem, problem } from './result.ts';
import { Decision, Group } from './routing.ts';
import { isFresh } from './step-up.ts';
import { Instant, Name, prose } from './text.ts';

// Ending the active version of a line in an environment, without a successor (R65).

export const ARCHIVE = 'I propose that this version ends here and nothing replaces it';
export const CONSENT = 'I approve that this version ends, on the page named here';

/** What somebody asks for. `from`: the version they mean; another one active now is a refusal, never a surprise. */
export const ArchiveTerms = z.strictObject({ line: Name, environment: Name, from: EventHash, reason: prose(20, 5000) });
export type ArchiveTerms = z.infer<typeof ArchiveTerms>;

/** Frozen before anybody is asked: who must approve follows from the line and its tier in `pack`. */
export const ArchiveProposal = ArchiveTerms.extend({
  schema: z.literal('archive-proposal/v0'),
  pack: Digest,
  tier: z.enum(['high', 'medium', 'low']),
  groups: z.array(Group).min(1),
  /** As on a promotion of that path; not in proposals from before decision 0021. */
  stepUpMinutes: Decision.shape.stepUpMinutes,
  meaning: z.literal(ARCHIVE),
  actor: Actor,
  auth: Auth,
  at: Instant,
  expiresAt: Instant,
});
export type ArchiveProposal = z.infer<typeof ArchiveProposal>;

export const ArchiveConsent = z.strictObject({
  schema: z.literal('archive-consent/v0'),
  /** Digests of the proposal's bytes and of the page that was shown. */
  proposal: Digest,
  screen: Digest,
  meaning: z.literal(CONSENT),
  actor: Actor,
  auth: Auth,
  servedAt: Instant,
  at: Instant,
});
export type ArchiveConsent = z.infer<typeof ArchiveConsent>;

/** Without the time: the same wish of the same person is the same proposal. `attempt` counts those that ran out before. */
export const archiveIdOf = ({ line, environment, from, reason }: ArchiveTerms, { iss, sub }: Actor, attempt: number): Digest =>
  canonicalDigest(['archive/v1', line, environment, from, reason, iss, sub, attempt]);

type Act = { readonly actor: Actor; readonly auth: Auth };
type Asked = Pick<ArchiveProposal, 'groups' | 'actor'>;

/** Somebody who may approve it. Used before anything is written and again by every verifier. */
export function problemsOfConsent({ groups, actor: proposer }: Asked, { actor, auth }: Act): Problem[] {
  if (actor.kind !== 'person') return [problem('PERSON_ONLY', '', 'an archive is approved by people')];
  const seated = groups.some(({ role, from }) => auth.roles.includes(`${role}@${from}`));
  const asked = groups.map(({ role, from }) => `${role}@${from}`).join(', ');
  return [
    ...(seated ? [] : [problem('NOT_YOURS', '', `asked are ${asked}`)]),
    ...(sameActor(actor, proposer) ? [problem('SEPARATION', '', 'you proposed it')] : []),
  ];
}

type Consented = Act & { readonly screen: Digest; readonly servedAt: Instant; readonly at: Instant };

type Frozen = Asked & Pick<ArchiveProposal, 'expiresAt' | 'at'> & { readonly stepUpMinutes?: number | undefined };

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
  const missing = missingSeats(proposal.groups, consents);
  return missing.length === 0 ? undefined : `${missing.map((seat) => `${seat.missing} ${seat.role}`).join(', ')} missing`;
}
