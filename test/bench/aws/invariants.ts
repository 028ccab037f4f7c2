// What must be true of everything that is stored, looked up by somebody who believes no row and no answer.
import { auditSealed } from '../../../functions/audit/audit.ts';
import { auditLedgers } from '../../../functions/audit/ledger.ts';
import { auditLog } from '../../../functions/audit/log.ts';
import { compareRows } from '../../../functions/audit/rows.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { openEnvelope } from '../../../functions/domain/event/envelope.ts';
import { parseStatement } from '../../../functions/domain/event/statement.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { replayJournal } from '../../../functions/journal.ts';
import { readPublished } from '../../../functions/log/log.ts';
import { readTree } from '../../../functions/log/tree.ts';
import { readDossier } from '../../../functions/store.ts';
import { MemoryIndex } from '../../support/memory/index-rows.ts';
import type { TestWorld } from '../../support/world.ts';
import type { Cloud } from './cloud.ts';

/** What clients were told: that a request was taken in, and that a vote counts. */
export type Answered = {
  readonly requests: ReadonlySet<RequestId>;
  readonly votes: ReadonlyMap<RequestId, ReadonlySet<string>>;
};

/** The log as it was at some moment. */
export type Seen = { readonly size: number; readonly root: string };

export async function seenLog(world: TestWorld): Promise<Seen> {
  const { size = 0, root = '' } = (await readPublished(world.index)) ?? {};
  return { size, root };
}

/** Sentences about what is wrong; none when all is well. `log`: as it was seen, in order. */
export async function violations(cloud: Cloud, world: TestWorld, answered: Answered, log: readonly Seen[]): Promise<string[]> {
  const rows = await cloud.rows();
  const again = new MemoryIndex();
  await replayJournal(world.vault, again, () => undefined);
  const faults = [
    ...compareRows(rows, again.rows()),
    ...(await auditSealed(world, rows)).faults,
    ...(await auditLog(world, rows)).faults,
    ...(await auditLedgers(world, rows, world.clock.now())),
  ].map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`);
  return [
    ...faults,
    ...(await sealedOnce(world, answered)),
    ...(await votesKept(world, answered)),
    ...(await grewOnly(world, log)),
    ...(await oneVersionEach(cloud)),
  ];
}

async function sealedOnce(world: TestWorld, { requests }: Answered): Promise<string[]> {
  const counted = new Map<string, number>();
  for (const folder of ['events/', 'records/'])
    for await (const key of world.vault.list(folder)) {
      const opened = openEnvelope((await world.vault.get(key)) ?? new Uint8Array());
      const statement = opened.ok ? parseStatement(opened.value.payload) : undefined;
      const predicate = statement?.ok ? statement.value.predicate : undefined;
      if (predicate?.kind === 'promotion') counted.set(predicate.requestId, (counted.get(predicate.requestId) ?? 0) + 1);
    }
  return [...requests].flatMap((id) => (counted.get(id) === 1 ? [] : [`${id} has ${counted.get(id) ?? 0} events`]));
}

async function votesKept(world: TestWorld, { votes }: Answered): Promise<string[]> {
  const lost: string[] = [];
  for (const [id, keys] of votes) {
    const { decision } = (await readDossier(world.index, id)) ?? {};
    for (const key of keys)
      if (!decision?.votes.includes(key)) lost.push(`the vote ${key} on ${id} was answered and is not in its decision`);
  }
  return lost;
}

async function grewOnly(world: TestWorld, log: readonly Seen[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const [i, { size, root }] of log.entries()) {
    if (size < (log[i - 1]?.size ?? 0)) wrong.push(`the log shrank to ${size}`);
    const now = size === 0 ? root : await rootOf(world, size);
    if (now !== root) wrong.push(`the log of ${size} had the root ${root}, and has ${now}`);
  }
  return wrong;
}

async function rootOf({ vault }: TestWorld, size: number): Promise<string> {
  try {
    return (await readTree(vault, size)).root;
  } catch (error) {
    if (error instanceof InfrastructureError) return error.message;
    throw error;
  }
}

async function oneVersionEach({ vault }: Cloud): Promise<string[]> {
  const odd: string[] = [];
  for await (const { key, versions, markers } of vault.versionsOf(''))
    odd.push(`${key} has ${versions.length} versions and ${markers} delete markers`);
  return odd;
}
