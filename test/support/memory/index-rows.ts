// Imitates a table of rows with conditional transactions (SqliteIndex, DynamoDB): held to the same laws in test/contract. Bodies are
// kept as text, as every real table does, so that nobody shares an object with it.
import type { Erasable, Index, Row, RowKey, Write } from '../../../functions/ports.ts';

type Stored = { readonly sk: string; readonly text: string; readonly revision: number };

export class MemoryIndex implements Index, Erasable {
  readonly #partitions = new Map<string, Map<string, Stored>>();
  readonly #erasable = new Map<string, string>();

  async get(key: RowKey): Promise<Row | undefined> {
    return this.#find(key);
  }

  async list(pk: string, skPrefix = ''): Promise<readonly Row[]> {
    const found = [...(this.#partitions.get(pk)?.values() ?? [])].filter(({ sk }) => sk.startsWith(skPrefix));
    return found.sort((a, b) => (a.sk < b.sk ? -1 : 1)).map((stored) => rowOf(pk, stored));
  }

  async commit(writes: readonly Write[]): ReturnType<Index['commit']> {
    for (const write of writes) {
      const found = this.#find(write.key);
      const wanted = write.kind === 'fact' || write.expected === 'absent' ? undefined : write.expected;
      // A fact has revision 0, which no register ever has: it is never cleared and never replaced.
      if (found?.revision !== wanted) return { kind: 'conflict', key: write.key, found };
    }
    for (const write of writes) this.#apply(write);
    return { kind: 'committed' };
  }

  async keep(digest: string, text: string): Promise<void> {
    if (!this.#erasable.has(digest)) this.#erasable.set(digest, text);
  }

  async erase(digest: string): Promise<void> {
    this.#erasable.delete(digest);
  }

  /** For the laws: what is kept. */
  kept(): readonly string[] {
    return [...this.#erasable.values()];
  }

  *rows(): Iterable<Row> {
    for (const pk of [...this.#partitions.keys()].sort()) {
      const stored = [...(this.#partitions.get(pk)?.values() ?? [])];
      yield* stored.sort((a, b) => (a.sk < b.sk ? -1 : 1)).map((one) => rowOf(pk, one));
    }
  }

  #find({ pk, sk }: RowKey): Row | undefined {
    const stored = this.#partitions.get(pk)?.get(sk);
    return stored === undefined ? undefined : rowOf(pk, stored);
  }

  #apply(write: Write): void {
    const { pk, sk } = write.key;
    const partition = this.#partitions.get(pk) ?? new Map<string, Stored>();
    this.#partitions.set(pk, partition);
    if (write.kind === 'clear') return void partition.delete(sk);
    const revision = write.kind === 'fact' ? 0 : (partition.get(sk)?.revision ?? 0) + 1;
    partition.set(sk, { sk, text: JSON.stringify(write.body), revision });
  }
}

const rowOf = (pk: string, { sk, text, revision }: Stored): Row => ({ key: { pk, sk }, body: JSON.parse(text), revision });
