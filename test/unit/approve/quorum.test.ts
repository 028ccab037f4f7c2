import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tally } from '../../../functions/approve/tally.ts';
import { missingSeats } from '../../../functions/domain/quorum.ts';
import type { Group, Routing } from '../../../functions/domain/routing.ts';
import type { Instant } from '../../../functions/domain/text.ts';
import type { Choice, Vote } from '../../../functions/domain/vote.ts';

const person = (sub: string, roles: string[]) => ({ actor: { iss: 'https://id.example', sub }, auth: { roles } });
const group = (role: string, min: number, from = 'loans'): Group => ({ role, min, from });
const short = (groups: Group[], people: ReturnType<typeof person>[]) =>
  missingSeats(groups, people).map((one) => `${one.missing} ${one.role}`);

/** The fewest seats that stay empty, by trying every person on every seat. */
function fewestEmpty(seats: Group[], people: ReturnType<typeof person>[]): number {
  const [one, ...rest] = people;
  if (one === undefined) return seats.length;
  const placed = seats.flatMap((seat, i) =>
    one.auth.roles.includes(`${seat.role}@${seat.from}`)
      ? [
          fewestEmpty(
            seats.filter((_, other) => other !== i),
            rest,
          ),
        ]
      : [],
  );
  return Math.min(fewestEmpty(seats, rest), ...placed);
}

describe('quorum', () => {
  const risk = 'risk@loans';
  const owner = 'owner@loans';

  it('one person with two roles counts once', () => {
    expect(short([group('risk', 1), group('owner', 1)], [person('a', [risk, owner])])).toHaveLength(1);
    expect(short([group('risk', 1), group('owner', 1)], [person('a', [risk, owner]), person('a', [risk, owner])])).toHaveLength(
      1,
    );
  });

  it('finds the assignment a greedy count misses, in whatever order people come', () => {
    const groups = [group('risk', 1), group('owner', 1)];
    const both = person('a', [risk, owner]);
    const only = person('b', [risk]);
    expect(short(groups, [both, only])).toEqual([]);
    expect(short(groups, [only, both])).toEqual([]);
  });

  it('the same name at two issuers is two people; a role of another committee is none', () => {
    const other = { actor: { iss: 'https://other.example', sub: 'a' }, auth: { roles: [risk] } };
    expect(short([group('risk', 2)], [person('a', [risk]), other])).toEqual([]);
    expect(short([group('risk', 1)], [person('a', ['risk@mortgages', 'risk', 'RISK@loans'])])).toEqual(['1 risk']);
  });

  it('property: no other assignment fills more seats', () => {
    const roles = ['r0', 'r1', 'r2'];
    const groups = fc.uniqueArray(
      fc.record({ role: fc.constantFrom(...roles), min: fc.integer({ min: 1, max: 2 }), from: fc.constant('loans') }),
      {
        selector: (one) => one.role,
        maxLength: 3,
      },
    );
    const people = fc.array(fc.subarray(roles.map((role) => `${role}@loans`)), { maxLength: 5 });
    fc.assert(
      fc.property(groups, people, (asked, held) => {
        const persons = held.map((has, i) => person(`p${i}`, has));
        const seats = asked.flatMap((one) => Array.from({ length: one.min }, () => one));
        const empty = missingSeats(asked, persons).reduce((sum, one) => sum + one.missing, 0);
        expect(empty).toBe(fewestEmpty(seats, persons));
      }),
    );
  });

  it('property: one more approval never takes a seat away', () => {
    const roles = ['risk@loans', 'owner@loans'];
    const people = fc.array(fc.subarray(roles), { maxLength: 5 });
    fc.assert(
      fc.property(people, fc.subarray(roles), (held, more) => {
        const asked = [group('risk', 2), group('owner', 1)];
        const persons = held.map((has, i) => person(`p${i}`, has));
        const sum = (list: ReturnType<typeof missingSeats>) => list.reduce((all, one) => all + one.missing, 0);
        expect(sum(missingSeats(asked, [...persons, person('new', more)]))).toBeLessThanOrEqual(
          sum(missingSeats(asked, persons)),
        );
      }),
    );
  });
});

describe('tally', () => {
  const routing = (more: Partial<Routing> = {}): Routing =>
    ({ groups: [group('risk', 1), group('owner', 1)], holds: [], ...more }) as unknown as Routing;
  const voted = (sub: string, choice: Choice, roles: string[]): Vote => ({ ...person(sub, roles), choice }) as unknown as Vote;
  const yes = [voted('a', 'approve', ['risk@loans']), voted('b', 'approve', ['owner@loans'])];
  const late = '2026-11-30T00:00:00.000Z' as Instant;
  const now = '2026-11-21T00:00:00.000Z' as Instant;
  const after = '2026-12-01T00:00:00.000Z' as Instant;

  it('approves when every seat is taken, and says what is missing before', () => {
    expect(tally(routing(), yes, late, now)).toEqual({ kind: 'decided', outcome: 'approved' });
    expect(tally(routing(), yes.slice(0, 1), late, now)).toEqual({
      kind: 'waiting',
      missing: [{ ...group('owner', 1), missing: 1 }],
    });
  });

  it.each([
    ['reject', 'rejected'],
    ['return', 'returned'],
  ] as const)('one %s ends it, whoever approved', (choice, outcome) => {
    for (const votes of [
      [...yes, voted('c', choice, [])],
      [voted('c', choice, []), ...yes],
    ]) {
      expect(tally(routing(), votes, late, after)).toEqual({ kind: 'decided', outcome });
    }
  });

  it('a no weighs more than a return', () => {
    expect(tally(routing(), [voted('a', 'return', []), voted('b', 'reject', [])], late, now)).toMatchObject({
      outcome: 'rejected',
    });
  });

  it('abstaining or recusing fills no seat', () => {
    for (const choice of ['abstain', 'recuse'] as const) {
      expect(tally(routing(), [...yes.slice(0, 1), voted('b', choice, ['owner@loans'])], late, now)).toMatchObject({
        kind: 'waiting',
      });
    }
  });

  it('property: time alone never approves', () => {
    const choice = fc.constantFrom<Choice>('approve', 'abstain', 'recuse');
    const votes = fc.array(fc.tuple(choice, fc.subarray(['risk@loans', 'owner@loans'])), { maxLength: 4 });
    fc.assert(
      fc.property(votes, fc.boolean(), (cast, held) => {
        const all = cast.map(([one, roles], i) => voted(`p${i}`, one, roles));
        const asked = routing(held ? { holds: [{ code: 'EVI-001', artefact: 'predictions', pointer: '' }] } : {});
        const before = tally(asked, all, late, now);
        const then = tally(asked, all, late, after);
        expect(then).toEqual(before.kind === 'waiting' ? { kind: 'decided', outcome: 'expired' } : before);
      }),
    );
  });

  it('a hold blocks approval; a path without groups is approved by nobody', () => {
    const held = routing({ holds: [{ code: 'EVI-001', artefact: 'predictions', pointer: '' }] });
    expect(tally(held, yes, late, now)).toMatchObject({ kind: 'waiting' });
    expect(tally(held, yes, late, after)).toMatchObject({ outcome: 'expired' });
    expect(tally(routing({ groups: [] }), yes, null, after)).toMatchObject({ kind: 'waiting' });
  });
});
