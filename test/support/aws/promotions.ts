// The commits of a promotion, as several functions make them at once: facts that nobody else writes, a head that all of them want,
// and an object at the end. Every try has a number of its own, which stands in what it writes; so it can be told whose a row is.
import { expect } from 'vitest';
import { digestOf, hexOf } from '../../../functions/domain/digest.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import type { CommitOutcome, Index, RowKey, Vault, Write } from '../../../functions/ports.ts';

type Said = { readonly by: string; readonly try: number };
type Head = Said & { readonly promotions: readonly string[] };

export type Player = { readonly name: string; readonly vault: Vault; readonly index: Index };

/** Tries in a row that may fail before the test gives up: with one fault in ten nobody ever sees so many. */
const PATIENCE = 25;
let tries = 0;

export const headOf = (n: number): RowKey => ({ pk: `HEAD#${n}`, sk: 'head' });
export const factsOf = (id: string): RowKey[] =>
  ['request', 'comparison', 'routing', 'vote#a', 'vote#b', 'decision', 'seal'].map((sk) => ({ pk: `REQ#${id}`, sk }));
export const openOf = (id: string): RowKey => ({ pk: 'OPEN', sk: id });
export const recordOf = (id: string): { key: string; bytes: Uint8Array } => ({
  key: `records/${hexOf(digestOf(id))}.dsse.json`,
  bytes: new TextEncoder().encode(id),
});

/** As its callers do it: what may be tried again is tried again. */
async function patiently<T>(run: () => Promise<T>): Promise<T> {
  for (let failed = 0; ; failed++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof InfrastructureError && error.retryable) || failed > PATIENCE) throw error;
    }
  }
}

/**
 * One commit, tried until it is answered. A conflict with what this very try wrote is a lie; one with an earlier try whose answer
 * was lost says that it is done.
 */
async function committed({ name, index }: Player, writesOf: (said: Said) => readonly Write[]): Promise<CommitOutcome> {
  const unanswered = new Set<number>();
  return patiently(async () => {
    const said = { by: name, try: ++tries };
    unanswered.add(said.try);
    const writes = writesOf(said);
    const outcome = await index.commit(writes);
    unanswered.delete(said.try);
    if (outcome.kind === 'committed') return outcome;
    const found = outcome.found?.body as Said | undefined;
    expect(found?.try, `${name} was told of a conflict with itself at ${outcome.key.pk} / ${outcome.key.sk}`).not.toBe(
      said.try,
    );
    const write = writes.find(({ key }) => key.pk === outcome.key.pk && key.sk === outcome.key.sk);
    const wanted = write?.kind === 'fact' || write?.expected === 'absent' ? undefined : write?.expected;
    expect(outcome.found?.revision, 'a conflict is real').not.toBe(wanted);
    return found !== undefined && unanswered.has(found.try) ? { kind: 'committed' } : outcome;
  });
}

const alone = async (player: Player, writesOf: (said: Said) => readonly Write[]) =>
  expect(await committed(player, writesOf)).toEqual({ kind: 'committed' });

export async function promoteOn(player: Player, id: string, head: RowKey): Promise<void> {
  const [request, comparison, routing, voteA, voteB, decision, seal] = factsOf(id);
  const fact = (key: RowKey | undefined, body: Said): Write => ({ kind: 'fact', key: key ?? openOf(id), body });
  await alone(player, (body) => [fact(request, body), { kind: 'register', key: openOf(id), body, expected: 'absent' }]);
  await alone(player, (body) => [fact(comparison, body)]);
  await alone(player, (body) => [fact(routing, body)]);
  await Promise.all([voteA, voteB].map((vote) => alone(player, (body) => [fact(vote, body)])));
  for (;;) {
    const now = await patiently(() => player.index.get(head));
    const before = (now?.body as Head | undefined)?.promotions ?? [];
    if (before.includes(id)) break;
    const outcome = await committed(player, (body) => [
      fact(decision, body),
      { kind: 'clear', key: openOf(id), expected: 1 },
      { kind: 'register', key: head, body: { ...body, promotions: [...before, id] }, expected: now?.revision ?? 'absent' },
    ]);
    if (outcome.kind === 'committed') break;
  }
  const { key, bytes } = recordOf(id);
  const put = await patiently(() => player.vault.putOnce(key, bytes));
  if (put.kind === 'already') expect(put.bytes).toEqual(bytes);
  await alone(player, (body) => [fact(seal, body)]);
}
