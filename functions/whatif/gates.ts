import { z } from 'zod';
import { Digest } from '../domain/digest.ts';
import type { Row } from './change.ts';
import { reads } from './numbers.ts';
import type { Report } from './report.ts';
import { looserGhosts, looserRows } from './semver.ts';
import type { RuleWords } from './types.ts';

const Who = z.string().trim().min(1).max(200);

/**
 * policies/loosening.json: who answers for asking less. `covers` is a rule's code, a pointer into the data (and all below
 * it), `approvals` or `expiry`. An entry holds for one head pack or for the rows it names, so an old one never clears a new change.
 */
const Entry = z
  .strictObject({
    covers: z.string().min(1).max(1000),
    reason: z.string().trim().min(10, 'say why in a sentence').max(2000),
    author: Who,
    approver: Who,
    head: Digest.optional(),
    rows: z.array(z.string().min(1)).min(1).optional(),
  })
  .superRefine((entry, ctx) => {
    const issue = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
    if (same(entry.author, entry.approver)) issue('approver', 'must be another person than the author');
    if (entry.head === undefined && entry.rows === undefined) issue('head', 'bind the entry to a head pack or to rows');
  });
export const Loosening = z.strictObject({ schema: z.literal('loosening/v0'), entries: z.array(Entry).max(1000) });
export type Loosening = z.infer<typeof Loosening>;

const plain = (name: string): string => name.trim().normalize('NFKC').toLowerCase();
const same = (a: string, b: string): boolean => plain(a) === plain(b);

export type Blocker = { readonly why: string; readonly where: string };

type Rules = ReadonlyMap<string, RuleWords>;

/** What stands between this change and its merge; empty when nothing does. `authors`: who is known to have written it. */
export function blockersOf(report: Report, loosening: Loosening, rules: Rules, authors: readonly string[] = []): Blocker[] {
  const entries = loosening.entries.filter((entry) => !authors.some((author) => same(author, entry.approver)));
  const cleared = (subject: string, rows: readonly string[]) =>
    entries.some((entry) => {
      const bound = entry.head === report.head || (rows.length > 0 && rows.every((row) => entry.rows?.includes(row)));
      return bound && covers(entry.covers, subject, report, rules);
    });
  return [
    ...(report.counts.promotions === 0 ? [{ why: 'the corpus is empty: nothing was tried', where: 'corpus' }] : []),
    ...(report.counts.promotions > 0 && report.counts.replayed === 0
      ? [{ why: 'no promotion of the corpus could be replayed', where: 'corpus' }]
      : []),
    ...report.errors.map(({ id, broken }) => ({ why: broken, where: id })),
    ...report.engine.map(({ id, codes }) => ({ why: `the head pack does not decide it: ${codes.join(', ')}`, where: id })),
    ...looserRows(report.rows).flatMap((row) =>
      subjectsOf(row)
        .filter((subject) => !cleared(subject, [row.id]))
        .map((subject) => ({ why: `${subject} asks for less, and nobody answers for it`, where: row.id })),
    ),
    ...looserGhosts(report.ghosts).flatMap(({ pointer, rule, points }) =>
      [...new Set(points.flatMap(({ loosened }) => loosened))]
        .filter((subject) => !cleared(subject, []))
        .map((subject) => ({ why: `${subject} asks for less at ${rule}, and nobody answers for it`, where: pointer })),
    ),
    ...report.untested
      .filter((pointer) => !entries.some((entry) => entry.head === report.head && isUnder(pointer, entry.covers)))
      .map((pointer) => ({ why: 'no input shows what this change does, and nobody answers for it', where: pointer })),
  ];
}

const isUnder = (pointer: string, above: string): boolean => pointer === above || pointer.startsWith(`${above}/`);

/** A lighter path always has at least one thing that got weaker; should none be found, the path itself is it. */
function subjectsOf(row: Row): string[] {
  const subjects = new Set([...row.loosened, ...(row.today?.loosened ?? [])]);
  return subjects.size > 0 ? [...subjects].sort() : ['path'];
}

function covers(what: string, subject: string, { changedData }: Report, rules: Rules): boolean {
  if (what === subject) return true;
  const rule = rules.get(subject);
  // A rule is covered by a datum that it reads. People and terms are no rule: any datum that no rule reads.
  const meant = (pointer: string) =>
    rule === undefined ? ![...rules.values()].some((other) => reads(other, pointer)) : reads(rule, pointer);
  return changedData.some(({ pointer }) => isUnder(pointer, what) && meant(pointer));
}
