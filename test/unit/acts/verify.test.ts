import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvent } from '../../../functions/baseline.ts';
import type { Transition } from '../../../functions/domain/act.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../../../functions/domain/event/envelope.ts';
import { statementOf } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import type { Check, Trust } from '../../../functions/domain/trust.ts';
import { exportKeys } from '../../../functions/export.ts';
import { value } from '../../support/activation.ts';
import { consent, proposed } from '../../support/acts.ts';
import { flippedAt, trustIn } from '../../support/evidence.ts';
import type { FaultWorld } from '../../support/faults-world.ts';
import { LEAD } from '../../support/staged-line.ts';
import { identified } from '../../support/world.ts';

type Files = Map<string, Uint8Array>;

let world: FaultWorld;
let trust: Trust;
let event: EventHash;
let files: Files;
let transition: Transition;

beforeAll(async () => {
  const start = await proposed();
  world = start.world;
  trust = trustIn(world);
  event = value(await consent(world, start.id, LEAD)).event as EventHash;
  const stored = await readEvent(world, event);
  if (stored?.predicate.kind !== 'transition') throw new Error('no transition');
  transition = stored.predicate;
  files = new Map();
  for (const key of await exportKeys(world, stored)) files.set(key, (await world.vault.get(key)) ?? new Uint8Array());
});
afterAll(() => world.close());

const envelopeOf = (from: Files) => [...from].find(([key]) => key.startsWith('records/'))?.[1] ?? new Uint8Array();

/** Code and words of what failed, so that each forgery is found for its own reason. */
const failed = (checks: readonly Check[]) =>
  checks.flatMap((check) => (check.ok ? [] : [`${check.name} ${check.code}: ${check.detail}`]));

const verified = async (from: Files, believing = trust, envelope = envelopeOf(from), hash: EventHash | null = event) =>
  failed((await verifyEvent(envelope, hash, believing, async (key) => from.get(key))).checks);

/** The same record said otherwise, under a signature that should never have been given; `more` lies beside it. */
async function resealed(changes: Partial<Transition>, more: readonly unknown[] = []): Promise<string[]> {
  const payload = canonicalBytes(statementOf({ ...transition, ...changes }));
  const envelope = envelopeBytes(payload, world.signer.keyid, await world.signer.sign(preAuthEncoding(payload)));
  const blobs = more.map(canonicalBytes).map((bytes) => [`said/${digestOf(bytes).slice(7)}.json`, bytes] as const);
  return verified(new Map([...files, ...blobs]), trust, envelope, null);
}

/** A proposal that says the same as a changed record, as whoever can write files would make it. */
function proposalFor(changes: Partial<Transition>) {
  const told = { ...transition, ...changes };
  const { scope, from, reason, tier, pack, groups, stepUpMinutes, expiresAt } = told;
  const { record: _, ...by } = told.proposed;
  return {
    schema: 'act-proposal/v0',
    what: 'archive',
    ...scope,
    from,
    reason,
    tier,
    pack,
    groups,
    ...(stepUpMinutes === undefined ? {} : { stepUpMinutes }),
    ...by,
    expiresAt,
  };
}

async function consistently(changes: Partial<Transition>): Promise<string[]> {
  const proposal = proposalFor(changes);
  const record = digestOf(canonicalBytes(proposal));
  const proposed = { ...(changes.proposed ?? transition.proposed), record };
  const consents = (changes.approvals ?? transition.approvals).map(({ record: _, signature: __, ...said }) => ({
    schema: 'act-consent/v0',
    proposal: record,
    screen: transition.screen,
    ...said,
  }));
  const approvals = (changes.approvals ?? transition.approvals).map((one, i) => ({
    ...one,
    record: digestOf(canonicalBytes(consents[i])),
  }));
  return resealed({ ...changes, proposed, approvals }, [proposal, ...consents]);
}

describe('R18 R65 the end of a version verifies with its bytes and a trust', () => {
  it('offline; one flipped byte anywhere in any object is found', async () => {
    expect(await verified(files)).toEqual([]);
    for (const [key, bytes] of files) {
      for (const at of [0, bytes.length >> 1, -1]) {
        const changed = new Map(files).set(key, flippedAt(bytes, at));
        expect([key, (await verified(changed)).length > 0]).toEqual([key, true]);
      }
      const without = new Map(files);
      without.delete(key);
      if (!key.startsWith('records/'))
        expect([key, (await verified(without, trust, envelopeOf(files))).length > 0]).toEqual([key, true]);
    }
  });

  it('not under another trust', async () => {
    expect(await verified(files, { ...trust, issuers: ['https://elsewhere.example'] })).toEqual([
      expect.stringContaining('approvals KEY_UNTRUSTED'),
    ]);
    expect(await verified(files, { ...trust, keys: [] })).toContainEqual(
      expect.stringMatching(/what it is about KEY_UNTRUSTED: the event .* is not signed by a key in the trust given/),
    );
  });

  it('not when the record says something else than what people were asked', async () => {
    for (const changes of [
      { reason: 'Another reason than the one on the page.' },
      { tier: 'low' },
      { groups: transition.groups.slice(1) },
      { expiresAt: transition.at },
    ] as Partial<Transition>[]) {
      expect(await resealed(changes), JSON.stringify(changes)).toEqual([
        'approvals FIELD_TAMPERED: the proposal says something else than the record',
      ]);
    }
    expect((await resealed({ scope: { ...transition.scope, environment: 'production' } })).join()).toContain(
      'what it is about FIELD_TAMPERED',
    );
  });

  it('not when fewer or others decided than line and tier demand, however well forged around it', async () => {
    expect(await consistently({}), 'the forger himself is consistent').toEqual([]);
    const without = transition.approvals.filter(({ actor }) => actor.sub !== LEAD.principal.actor.sub);
    expect(await consistently({ approvals: without })).toEqual([expect.stringContaining('1 ai-governance-lead missing')]);
    expect(await consistently({ stepUpMinutes: 61 })).toEqual([expect.stringContaining('another sign-in was asked for')]);
    const old = transition.approvals.map((one) => ({
      ...one,
      auth: { ...one.auth, authTime: (one.auth.authTime ?? 0) - 3601 },
    }));
    expect(await consistently({ approvals: old })).toEqual([expect.stringContaining('a sign-in that was too old')]);
    const groups = transition.groups.filter(({ from }) => from !== 'ai-governance');
    expect(await consistently({ groups, approvals: without })).toEqual([expect.stringContaining('others were asked')]);
    expect(await consistently({ tier: 'medium' })).toEqual([expect.stringContaining('others were asked')]);
    const [first] = transition.approvals;
    if (first === undefined) throw new Error('nobody approved');
    const proposed = { ...transition.proposed, actor: first.actor, auth: first.auth };
    expect(await consistently({ proposed }), 'the proposer approved').toEqual([expect.stringContaining('you proposed it')]);
    const { actor } = identified('person', 'person-nobody').principal;
    const stranger = transition.approvals.map((one) => ({ ...one, actor, auth: { ...one.auth, roles: [] } }));
    expect(await consistently({ approvals: stranger })).toEqual([expect.stringContaining('asked are')]);
    const late = transition.approvals.map((one) => ({ ...one, at: transition.expiresAt }));
    expect(await consistently({ approvals: late })).toEqual([expect.stringContaining('an approval after the act')]);
    const unseen = transition.approvals.map((one) => ({ ...one, servedAt: '2020-01-01T00:00:00.000Z' as Transition['at'] }));
    expect(await consistently({ approvals: unseen })).toEqual([expect.stringContaining('outside the order')]);
  });
});
