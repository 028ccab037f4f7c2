import { expect, it } from 'vitest';
import type { BreakGlass } from '../../../functions/domain/act.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import type { Instant } from '../../../functions/domain/text.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { breakGlassChecks } from '../../../functions/gate/break-glass.ts';
import { OWNER } from '../../support/staged-line.ts';
import { DAVE, ISSUER, PIPELINE } from '../../support/world.ts';

const at = '2026-11-01T08:00:00.000Z' as Instant;
const until = '2026-11-01T10:00:00.000Z' as Instant;
const root: Digest = digestOf('weights');
const trust: Trust = {
  environment: 'sandbox',
  class: 'dev',
  keys: [],
  issuers: [ISSUER],
  proof: 'index',
  humanSignature: 'optional',
  breakGlass: 'allowed',
};
const asked = { root, manifest: root, line: 'credit', environment: 'sandbox' };
const by = ({ principal }: typeof DAVE) => ({ ...principal, at });

/** Signed by whoever holds the key: the gate looks at what it says, not only at the signature. */
const record = (more: object = {}) =>
  ({
    kind: 'breakGlass',
    root,
    manifest: root,
    scope: { line: 'credit', environment: 'sandbox' },
    proposed: by(OWNER),
    approvals: [by(DAVE)],
    at,
    hours: 2,
    until,
    ...more,
  }) as unknown as BreakGlass;

const verdict = (of: BreakGlass, more: Partial<Trust> = {}, now = at): string =>
  [...breakGlassChecks(of, asked, { ...trust, ...more }, now)].find(({ ok }) => !ok)?.code ?? 'allow';

it('R23 break-glass is two different people of a trusted issuer, here, within its hours, where that is taken at all', () => {
  expect(verdict(record())).toBe('allow');
  expect(verdict(record(), { breakGlass: 'refused' })).toBe('BREAK_GLASS_REFUSED');
  const { breakGlass: _, ...silent } = trust;
  expect([...breakGlassChecks(record(), asked, silent, at)].at(-1)?.code, 'not said is no').toBe('BREAK_GLASS_REFUSED');
  expect(verdict(record({ approvals: [by(OWNER)] })), 'one person twice').toBe('NOT_APPROVED');
  expect(verdict(record({ proposed: by(PIPELINE) })), 'a machine').toBe('NOT_APPROVED');
  expect(verdict(record(), { issuers: ['https://elsewhere.example'] })).toBe('NOT_APPROVED');
  expect(verdict(record({ scope: { line: 'cards', environment: 'sandbox' } }))).toBe('OUT_OF_SCOPE');
  expect(verdict(record(), { environment: 'production' })).toBe('OUT_OF_SCOPE');
  expect(verdict(record({ manifest: digestOf('other names') }))).toBe('ARTEFACT_MISMATCH');
  expect(verdict(record(), {}, '2026-11-01T07:59:59.999Z' as Instant)).toBe('BREAK_GLASS_OVER');
  expect(verdict(record(), {}, '2026-11-01T09:59:59.999Z' as Instant)).toBe('allow');
  expect(verdict(record(), {}, until)).toBe('BREAK_GLASS_OVER');
  expect(verdict(record({ hours: 1 })), 'an end that nobody was asked for').toBe('STATEMENT_INVALID');
  expect(verdict(record(), { humanSignature: 'required' })).toBe('HUMAN_SIGNATURE_MISSING');
});
