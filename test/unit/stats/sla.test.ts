// OBL-005: when an answer is late. The hours are data; the instant is computed here, and nothing is decided by it.
import { describe, expect, it } from 'vitest';
import type { Dossier } from '../../../functions/domain/dossier.ts';
import { answerBy, isEscalatedTo } from '../../../functions/domain/sla.ts';
import { instantOf } from '../../../functions/domain/text.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-01T08:00:00.000Z');
const at = (ms: number) => instantOf(START + ms);
const sla = { respondWithinHours: 48, escalateTo: ['lead@governance', 'head@risk'] };
const times = (more: object = {}) => ({ routing: { routedAt: at(0) }, ...more }) as unknown as Dossier;

describe('R51 an answer within hours', () => {
  it.each([
    [48 * HOUR - 1, false],
    [48 * HOUR, true],
    [48 * HOUR + 1, true],
  ])('%d ms after the routing: overdue %s', (ms, overdue) => {
    expect(answerBy({ sla }, times(), at(ms))).toEqual({ at: at(48 * HOUR), overdue });
    for (const [role, called] of [
      ['lead@governance', overdue],
      ['head@risk', overdue],
      ['lead@other', false],
      ['lead', false],
    ] as const)
      expect(isEscalatedTo({ sla }, times(), at(ms), { roles: [role] }), role).toBe(called);
  });

  it('runs anew from the screen, and stops when it is decided', () => {
    const screen = { storedAt: at(10 * HOUR) };
    expect(answerBy({ sla }, times({ screen }), at(50 * HOUR))).toEqual({ at: at(58 * HOUR), overdue: false });
    const inTime = { screen, decision: { decidedAt: at(20 * HOUR) } };
    expect(answerBy({ sla }, times(inTime), at(500 * HOUR))?.overdue).toBe(false);
    const late = { screen, decision: { decidedAt: at(59 * HOUR) } };
    expect(answerBy({ sla }, times(late), at(500 * HOUR))?.overdue).toBe(true);
  });

  it('without hours, or before it is routed, nothing is ever late', () => {
    expect(answerBy({}, times(), at(9999 * HOUR))).toBeNull();
    expect(answerBy({ sla }, times({ routing: undefined }), at(9999 * HOUR))).toBeNull();
    expect(isEscalatedTo({}, times(), at(9999 * HOUR), { roles: sla.escalateTo })).toBe(false);
  });
});
