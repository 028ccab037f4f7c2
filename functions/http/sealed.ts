// Reading what is sealed, for lists and counts. An envelope never changes, so each is read once in the life of this process.
import { type EventHash, EventHash as Hash } from '../domain/digest.ts';
import { openEnvelope } from '../domain/event/envelope.ts';
import { isAbsent, type Promotion, parseStatement } from '../domain/event/statement.ts';
import { heaviest } from '../domain/routing.ts';
import type { DriveWorld } from '../packs.ts';
import type { Vault } from '../ports.ts';
import type { DecidedRow } from './pages/inbox.ts';

/** Envelopes read for one request at most: the first look at a large vault takes several. */
const AT_ONCE = 2000;
/** A remote vault takes milliseconds for each: one after the other, two thousand would be half a minute. */
const TOGETHER = 32;

/** Hands each sealed promotion to `visit`, once; answers how many envelopes are left for the next call. */
export function readSealedOnce(
  vault: Pick<Vault, 'list' | 'get'>,
  visit: (promotion: Promotion, event: EventHash) => void,
  atOnce = AT_ONCE,
): () => Promise<number> {
  const seen = new Set<string>();
  return async () => {
    const fresh: string[] = [];
    for (const prefix of ['events/', 'records/']) {
      for await (const key of vault.list(prefix)) if (!seen.has(key)) fresh.push(key);
    }
    const next = fresh.slice(0, atOnce);
    for (let from = 0; from < next.length; from += TOGETHER) {
      const keys = next.slice(from, from + TOGETHER);
      const found = await Promise.all(keys.map((key) => promotionIn(vault, key)));
      for (const [i, key] of keys.entries()) {
        const one = found[i];
        // Two requests may read at once; each envelope counts once.
        if (!seen.has(key) && one) visit(one.promotion, one.event);
        seen.add(key);
      }
    }
    return Math.max(0, fresh.length - atOnce);
  };
}

async function promotionIn(vault: Pick<Vault, 'get'>, key: string) {
  const envelope = await vault.get(key);
  const opened = envelope === undefined ? undefined : openEnvelope(envelope);
  const statement = opened?.ok ? parseStatement(opened.value.payload) : undefined;
  const predicate = statement?.ok ? statement.value.predicate : undefined;
  return opened?.ok && predicate?.kind === 'promotion' ? { promotion: predicate, event: opened.value.hash } : undefined;
}

/** What was decided, the latest first. */
export function createDecidedList(world: DriveWorld): () => Promise<{ rows: readonly DecidedRow[]; unread: number }> {
  const rows: DecidedRow[] = [];
  const read = readSealedOnce(world.vault, (promotion, event) => void rows.push(decidedRow(promotion, event)));
  return async () => {
    const unread = await read();
    rows.sort((a, b) => (a.decidedAt === b.decidedAt ? (a.event < b.event ? -1 : 1) : a.decidedAt < b.decidedAt ? 1 : -1));
    return { rows, unread };
  };
}

function decidedRow(promotion: Promotion, event: EventHash): DecidedRow {
  const { model, routing, scope, outcome, requestId, times, reasons } = promotion;
  const findings = isAbsent(routing) ? [] : routing.findings;
  const worst = heaviest(findings.map(({ minPath }) => minPath));
  const deciding = findings.filter(({ minPath }) => minPath === worst && worst !== 'automated');
  return {
    event: Hash.parse(event),
    requestId,
    line: scope.line,
    environment: scope.environment,
    model: isAbsent(model) ? 'a model' : model.name,
    version: isAbsent(model) ? '' : model.version,
    path: isAbsent(routing) ? null : routing.path,
    outcome,
    decidedAt: times.decidedAt,
    rules: [...new Set([...deciding, ...reasons].map(({ code }) => code))],
  };
}
