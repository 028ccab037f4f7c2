// Once a minute: is the store well? A canary is sealed when nothing else was for a while, or when it is not well; and after enough
// of them in a row what was frozen thaws, in the order in which it happened.
import { activeOf } from './activation.ts';
import { countAct } from './acts-seal.ts';
import { consequencesOf } from './consequences.ts';
import { canonicalDigest } from './domain/canonical.ts';
import { Digest, type EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { openEnvelope } from './domain/event/envelope.ts';
import type { Health, IntentNote } from './domain/health.ts';
import { INTENT_TYPE, Intent } from './domain/intent.ts';
import { parseBytes } from './domain/parse.ts';
import { RequestId } from './domain/request.ts';
import { invariant } from './domain/result.ts';
import { keys } from './domain/rows.ts';
import { type Instant, laterOf } from './domain/text.ts';
import { drive } from './drive.ts';
import type { Warden } from './health.ts';
import { appendToLog } from './log/append.ts';
import type { DriveWorld } from './packs.ts';
import { recordAt, sealRecord } from './seal/record.ts';
import { readHead } from './store.ts';

type Guarded = DriveWorld & { readonly health: Warden };

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
  // Before the start there is nothing to seal beside.
  if ((before.state === 'HEALTHY' && !idle) || (await activeOf(world.index)) === undefined) return sealedAt;
  try {
    await canary(world, now);
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

async function thaw({ health, ...world }: Guarded, { since, reason, intents }: Health): Promise<void> {
  invariant(since !== null && reason !== null, 'what is frozen is so since some time, for some reason');
  const freezeId = canonicalDigest(['freeze/v1', since]);
  const { event: freeze } = await sealRecord(world, freezeId, { kind: 'freeze', reason, at: since }, consequencesOf);
  const sealed: EventHash[] = [];
  for (const note of intents) sealed.push(await sealIntent(world, note));
  const at = laterOf(world.clock.now(), since);
  const id = canonicalDigest(['thaw/v1', since]);
  await sealRecord(world, id, { kind: 'thaw', freeze, since, intents: sealed, at }, consequencesOf);
  await appendToLog(world);
  await health.note({ kind: 'thawed', at });
}

/** `world` has no warden here: what was decided before the freeze is sealed first, as it came first. */
async function sealIntent(world: DriveWorld, { intent: id, envelope, at: allowedAt }: IntentNote): Promise<EventHash> {
  const again = await recordAt(world, id, consequencesOf);
  if (again !== undefined) return again.event;
  const intent = intentIn(envelope);
  const { line, environment, target } = intent;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const { head, revision } = await readHead(world.index, line, environment);
    if (head.reservedBy !== null && head.reservedBy !== id) {
      const request = RequestId.safeParse(head.reservedBy);
      if (request.success) await drive(world, request.data);
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

function intentIn(envelope: string): Intent {
  const opened = openEnvelope(Buffer.from(envelope, 'base64'), INTENT_TYPE);
  const parsed = opened.ok ? parseBytes(Intent, opened.value.payload) : opened;
  invariant(parsed.ok, 'what the gate kept was an intent');
  return parsed.value;
}
