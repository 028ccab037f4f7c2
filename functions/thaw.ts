// Once a minute: is the store well? A canary is sealed when nothing else was for a while, or when it is not well; and after enough
// of them in a row what was frozen thaws, in the order in which it happened.
import { activeOf } from './activation.ts';
import { countAct } from './acts/seal.ts';
import { consequencesOf } from './consequences.ts';
import { canonicalDigest } from './domain/canonical.ts';
import { Digest, digestOf, type EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import type { Health, IntentNote } from './domain/health.ts';
import { type Intent, openIntent, signedBy } from './domain/intent.ts';
import { RequestId } from './domain/request.ts';
import { invariant } from './domain/result.ts';
import { keys } from './domain/rows.ts';
import { type Instant, laterOf } from './domain/text.ts';
import type { Trust } from './domain/trust.ts';
import { drive } from './drive.ts';
import type { Warden } from './health.ts';
import { appendToLog } from './log/append.ts';
import type { DriveWorld } from './packs.ts';
import { recordAt, sealRecord } from './seal/record.ts';
import { readHead } from './store.ts';

/** `gates`: their own trust says whose signed word is sealed; the notes beside the store are no evidence of it. */
type Guarded = DriveWorld & { readonly health: Warden; readonly gates: ReadonlyMap<string, Trust> };

/** What stands in the way of an intent is finished in one turn or not at all. */
const MAX_TURNS = 16;

const MS_PER_MINUTE = 60_000;

/**
 * `sealedAt`: when something was last seen to be sealed; answers when that was after this look. `suspect`: something could not be
 * done meanwhile. Whether that is the store's fault or one request's, a canary tells; so one lost file freezes nothing.
 */
export async function watch(world: Guarded, sealedAt: Instant, suspect = false): Promise<Instant> {
  const { health } = world;
  const before = await health.look();
  const now = world.clock.now();
  const { canaryMinutes, windowMinutes } = health.limits;
  const wait = suspect ? Math.min(windowMinutes, canaryMinutes) : canaryMinutes;
  const idle = Date.parse(now) - Date.parse(sealedAt) >= wait * MS_PER_MINUTE;
  if (before.held) return sealedAt;
  // Allowed at the very moment of a thaw, after those that it sealed were read.
  const late = before.state === 'FROZEN' ? [] : before.intents;
  // Before the start there is nothing to seal beside.
  if ((before.state === 'HEALTHY' && !idle && late.length === 0) || (await activeOf(world.index)) === undefined)
    return sealedAt;
  try {
    if (late.length > 0) {
      await sealIntents(world, late);
      await health.note(settled(now, late));
    }
    if (before.state !== 'HEALTHY' || idle) await canary(world, now);
  } catch (error) {
    await health.note({
      kind: 'fault',
      at: now,
      reason: error instanceof Error ? error.message.slice(0, 500) : 'no canary could be sealed',
    });
    return sealedAt;
  }
  if (before.state !== 'HEALTHY') await health.note({ kind: 'sealed', at: now });
  const seen = await health.look();
  if (seen.ready) await thaw(world, seen);
  return now;
}

/** All the way: vault, signature, index, log. */
async function canary(world: DriveWorld, at: Instant): Promise<void> {
  await sealRecord(world, canonicalDigest(['canary/v1', at]), { kind: 'canary', at }, consequencesOf);
  await appendToLog(world);
}

async function thaw(guarded: Guarded, { since, reason, intents }: Health): Promise<void> {
  const { health, gates: _, ...world } = guarded;
  invariant(since !== null && reason !== null, 'what is frozen is so since some time, for some reason');
  const freezeId = canonicalDigest(['freeze/v1', since]);
  const { event: freeze } = await sealRecord(world, freezeId, { kind: 'freeze', reason, at: since }, consequencesOf);
  const sealed = await sealIntents(guarded, intents);
  const at = laterOf(world.clock.now(), since);
  const id = canonicalDigest(['thaw/v1', since]);
  await sealRecord(world, id, { kind: 'thaw', freeze, since, intents: sealed, at }, consequencesOf);
  await appendToLog(world);
  if (intents.length > 0) await health.note(settled(at, intents));
  await health.note({ kind: 'thawed', at });
}

async function sealIntents({ health: _, gates, ...world }: Guarded, notes: readonly IntentNote[]): Promise<EventHash[]> {
  const sealed: EventHash[] = [];
  for (const note of notes) sealed.push(await sealIntent(world, gates, note, notes));
  return sealed;
}

const settled = (at: Instant, notes: readonly IntentNote[]) => ({
  kind: 'settled' as const,
  at,
  intents: notes.map(({ intent }) => intent),
});

/** `world` has no warden here: what was decided before the freeze is sealed first, as it came first. */
async function sealIntent(
  world: DriveWorld,
  gates: Guarded['gates'],
  { intent: id, envelope, at: allowedAt }: IntentNote,
  all: readonly IntentNote[],
): Promise<EventHash> {
  const again = await recordAt(world, id, consequencesOf);
  if (again !== undefined) return again.event;
  const intent = intentIn(id, envelope, gates);
  const { line, environment, target } = intent;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const { head, revision } = await readHead(world.index, line, environment);
    if (head.reservedBy !== null && head.reservedBy !== id) {
      const request = RequestId.safeParse(head.reservedBy);
      // Presented again after a turn that broke off had taken the head for it.
      const holder = all.find(({ intent }) => intent === head.reservedBy);
      if (holder !== undefined) await sealIntent(world, gates, holder, all);
      else if (request.success) await drive(world, request.data);
      else await countAct(world, Digest.parse(head.reservedBy));
      continue;
    }
    if (head.reservedBy === null) {
      const body = { ...head, reservedBy: id };
      // A conflict is another writer of the head: read again.
      await world.index.commit([{ kind: 'register', key: keys.head(line, environment), body, expected: revision }]);
      continue;
    }
    const gone = (await world.index.get(keys.revoked(target))) ?? (await world.index.get(keys.archived(target)));
    const { event } = await sealRecord(
      world,
      id,
      {
        kind: 'intentTransition',
        scope: { line, environment },
        from: head.incumbent,
        to: gone === undefined ? target : head.incumbent,
        previous: head.last ?? null,
        intent,
        envelope,
        allowedAt,
        at: intent.at,
      },
      consequencesOf,
    );
    return event;
  }
  throw new InfrastructureError(`the head of ${line} in ${environment} does not come free`, { retryable: true });
}

/** Verified once more: else whoever can write the notes could have us seal, and run, any version that was ever approved. */
function intentIn(id: Digest, envelope: string, gates: Guarded['gates']): Intent {
  const read = openIntent(Buffer.from(envelope, 'base64'));
  const trust = read.ok ? gates.get(read.value.intent.environment) : undefined;
  const signed = read.ok && trust !== undefined && digestOf(read.value.opened.payload) === id && signedBy(read.value, trust).ok;
  if (signed) return read.value.intent;
  throw new InfrastructureError(`the note of the intent ${id} is signed by nobody whom its gate trusts: it is not sealed`, {
    retryable: false,
  });
}
