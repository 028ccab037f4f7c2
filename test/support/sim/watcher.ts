// Stands over the stores of a deterministic world and looks after every single step: what must never be true, not even for a moment.
// It reads what is really there and believes no port and no server.
import { type Digest, digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { openEnvelope } from '../../../functions/domain/event/envelope.ts';
import { isAbsent, type Promotion, Statement } from '../../../functions/domain/event/statement.ts';
import { DecisionRow } from '../../../functions/domain/rows.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { judge } from '../../../functions/gate/gate.ts';
import type { Index, Write } from '../../../functions/ports.ts';
import type { Call } from '../faults.ts';
import { liesOf } from '../faults-world.ts';
import { memoryClock } from '../memory/clock.ts';
import { memoryVault } from '../memory/vault.ts';
import { TreeWatch } from './tree-watch.ts';

type Known = { readonly hash: EventHash; readonly key: string; readonly promotion: Promotion };

export class Watcher {
  readonly violations: string[] = [];
  /** From here on nothing fails any more. */
  calm = false;
  readonly tree: TreeWatch;
  readonly #objects: ReadonlyMap<string, Uint8Array>;
  readonly #rows: Index;
  readonly #trust: Trust;
  readonly #seen = new Map<string, Uint8Array>();
  /** What the journal says, by row. */
  readonly #state = new Map<string, { readonly body: unknown; readonly fact: boolean }>();
  readonly #events = new Map<string, Known>();
  readonly #answered = new Map<string, Set<string>>();

  constructor(objects: ReadonlyMap<string, Uint8Array>, rows: Index, trust: Trust) {
    this.#objects = objects;
    this.#rows = rows;
    this.#trust = trust;
    this.tree = new TreeWatch((what) => this.wrong(what));
    for (const key of objects.keys()) this.#object(key);
  }

  wrong(what: string): void {
    this.violations.push(what);
  }

  outcomes(requests: readonly string[]): string[] {
    return requests.flatMap((request) => this.#events.get(request)?.promotion.outcome ?? []);
  }

  /** Faults of the world may come out of a server; a bug, or a store that is said to be damaged when nobody damaged it, may not. */
  async forgiving(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.calm && error instanceof InfrastructureError && error.retryable) return;
      this.wrong(`a server failed for good: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async after({ op, on }: Call): Promise<void> {
    if (op === 'vault.putOnce') this.#object(on[0] ?? '');
    if (op === 'index.commit' && on.some((sk) => ['event', 'head', 'archived'].includes(sk))) await this.askGate();
  }

  /** A client was told that this vote is taken. */
  answered(request: string, voteKey: string): void {
    const votes = this.#answered.get(request) ?? new Set();
    this.#answered.set(request, votes.add(voteKey));
    if (!this.#state.has(`REQ#${request} / vote#${voteKey}`)) this.wrong(`${request}: a vote was answered and has no row`);
    const decision = this.#state.get(`REQ#${request} / decision`);
    if (decision && !DecisionRow.parse(decision.body).votes.includes(voteKey))
      this.wrong(`${request}: a vote was answered "ok" and the decision does not count it`);
  }

  /** Every event there is, in the hands of whoever may deploy it: allowed is only what is sealed, approved and active. */
  async askGate(): Promise<void> {
    // Nobody breaks glass in this world, so the hour at the gate plays no part.
    const store = { vault: memoryVault(this.#objects as Map<string, Uint8Array>), index: this.#rows, clock: memoryClock(0) };
    for (const { hash, promotion } of this.#events.values()) {
      const { model, scope } = promotion;
      if (isAbsent(model)) continue;
      const question = { event: hash, root: model.root, manifest: model.manifest, ...scope };
      const { verdict } = await judge(store, question, this.#trust);
      if (verdict !== 'allow') continue;
      const decision = this.#state.get(`REQ#${promotion.requestId} / decision`);
      if (!this.#state.has(`EVENT#${hash} / event`)) this.wrong(`the gate allowed ${hash}, which has no row`);
      if (this.#incumbent(promotion) !== hash) this.wrong(`the gate allowed ${hash}, which is not active`);
      if (promotion.outcome !== 'approved' || !decision || DecisionRow.parse(decision.body).outcome !== 'approved')
        this.wrong(`the gate allowed ${hash}, which nobody approved`);
    }
  }

  #object(key: string): void {
    const bytes = this.#objects.get(key);
    const known = this.#seen.get(key);
    if (known && (!bytes || Buffer.compare(known, bytes) !== 0))
      return void this.wrong(`${key} was written twice, with other bytes`);
    if (known || !bytes) return;
    this.#seen.set(key, bytes);
    if (key.startsWith('journal/')) this.#transaction(bytes);
    if (key.startsWith('events/') || key.startsWith('records/')) this.#envelope(key, bytes);
    if (key.startsWith('log/checkpoints/')) this.tree.checkpoint(new TextDecoder().decode(bytes));
  }

  #envelope(key: string, bytes: Uint8Array): void {
    const opened = openEnvelope(bytes);
    if (!opened.ok || !key.includes(opened.value.hash.slice('sha256:'.length)))
      return void this.wrong(`${key} is not what its name says`);
    const { predicate } = Statement.parse(JSON.parse(new TextDecoder().decode(opened.value.payload)));
    if (predicate.kind !== 'promotion') return;
    const before = this.#events.get(predicate.requestId);
    if (before) this.wrong(`${predicate.requestId} has two events: ${before.hash} and ${opened.value.hash}`);
    this.#events.set(predicate.requestId, { hash: opened.value.hash, key, promotion: predicate });
    if (predicate.outcome === 'approved') this.#quorum(predicate);
  }

  /** Counted once more, and differently: each seat that people owe is held by a person of its own who said yes. */
  #quorum({ requestId, routing, approvals }: Promotion): void {
    if (isAbsent(routing) || isAbsent(approvals))
      return void this.wrong(`${requestId} was approved without routing or approval`);
    const persons = approvals.filter(({ kind }) => kind === 'person');
    const yes = new Set(persons.flatMap((one) => (one.kind === 'person' && one.choice === 'approve' ? [one.actor.sub] : [])));
    const seats = routing.groups.reduce((sum, { min }) => sum + min, 0);
    if (yes.size < seats) this.wrong(`${requestId} was approved by ${yes.size} persons of ${seats}`);
    if (persons.some((one) => one.kind === 'person' && one.choice === 'reject'))
      this.wrong(`${requestId} was approved over a no`);
  }

  #transaction(bytes: Uint8Array): void {
    const [line = ''] = new TextDecoder().decode(bytes).split('\n');
    const { writes } = JSON.parse(line) as { writes: Write[] };
    for (const write of writes) this.#write(write);
    for (const { promotion, hash } of this.#events.values()) {
      const sealedNow = writes.some(({ key }) => key.sk === 'event' && key.pk === `EVENT#${hash}`);
      if (sealedNow && promotion.outcome === 'approved' && this.#incumbent(promotion) !== hash)
        this.wrong(`${hash} was approved and sealed, and its head did not move to it`);
    }
  }

  #incumbent({ scope: { line, environment } }: Promotion): unknown {
    return (this.#state.get(`HEAD#${line}#${environment} / head`)?.body as { incumbent?: unknown } | undefined)?.incumbent;
  }

  #write(write: Write): void {
    const { pk, sk } = write.key;
    const name = `${pk} / ${sk}`;
    for (const lie of liesOf(write, this.#objects)) this.wrong(lie);
    if (write.kind === 'clear') return void this.#state.delete(name);
    const before = this.#state.get(name);
    if (before?.fact) this.wrong(`the fact ${name} was written twice`);
    this.#state.set(name, { body: write.body, fact: write.kind === 'fact' });
    if (sk === 'decision' && pk.startsWith('REQ#'))
      this.#decision(pk.slice('REQ#'.length), DecisionRow.parse(write.body).votes);
    if (sk === 'event') this.tree.sealed(pk.slice('EVENT#'.length) as EventHash);
    if (sk === 'head') this.#head(before?.body, write.body);
    if (name === 'LOG / tree') this.tree.moved(write.body, (digest) => this.#blob(digest));
    if (name === 'LOG / published') this.tree.published(write.body);
  }

  #decision(request: string, counted: readonly string[]): void {
    for (const voteKey of this.#answered.get(request) ?? [])
      if (!counted.includes(voteKey)) this.wrong(`${request} was decided without a vote that was answered "ok"`);
  }

  /** One lineage for each head: an event takes the place of the one it was compared with. */
  #head(before: unknown, after: unknown): void {
    const [old, next] = [before, after].map((body) => (body as { incumbent?: EventHash } | undefined)?.incumbent ?? null);
    if (next === null || next === undefined || old === next) return;
    const event = [...this.#events.values()].find(({ hash }) => hash === next);
    if (!event) this.wrong(`a head moved to ${next}, which is not sealed`);
    else if (event.promotion.lineage.incumbent !== old)
      this.wrong(`a head moved from ${old}, which ${next} was not compared with`);
  }

  #blob(digest: Digest): Uint8Array | undefined {
    const bytes = this.#objects.get(`blobs/${digest.slice('sha256:'.length)}`);
    return bytes && digestOf(bytes) === digest ? bytes : undefined;
  }
}
