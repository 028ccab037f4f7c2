// A hook arrives: believed in nothing but that it came, stored before it is answered, looked into afterwards.
import { canonicalBytes } from '../domain/canonical.ts';
import type { Digest } from '../domain/digest.ts';
import { HintRow, type HintState, hintKeys, SoughtRow, type Wish, wishIdOf } from '../domain/hint.ts';
import { BAD_HOOK, type RawHook } from '../domain/hook.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import type { Instant } from '../domain/text.ts';
import type { Clock, Index, Vault, Write } from '../ports.ts';
import { aliasFor, type Connection, mappedTo } from '../registry.ts';
import { storeBytes } from '../store.ts';

type Store = { readonly vault: Vault; readonly index: Index; readonly clock: Clock };

export type Taken = { readonly state: HintState; readonly hint: Digest | null };

export async function hear(world: Store, { registry, models }: Connection, raw: RawHook): Promise<Result<Taken>> {
  const at = world.clock.now();
  const heard = registry.verify(raw, at);
  if (!heard.ok) return heard;
  // Most of what a registry sends says nothing to us. It is not kept: a busy registry would fill the vault with it.
  if (heard.value.kind !== 'request') return ok({ state: 'ignored', hint: null });
  const { wish, delivery } = heard.value;
  const id = await storeBytes(world.vault, hookBytes(registry.name, raw));
  const mapped = mappedTo(models, wish.model);
  const ignored =
    mapped === undefined
      ? 'no line is connected with a model of this name'
      : aliasFor(mapped, wish.environment) === undefined
        ? 'this environment is not connected'
        : undefined;
  const row: HintRow = { id, wish, source: 'hook', delivery, receivedAt: at, ...(ignored === undefined ? {} : { ignored }) };
  return remember(world, row);
}

/** Only what the signature is about: a token that came with it never enters the vault. */
const KEPT = /^(?:content-type|webhook-(?:id|timestamp|signature)|x-(?:mlflow|databricks|wandb)-[a-z-]+|ce-[a-z0-9]+)$/;

const hookBytes = (registry: string, { headers, body }: RawHook): Uint8Array =>
  canonicalBytes({
    schema: 'hook/v0',
    registry,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT.test(name))),
    body: Buffer.from(body).toString('base64'),
  });

type Waiting = {
  readonly row: HintRow;
  readonly done: (taken: Result<Taken>) => void;
  readonly failed: (error: unknown) => void;
};
type Line = { readonly waiting: Waiting[]; busy: boolean };

/** In line within this process: a thousand hooks about one version would else move its row from under each other, again and again. */
const lines = new WeakMap<Index, Line>();
/** Two writes each; a transaction of DynamoDB takes a hundred. */
const MOST_TOGETHER = 40;

export function remember({ index }: Pick<Store, 'index'>, row: HintRow): Promise<Result<Taken>> {
  const line = lines.get(index) ?? { waiting: [], busy: false };
  lines.set(index, line);
  return new Promise((done, failed) => {
    line.waiting.push({ row, done, failed });
    if (!line.busy) void serve(index, line);
  });
}

/** Who came while others were written goes into one transaction with those beside them: each still waits for its own answer. */
async function serve(index: Index, line: Line): Promise<void> {
  line.busy = true;
  while (line.waiting.length > 0) {
    const turn = line.waiting.splice(0, MOST_TOGETHER);
    // Whatever was wrong with them together is found out one by one; what did get through is met there as a repeat.
    const all =
      turn.length > 1 &&
      (await together(
        index,
        turn.map(({ row }) => row),
      ).catch(() => false));
    for (const { row, done, failed } of turn) {
      if (all) done(ok(takenOf(row)));
      else await written(index, row).then(done, failed);
    }
  }
  line.busy = false;
}

async function together(index: Index, rows: readonly HintRow[]): Promise<boolean> {
  const writes: Write[] = rows.map((row) => ({ kind: 'fact', key: hintKeys.hint(row.wish.registry, row.delivery), body: row }));
  const newest = new Map(rows.filter(({ ignored }) => ignored === undefined).map((row) => [wishIdOf(row.wish), row]));
  for (const { wish, id, receivedAt } of newest.values()) writes.push(await seek(index, wish, id, receivedAt));
  return (await index.commit(writes)).kind === 'committed';
}

const takenOf = ({ ignored, id }: HintRow): Taken => ({ state: ignored === undefined ? 'new' : 'ignored', hint: id });

/** One transaction: that it came, and that it is to be looked into. A delivery that came before is answered as before. */
async function written(index: Index, row: HintRow): Promise<Result<Taken>> {
  const key = hintKeys.hint(row.wish.registry, row.delivery);
  const fact: Write = { kind: 'fact', key, body: row };
  for (;;) {
    const writes = row.ignored === undefined ? [fact, await seek(index, row.wish, row.id, row.receivedAt)] : [fact];
    const outcome = await index.commit(writes);
    if (outcome.kind === 'committed') return ok(takenOf(row));
    const before = await index.get(key);
    // Somebody else asked for the same version at this moment: that row is read again, and the same is written over it.
    if (before === undefined) continue;
    const { id } = HintRow.parse(before.body);
    // One delivery id and two contents: no registry sends that.
    return id === row.id ? ok(takenOf(row)) : fail(BAD_HOOK);
  }
}

/** Asked for again is looked into again, at once. */
async function seek(index: Index, wish: Wish, hint: Digest, at: Instant): Promise<Write> {
  const key = hintKeys.sought(wish);
  const found = await index.get(key);
  const since = found === undefined ? at : SoughtRow.parse(found.body).since;
  const body: SoughtRow = { wish, hint, since, state: 'new', attempts: 0, notBefore: at, problems: [] };
  return { kind: 'register', key, body, expected: found?.revision ?? 'absent' };
}
