// Reads a resource policy for what it denies to everybody. It looks for denials that this product's stacks write; a policy that says
// the same in other words is reported as missing them, which is the safe way to be wrong.
import { z } from 'zod';

const Texts = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === 'string' ? [value] : value));
const Statement = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown().optional(),
  Action: Texts.default([]),
  Resource: Texts.default([]),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
export type Statement = z.infer<typeof Statement>;

const Policy = z.looseObject({
  Statement: z.union([Statement, z.array(Statement)]).transform((value) => (Array.isArray(value) ? value : [value])),
});

export function statementsIn(text: string): Statement[] {
  return Policy.parse(JSON.parse(text)).Statement;
}

/** The one condition that a denial may have: operator, key and value. */
export type Only = readonly [operator: string, key: string, value: RegExp];
export type Wanted = { readonly action: string; readonly on?: string; readonly only?: Only };

/** But for one role, named in full: with `*` in it nobody would be denied anything. */
export const BUT_ONE_ROLE: Only = ['ArnNotEquals', 'aws:PrincipalArn', /^arn:aws[\w-]*:iam::\d{12}:role\/[^*?]+$/];

const isEverybody = ({ Principal }: Statement): boolean =>
  Principal === '*' ||
  (typeof Principal === 'object' && Principal !== null && 'AWS' in Principal && [Principal.AWS].flat().includes('*'));

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const covers = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`, 'i').test(name);

function isOnly({ Condition }: Statement, [operator, key, value]: Only): boolean {
  const said = Object.entries(Condition).flatMap(([by, keys]) =>
    Object.entries(keys).map(([name, values]) => ({ by, name, values })),
  );
  const [one, ...more] = said;
  const values = [one?.values].flat();
  return more.length === 0 && one?.by === operator && one.name === key && values.length === 1 && value.test(String(values[0]));
}

/** Denied to everybody, always, or unless the one condition that is meant says otherwise. */
export function denies(statements: readonly Statement[], { action, on, only }: Wanted): boolean {
  return statements.some((one) => {
    if (one.Effect !== 'Deny' || !isEverybody(one) || 'NotResource' in one || 'NotPrincipal' in one) return false;
    if (!one.Action.some((pattern) => covers(pattern, action))) return false;
    if (on !== undefined && !one.Resource.some((pattern) => covers(pattern, on))) return false;
    return Object.keys(one.Condition).length === 0 || (only !== undefined && isOnly(one, only));
  });
}
