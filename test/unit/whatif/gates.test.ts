import { describe, expect, it } from 'vitest';
import { canonicalDigest } from '../../../functions/domain/canonical.ts';
import { blockersOf, Loosening } from '../../../functions/whatif/gates.ts';
import type { Report } from '../../../functions/whatif/report.ts';
import type { Side } from '../../../functions/whatif/types.ts';
import { limitAt } from '../../support/limits.ts';
import { asked, golden, sideWith, stream } from '../../support/what-if.ts';

const LIMIT = '/limits/population/score_reviewer_ppm';
// Numbers of its own: between these two, history has nobody.
const committed = sideWith({ [LIMIT]: 100_000 });
const looser = sideWith({ [LIMIT]: 120_000 });

type Entry = Loosening['entries'][number];
const entry = (report: Report, more: Partial<Entry> = {}): Entry => ({
  covers: LIMIT,
  reason: 'The committee saw the figures of the last year.',
  author: 'erin',
  approver: 'dave',
  head: report.head,
  ...more,
});
const left = (report: Report, entries: Entry[] = [], authors: string[] = []) =>
  blockersOf(report, Loosening.parse({ schema: 'loosening/v0', entries }), committed.rules, authors).map(({ where }) => where);

describe('R35 R52 who must answer before a policy asks for less', () => {
  it('blocks a limit that is loosened, though nobody in history is near it', async () => {
    const report = await asked(committed, looser);
    expect(report.counts.lighter).toBe(0);
    expect(left(report)).toEqual([LIMIT]);
  });

  it.each([
    ['the limit', LIMIT],
    ['all limits of the dimension', '/limits/population'],
    ['the rule', 'POP-002'],
  ])('is cleared by an entry that covers %s, bound to this head', async (_, covers) => {
    const report = await asked(committed, looser);
    expect(left(report, [entry(report, { covers })])).toEqual([]);
  });

  it('is not cleared by an entry for another head, another rule, or one its author approved', async () => {
    const report = await asked(committed, looser);
    expect(left(report, [entry(report, { head: committed.digest })])).toEqual([LIMIT]);
    expect(left(report, [entry(report, { covers: 'POP-003' })])).toEqual([LIMIT]);
    expect(left(report, [entry(report, { covers: '/limits/fairness' })])).toEqual([LIMIT]);
    expect(left(report, [entry(report)], ['Dave '])).toEqual([LIMIT]);
  });

  it('an entry for rows clears these and no other', async () => {
    const past = (await golden()).filter(({ input }) =>
      committed.decide(input).findings.some(({ code }) => code === 'POP-002'),
    );
    expect(past.length).toBeGreaterThan(0);
    const report = await asked(committed, sideWith({ [LIMIT]: limitAt('/limits/population/score_committee_ppm') - 10_000 }), {
      corpus: stream(past),
    });
    const [row] = report.rows.map(({ id }) => id);
    expect(report.counts.lighter).toBe(past.length);
    const bound: Entry = { ...entry(report), rows: [row ?? ''] };
    delete bound.head;
    expect(left(report, [bound])).not.toContain(row);
    expect(left(report, [bound])).toContain(LIMIT);
  });

  it('wants another person, a reason and something it is bound to', async () => {
    const report = await asked(committed, looser);
    const parses = (one: Entry) => Loosening.safeParse({ schema: 'loosening/v0', entries: [one] }).success;
    expect(parses(entry(report))).toBe(true);
    expect(parses(entry(report, { approver: ' ERIN' }))).toBe(false);
    expect(parses(entry(report, { reason: 'ok' }))).toBe(false);
    const unbound = entry(report);
    delete unbound.head;
    expect(parses(unbound)).toBe(false);
  });

  it('blocks fewer approvers and longer terms on the same path', async () => {
    const [past] = (await golden()).filter(({ input }) => committed.decide(input).path === 'committee');
    if (past === undefined) throw new Error('the corpus has no committee');
    const less: Side = {
      ...committed,
      digest: canonicalDigest('less'),
      decide: (input) => {
        const decision = committed.decide(input);
        return { ...decision, groups: decision.groups.slice(1), expiresAfterDays: decision.expiresAfterDays + 1 };
      },
    };
    const report = await asked(committed, less, { corpus: stream([past]) });
    expect(report.rows[0]).toMatchObject({ kind: 'approvals', loosened: ['approvals', 'expiry'] });
    expect(left(report)).toEqual([past.id, past.id]);
    expect(left(report, [entry(report, { covers: 'approvals' }), entry(report, { covers: 'expiry' })])).toEqual([]);
  });

  it('blocks a rule that was taken out though the path stays heavy for another reason', async () => {
    const past = (await golden()).filter(({ input }) => {
      const codes = committed.decide(input).findings.map(({ code }) => code);
      return codes.includes('HYP-003') && codes.includes('MOD-001');
    });
    const without: Side = {
      ...committed,
      digest: canonicalDigest('without'),
      decide: (input) => {
        const decision = committed.decide(input);
        return { ...decision, findings: decision.findings.filter(({ code }) => code !== 'HYP-003') };
      },
    };
    const report = await asked(committed, without, { corpus: stream(past) });
    expect(report.rows[0]).toMatchObject({ kind: 'reasons', from: 'committee', to: 'committee', loosened: ['HYP-003'] });
    expect(left(report)).toEqual([past[0]?.id]);
  });
});

describe('R35 what always blocks', () => {
  it('an empty corpus', async () => {
    expect(left(await asked(committed, committed, { corpus: stream([]) }))).toEqual(['corpus']);
  });

  it('a promotion that cannot be replayed', async () => {
    const corpus = stream([...(await golden()), { id: 'events/x', broken: 'cannot be read' }]);
    expect(left(await asked(committed, committed, { corpus }))).toEqual(['events/x']);
  });

  it('a head pack whose engine fails, and a doubt that the base did not have', async () => {
    const failing = (code: string): Side => ({
      ...committed,
      digest: canonicalDigest(code),
      decide: (input) => {
        const decision = committed.decide(input);
        const finding = {
          code,
          dimension: 'engine',
          pointer: '',
          observed: null,
          limit: null,
          unit: 'none',
          minPath: 'committee',
        };
        return { ...decision, path: 'committee', findings: [...decision.findings, { ...finding } as never] };
      },
    });
    const [past] = await golden();
    const corpus = () => stream(past ? [past] : []);
    expect(left(await asked(committed, failing('POL-000'), { corpus: corpus() }))).toContain(past?.id);
    expect(left(await asked(committed, failing('POL-002'), { corpus: corpus() }))).toContain(past?.id);
    expect(left(await asked(failing('POL-002'), failing('POL-002'), { corpus: corpus() }))).toEqual([]);
  });

  it('changed data that no input can show, until somebody answers for it', async () => {
    const [line = ''] = (await golden()).map((past) => past.line);
    const report = await asked(committed, sideWith({ [`/lines/${line}/minRows`]: 20 }));
    expect(left(report)).toEqual([`/lines/${line}/minRows`]);
    expect(left(report, [entry(report, { covers: `/lines/${line}` })])).toEqual([]);
  });
});
