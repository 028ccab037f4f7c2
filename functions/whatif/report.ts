// Replays history under two packs and says whom the change would send elsewhere. Holds the changed rows only, so a long
// history needs no more memory than a short one.
import { canonicalDigest } from '../domain/canonical.ts';
import type { Digest } from '../domain/digest.ts';
import type { Decision } from '../domain/routing.ts';
import { type Change, changeOf, KINDS, type Kind, type Row } from './change.ts';
import { type Ghost, Ghosts } from './ghosts.ts';
import { type ChangedDatum, changedData, limitsOf } from './numbers.ts';
import { type Bump, bumpOf } from './semver.ts';
import type { Broken, Corpus, Past, Side } from './types.ts';

export type Counts = { readonly promotions: number; readonly replayed: number } & Record<Kind, number> & {
    /** Beside the kinds: rows that only differ when replayed as of today. */
    readonly onlyToday: number;
    readonly schemaIncompatible: number;
    readonly errors: number;
  };

export type Report = {
  readonly schema: 'what-if/v0';
  readonly base: Digest;
  readonly head: Digest;
  readonly corpus: Digest;
  readonly today: number;
  readonly sentence: string;
  readonly bump: Bump;
  readonly counts: Counts;
  readonly changedData: readonly ChangedDatum[];
  readonly rows: readonly Row[];
  readonly ghosts: readonly Ghost[];
  /** Changed numbers for which no input could be made. */
  readonly untested: readonly string[];
  readonly incompatible: readonly string[];
  readonly errors: readonly Broken[];
  /** Promotions that the head pack leaves to the machinery (POL-*) and the base pack did not. */
  readonly engine: readonly { readonly id: string; readonly codes: readonly string[] }[];
};

export type Question = {
  readonly base: Side;
  readonly head: Side;
  readonly corpus: Corpus;
  /** Whether an input has the shape that policies read today. */
  readonly readable: (input: unknown) => boolean;
  readonly today: number;
  /** Whether both packs were written against the same input schema; null when nobody can tell. */
  readonly sameInputSchema: boolean | null;
};

export async function whatIf(question: Question): Promise<Report> {
  const { base, head, corpus, readable, today, sameInputSchema } = question;
  const changed = changedData(base.data, head.data);
  const ghosts = new Ghosts(base, head, changed);
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  const rows: Row[] = [];
  const digests: Digest[] = [];
  const incompatible: string[] = [];
  const errors: Broken[] = [];
  const engine: { id: string; codes: string[] }[] = [];
  let [replayed, onlyToday] = [0, 0];
  const changeBetween = (before: Decision, after: Decision) => withLimits(changeOf(before, after), base, head, changed);
  for await (const past of corpus) {
    if ('broken' in past) {
      errors.push(past);
      continue;
    }
    digests.push(past.inputDigest);
    if (!readable(past.input)) {
      incompatible.push(past.id);
      continue;
    }
    replayed++;
    const [before, after] = [base.decide(past.input), head.decide(past.input)];
    ghosts.offer(past, before, after);
    const then = changeBetween(before, after);
    kinds[then.kind]++;
    const input = { ...(past.input as object), evaluatedAtDay: today };
    const [baseToday, headToday] = [base.decide(input), head.decide(input)];
    const now = changeBetween(baseToday, headToday);
    const codes = [...new Set([...newlyEngine(before, after), ...newlyEngine(baseToday, headToday)])].sort();
    if (codes.length > 0) engine.push({ id: past.id, codes });
    const differs = canonicalDigest(now) !== canonicalDigest(then);
    if (then.kind === 'unchanged' && now.kind === 'unchanged') continue;
    if (then.kind === 'unchanged') onlyToday++;
    rows.push({ ...rowOf(past), ...then, today: differs ? now : null });
  }
  const counts: Counts = {
    promotions: replayed + incompatible.length + errors.length,
    replayed,
    ...kinds,
    onlyToday,
    schemaIncompatible: incompatible.length,
    errors: errors.length,
  };
  const made = ghosts.result();
  const told = { counts, rows, ...made, errors, changedData: changed };
  return {
    schema: 'what-if/v0',
    base: base.digest,
    head: head.digest,
    corpus: canonicalDigest(digests),
    today,
    sentence: sentenceOf(counts),
    bump: bumpOf({ ...told, samePack: base.digest === head.digest, sameInputSchema }),
    ...told,
    incompatible,
    engine,
  };
}

const withLimits = (change: Change, base: Side, head: Side, changed: readonly ChangedDatum[]): Change => ({
  ...change,
  figures: change.figures.map((figure) => {
    const rules = [base.rules.get(figure.code), head.rules.get(figure.code)] as const;
    const [oldLimit, newLimit] = limitsOf([figure.oldLimit, figure.newLimit], rules, changed);
    return { ...figure, oldLimit, newLimit };
  }),
});

const rowOf = ({ id, date, model, tier, line, environment, inputDigest }: Past) => ({
  id,
  date,
  model,
  tier,
  line,
  environment,
  inputDigest,
});

/** POL-* that base did not have: an old promotion that nobody could prove must not block every later change. */
function newlyEngine(base: Decision, head: Decision): string[] {
  const of = (decision: Decision) => decision.findings.map(({ code }) => code).filter((code) => code.startsWith('POL-'));
  const [before, after] = [of(base), of(head)];
  // Engine trouble is never old news.
  return after.filter((code) => !before.includes(code) || code === 'POL-000' || code === 'POL-004');
}

function sentenceOf(counts: Counts): string {
  const { promotions, heavier, lighter, holds, approvals, reasons, onlyToday } = counts;
  const rerouted = heavier + lighter;
  const directions = [heavier > 0 ? `${heavier} heavier` : '', lighter > 0 ? `${lighter} lighter` : '']
    .filter(Boolean)
    .join(', ');
  const rest = [
    holds > 0 ? `${holds} with other holds` : '',
    approvals > 0 ? `${approvals} with other approvers or terms` : '',
    reasons > 0 ? `${reasons} for other reasons` : '',
  ].filter(Boolean);
  return [
    `Of ${promotions} promotion${promotions === 1 ? '' : 's'}, `,
    rerouted > 0 ? `${rerouted} would re-route: ${directions}` : 'none would re-route',
    rest.length > 0 ? `; on the same path ${rest.join(', ')}` : '',
    onlyToday > 0 ? `; ${onlyToday} more as of today` : '',
    '.',
  ].join('');
}
