import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, nextState, STATES, stateOf, stepOf, waitsForPeople } from '../../../functions/domain/flow.ts';

const FACTS: Fact[] = [
  'compared',
  'routedToPolicy',
  'routedToOnCall',
  'routedToPeople',
  'rationaleGiven',
  'screenStored',
  'decided',
  'sealed',
];

describe('the table of transitions', () => {
  it('walks the automated path', () => {
    expect(stateOf(['compared', 'routedToPolicy', 'screenStored', 'decided', 'sealed'])).toBe('sealed');
  });

  it('R33 where somebody on call acknowledges, there is no rationale to wait for, and no settling alone', () => {
    expect(stateOf(['compared', 'routedToOnCall', 'screenStored'])).toBe('voting');
    expect(() => stateOf(['compared', 'routedToOnCall', 'rationaleGiven'])).toThrow('broken invariant');
  });

  it('R46 a human path cannot reach its screen without a rationale', () => {
    expect(stateOf(['compared', 'routedToPeople'])).toBe('needsRationale');
    expect(() => stateOf(['compared', 'routedToPeople', 'screenStored'])).toThrow('broken invariant');
    expect(stateOf(['compared', 'routedToPeople', 'rationaleGiven', 'screenStored'])).toBe('voting');
  });

  it('R22 nothing is sealed that was not decided, and nothing follows the seal', () => {
    for (const state of STATES) expect(nextState(state, 'sealed')).toBe(state === 'decided' ? 'sealed' : undefined);
    for (const fact of FACTS) expect(nextState('sealed', fact)).toBeUndefined();
  });

  it('every state but the last leads on, and every state can be reached', () => {
    const reached = new Set(['received']);
    for (const state of STATES) for (const fact of FACTS) reached.add(nextState(state, fact) ?? 'received');
    expect([...reached].sort()).toEqual([...STATES].sort());
    for (const state of STATES) {
      if (state !== 'sealed') expect(FACTS.some((fact) => nextState(state, fact))).toBe(true);
    }
  });

  it('any order of facts either folds or is named as impossible, and a decided request only seals', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...FACTS), { maxLength: 8 }), (facts) => {
        let state: string;
        try {
          state = stateOf(facts);
        } catch (error) {
          expect(String(error)).toContain('cannot follow');
          return;
        }
        if (facts.includes('decided')) expect(['decided', 'sealed']).toContain(state);
      }),
    );
  });

  it('people are asked exactly where the step waits for them', () => {
    expect(STATES.filter(waitsForPeople)).toEqual(['needsRationale', 'explained', 'voting']);
    expect(stepOf('voting')).toBe('awaitVotes');
  });
});
