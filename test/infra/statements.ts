// All policies of a template as one list of plain statements.
import type { Template } from 'aws-cdk-lib/assertions';
import { flat, resourcesOf } from './synthesised.ts';

export type Statement = {
  /** Logical id of the policy, role, bucket policy or key that it stands in. */
  readonly in: string;
  readonly type: string;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  /** Of an identity's policy: its roles. Of a resource's: whom it names. */
  readonly who: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: unknown;
};

type Raw = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: unknown;
};

const many = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** Documents anywhere in the template, however they are named: a new kind of resource is not missed. */
export function statementsOf(template: Template): Statement[] {
  return [...resourcesOf(template)].flatMap(([id, { Type, Properties = {} }]) => {
    const roles = many(Properties['Roles']).map(flat);
    return documentsIn(Properties).flatMap(({ Statement: statements }) =>
      many(statements).map((raw) => plain(id, Type, roles, raw as Raw)),
    );
  });
}

function plain(id: string, type: string, roles: readonly string[], raw: Raw): Statement {
  // Nobody can say of these what they leave open.
  if (raw.NotAction !== undefined || raw.NotResource !== undefined || raw.NotPrincipal !== undefined)
    throw new Error(`${id} says what it does not mean`);
  const named =
    typeof raw.Principal === 'object' && raw.Principal !== null ? Object.values(raw.Principal) : many(raw.Principal);
  return {
    ...{ in: id, type, sid: raw.Sid, effect: raw.Effect, condition: raw.Condition },
    who: raw.Principal === undefined ? roles : named.flatMap(many).map(flat),
    actions: many(raw.Action).map(String),
    resources: many(raw.Resource).map(flat),
  };
}

function documentsIn(value: unknown): { readonly Statement: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('Statement' in value) return [value as { readonly Statement: unknown }];
  return Object.values(value).flatMap(documentsIn);
}
