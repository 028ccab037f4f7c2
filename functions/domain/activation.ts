import { z } from 'zod';
import { Actor, Auth, handleOf, sameActor } from './actor.ts';
import { canonicalDigest } from './canonical.ts';
import { Digest, EventHash } from './digest.ts';
import { type Problem, problem } from './result.ts';
import { Instant } from './text.ts';

/** Who may put a policy into force, as the identity provider says it: model risk owns the rules (R52). */
export const POLICY_OWNER = 'policy-owner@model-risk';

/** Version by effect (patch: nothing re-routes, minor: only heavier, major: anything lighter). */
const SemVer = z.string().regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/, 'expected a version such as 1.4.0');

const Author = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\s@]+$/, 'expected the handle or the subject of a person, without spaces; a mail address could never be erased');

/** What somebody proposes to put into force. `authors` wrote the change: handles or subjects. */
export const Terms = z.strictObject({
  pack: Digest,
  version: SemVer,
  commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'expected a full git commit'),
  authors: z.array(Author).min(1).max(50),
  /** Digest of the what-if report that was read; null is sealed as "none was named". */
  whatIf: Digest.nullable(),
});
export type Terms = z.infer<typeof Terms>;

export const PROPOSE = 'I propose to put this policy release into force';
export const CONFIRM = 'I have read this policy release and confirm that it is put into force';

export const Proposal = Terms.extend({
  schema: z.literal('policy-proposal/v0'),
  /** The activation that was in force: whoever confirms, confirms a change from there. */
  previous: EventHash,
  meaning: z.literal(PROPOSE),
  actor: Actor,
  auth: Auth,
  at: Instant,
});
export type Proposal = z.infer<typeof Proposal>;

export const Confirmation = z.strictObject({
  schema: z.literal('policy-confirmation/v0'),
  /** Digest of the proposal's bytes. */
  proposal: Digest,
  meaning: z.literal(CONFIRM),
  actor: Actor,
  auth: Auth,
  at: Instant,
});
export type Confirmation = z.infer<typeof Confirmation>;

/** Without the time: the same person proposing the same thing again is the same proposal. */
export const proposalIdOf = (terms: Terms, previous: EventHash, { iss, sub }: Actor): Digest =>
  canonicalDigest(['policy-proposal/v1', previous, terms, iss, sub]);

type Act = { readonly actor: Actor; readonly auth: Auth };

/** One person who may put a policy into force, and means it. */
export function problemsOfOwner({ actor, auth }: Act): Problem[] {
  if (actor.kind !== 'person') return [problem('PERSON_ONLY', '', 'a policy is put into force by people')];
  return auth.roles.includes(POLICY_OWNER) ? [] : [problem('NOT_YOURS', '', `asked is ${POLICY_OWNER}`)];
}

/** Two persons, and one of them did not write it. Used before sealing and again by every verifier. */
export function problemsOfPair(proposer: Act, confirmer: Act, authors: readonly string[]): Problem[] {
  const wrote = ({ actor }: Act) => authors.includes(actor.sub) || authors.includes(handleOf(actor));
  const problems = [...problemsOfOwner(proposer), ...problemsOfOwner(confirmer)];
  if (sameActor(proposer.actor, confirmer.actor)) {
    problems.push(problem('SEPARATION', '', 'proposed and confirmed by one person'));
  } else if (wrote(proposer) && wrote(confirmer)) {
    problems.push(problem('SEPARATION', '', 'both wrote it: one of the two must not have'));
  }
  return problems;
}
