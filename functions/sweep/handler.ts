// Once a minute: what should have gone on and did not, what waits for the clock, the registries, and whether the store is well.
// And by hand, the store is frozen or let go.
import { z } from 'zod';
import { systemClock } from '../adapters/local/clock.ts';
import { toldBy } from '../aws/env.ts';
import { gatesOf } from '../aws/gates.ts';
import { keptSecret, registryWorld } from '../aws/registries.ts';
import { logLine, told } from '../aws/stage.ts';
import { openedFor } from '../aws/task.ts';
import { type AwsWorld, openHealth } from '../aws/world.ts';
import { digestOf } from '../domain/digest.ts';
import { factsOf } from '../domain/dossier.ts';
import { InfrastructureError, storyOf } from '../domain/errors.ts';
import { type Step, stateOf, stepOf } from '../domain/flow.ts';
import type { RequestId } from '../domain/request.ts';
import { Instant, prose } from '../domain/text.ts';
import { isFrozen } from '../health.ts';
import { appendToLog } from '../log/append.ts';
import { round } from '../registries/round.ts';
import { readDossier } from '../store.ts';
import { watch } from '../thaw.ts';
import { isLate } from '../waits.ts';

const RESTS: ReadonlySet<Step> = new Set(['awaitRationale', 'awaitVotes', 'settle']);

const env = toldBy(process.env);
const open = openedFor({ sealer: true, sequencer: true });
const secret = keptSecret(env.told);
const clock = systemClock();
const health = () => openHealth(env.told);

/** When something was last seen to be sealed: a note of this deployment, not evidence. Forgotten, it only means one more canary. */
const SEALED_AT = digestOf('sweep/sealed-at');
const REMEMBERED_SECONDS = 7 * 86_400;

/** What an operator may ask for; the schedule sends something else. */
const ByHand = z.object({ kind: z.enum(['freeze', 'release']), reason: prose(5, 2000) });

export const handler = async (event: unknown): Promise<unknown> => {
  const asked = ByHand.safeParse(event);
  if (asked.success) return told('byHand', { kind: asked.data.kind }, () => byHand(asked.data));
  return told('sweep', {}, async () => {
    const world = await open().catch(noted);
    // What another function put into the journal and died before it wrote the rows.
    await world.index.catchUp().catch(noted);
    // Each for itself: what goes wrong in one holds up no other.
    const done = await Promise.allSettled([wakeStanding(world), world.sealer?.seal(), appendToLog(world)]);
    const faults = done.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    for (const fault of faults) logLine({ level: 'error', event: 'sweep', error: storyOf(fault) });
    await lookAfter(world, faults.length > 0);
    await world.workflow.idle();
    // Last: a registry may be slow, and a model of gigabytes is hashed here. Whoever is stopped in it has looked after the store.
    await askRegistries(world);
    await world.workflow.idle();
  });
};

/** For everybody to read; the whole story is in the log. */
const reasonOf = (error: unknown): string =>
  error instanceof InfrastructureError ? error.message.slice(0, 500) : 'the store does not open';

/** A store that does not even open is as unwell as one that takes no canary. */
async function noted(error: unknown): Promise<never> {
  await health().note({ kind: 'fault', at: clock.now(), reason: reasonOf(error) });
  throw error;
}

/** Neither vault nor index is asked. Only after some canaries is it thawed (docs/ledger.md). */
async function byHand({ kind, reason }: z.infer<typeof ByHand>): Promise<unknown> {
  const warden = health();
  await warden.note({ kind, at: clock.now(), reason });
  const { state, since, held, eta } = await warden.look();
  return { state, since, held, eta };
}

/**
 * An execution that waits is woken by votes, by who was in its way and by its own timer; each look costs three transitions. Woken
 * here is what stands where nothing waits for anybody, and once an hour everything: an execution may have broken.
 */
async function wakeStanding(world: AwsWorld): Promise<void> {
  // Nothing goes on while it is frozen; who waits looks again by itself.
  if (await isFrozen(world)) return;
  const all = new Date(world.clock.now()).getUTCMinutes() === 0;
  for (const { key } of await world.index.list('OPEN')) {
    const id = key.sk as RequestId;
    const dossier = await readDossier(world.index, id);
    if (dossier === undefined) continue;
    const rests = RESTS.has(stepOf(stateOf(factsOf(dossier))));
    if (all || !rests || (await isLate(world, dossier))) world.workflow.wake(id);
  }
}

async function askRegistries(world: AwsWorld): Promise<void> {
  const registries = registryWorld(world, await secret());
  if (registries !== undefined) await round(registries, true, logLine);
}

async function lookAfter(world: AwsWorld, suspect: boolean): Promise<void> {
  const now = world.clock.now();
  const noted = Instant.safeParse(await world.sessions.get(SEALED_AT));
  const before = noted.success ? noted.data : now;
  const wasFrozen = await isFrozen(world);
  const sealedAt = await watch({ ...world, gates: await gatesOf(world) }, before, suspect);
  if (!noted.success || sealedAt !== before)
    await world.sessions.put(SEALED_AT, sealedAt, Date.parse(now) / 1000 + REMEMBERED_SECONDS);
  // What people said meanwhile counts now, and not only when the timer of their request is over.
  if (wasFrozen && !(await isFrozen(world)))
    for (const { key } of await world.index.list('OPEN')) world.workflow.wake(key.sk as RequestId);
  const { state } = await world.health.look();
  // A metric filter counts these; none for some minutes is an alarm (infra/).
  logLine({ level: 'info', event: 'health', state });
}
