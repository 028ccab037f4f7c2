import { z } from 'zod';
import { type Actor, type Auth, sameActor } from './actor.ts';
import type { Group } from './routing.ts';
import { Label, Name } from './text.ts';

/** One value of one segment column that model risk registered. `pooled`: too small to judge alone. */
const RegisteredSegment = z.strictObject({
  name: Label,
  filter: z.strictObject({ column: Label, value: z.string().max(200) }),
  state: z.enum(['judged', 'pooled']),
  protected: z.boolean(),
});

/** A committee that approves for this line: who holds `role` in `committee` at the moment of the vote may vote. */
export const Committee = z.strictObject({
  committee: Name,
  path: z.enum(['reviewer', 'committee']),
  role: Name,
  min: z.int().min(1).max(20),
});
export type Committee = z.infer<typeof Committee>;

/** Told wherever a line is asked for that the policy in force does not know. */
export const NOT_REGISTERED =
  'the line is not registered there: model risk adds it to policies/data/lines.json, and it counts from the next policy release';

const TIERS = ['high', 'medium', 'low'] as const;

/** One model in one decisioning use, as model risk registered it. Policy data: never sent by a requester. */
export const ModelLine = z.strictObject({
  line: Name,
  /** `after`: the stage that the same model must have been approved in before it comes here (R65). */
  environments: z.array(z.strictObject({ name: Name, class: z.enum(['dev', 'prod']), after: Name.optional() })).min(1),
  tier: z.enum(TIERS),
  ownerOfRecord: z.strictObject({ iss: Label, sub: Label }),
  exposure: Label,
  purpose: Label,
  committees: z.array(Committee).min(1),
  segments: z.array(RegisteredSegment).max(500),
  minRows: z.int().min(1),
  /** The pipelines that may announce for this line, by issuer and subject; absent: any service of the role `pipeline`. */
  requesters: z
    .array(z.strictObject({ iss: Label, sub: Label }))
    .min(1)
    .max(50)
    .optional(),
  /** One person with this seat may roll back alone; absent: it takes two. */
  onCall: z.strictObject({ committee: Name, role: Name }).optional(),
});
export type ModelLine = z.infer<typeof ModelLine>;

/** A line may say which pipelines speak for it; one that does not takes any. */
export const listsRequester = (
  { requesters }: Pick<ModelLine, 'requesters'>,
  { iss, sub }: Pick<Actor, 'iss' | 'sub'>,
): boolean => requesters?.some((one) => one.iss === iss && one.sub === sub) ?? true;

/** A stage before this one must be registered too, and going back from stage to stage must end. */
export function problemOfStages({ environments }: Pick<ModelLine, 'environments'>): string | undefined {
  const before = new Map(environments.map(({ name, after }) => [name, after]));
  for (const { name } of environments) {
    const seen = new Set<string>([name]);
    for (let at = before.get(name); at !== undefined; at = before.get(at)) {
      if (!before.has(at)) return `${name} comes after ${at}, which is not registered for this line`;
      if (seen.has(at)) return `${name} comes after itself`;
      seen.add(at);
    }
  }
  return undefined;
}

export const HumanPath = z.enum(['reviewer', 'committee']);
export type HumanPath = z.infer<typeof HumanPath>;

/** Who is asked on a path, of all who decide for a line (layers.ts). */
export const groupsFor = (committees: readonly Committee[], path: HumanPath): Group[] =>
  committees.filter((one) => one.path === path).map(({ role, min, committee }) => ({ role, min, from: committee }));

type Roles = Pick<Auth, 'roles'>;
type Person = { readonly actor: Actor; readonly auth: Roles };

type OwnerOfRecord = ModelLine['ownerOfRecord'];

/** What the identity provider says of whoever holds an entry of the register. */
export const ownerRole = ({ sub }: OwnerOfRecord): string => `owner-of-record@${sub}`;

/** The register names its owners by its own ids: that very identity signed in, or the provider says who holds the entry. */
export const holdsEntry = (owner: OwnerOfRecord, { actor, auth }: Person): boolean =>
  actor.kind === 'person' && (sameActor(actor, { kind: 'person', ...owner }) || auth.roles.includes(ownerRole(owner)));

export const ownsLine = (line: ModelLine, person: Person): boolean => holdsEntry(line.ownerOfRecord, person);

/** Holds a seat, on any path, in a committee that decides for this line. */
export const sitsFor = (committees: readonly Committee[], { roles }: Roles): boolean =>
  committees.some(({ role, committee }) => roles.includes(`${role}@${committee}`));

/**
 * Committees are per line (R51): whoever only holds seats sees the lines of those seats. A role without a committee (auditor,
 * developer) sees all, and a line that nobody registered is nobody's to hide.
 */
export const seesLine = (line: ModelLine | null, committees: readonly Committee[], { actor, auth }: Person): boolean =>
  line === null ||
  actor.kind === 'service' ||
  auth.roles.some((role) => !role.includes('@')) ||
  ownsLine(line, { actor, auth }) ||
  sitsFor(committees, auth);
