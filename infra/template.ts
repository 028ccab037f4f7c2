// A template read again: by the tests that hold it to its promises, and for the table of who may do what.

export type Resource = {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
};
export type Resources = ReadonlyMap<string, Resource>;

export const resourcesIn = (template: { readonly [key: string]: unknown }): Resources =>
  new Map(
    Object.entries(template['Resources'] as Record<string, Resource>).map(([id, one]) => [
      id,
      { ...one, Properties: one.Properties ?? {} },
    ]),
  );

/** What CloudFormation puts together later, as a text that can be read and compared. */
export function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const [[key, inner] = ['', undefined]] = Object.entries(value);
  if (key === 'Fn::Join' && Array.isArray(inner)) return (inner[1] as unknown[]).map(flat).join(String(inner[0]));
  if (key === 'Fn::GetAtt' && Array.isArray(inner)) return `<${inner.join('.')}>`;
  if (key === 'Ref') return `<${String(inner)}>`;
  if (key === 'Fn::ImportValue') return `<${String(inner).replace(/^[^:]*:ExportsOutput/, '')}>`;
  return JSON.stringify(value);
}

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
export function statementsIn(resources: Resources): Statement[] {
  return [...resources].flatMap(([id, { Type, Properties = {} }]) => {
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
