import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Digest } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import type { CommitOutcome, Erasable, Index, Row, RowKey, Write } from '../../ports.ts';

/**
 * Facts in a table whose triggers refuse update and delete; registers beside them with a revision; what must be erasable in
 * a third. Whoever can edit this file can mislead the server, never a verifier: the vault is the truth.
 */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 5000;
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS fact (pk TEXT NOT NULL, sk TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (pk, sk)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS register (pk TEXT NOT NULL, sk TEXT NOT NULL, body TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (pk, sk)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS erasable (digest TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TRIGGER IF NOT EXISTS fact_is_never_changed BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;
  CREATE TRIGGER IF NOT EXISTS fact_is_never_deleted BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'a fact is never deleted'); END;
`;

type Found = Record<string, SQLOutputValue>;

export class SqliteIndex implements Index, Erasable {
  readonly #db: DatabaseSync;

  /**
   * `sync`: what a commit waits for. `journal`: its rows can be made again from the vault, so a power cut may take the last ones
   * of an index that stays whole (SQLite's NORMAL). `none`: a file that nobody reads before it is whole and synced (`finish`).
   */
  constructor(path: string, { sync = 'disk' }: { readonly sync?: 'disk' | 'journal' | 'none' } = {}) {
    try {
      this.#db = new DatabaseSync(path);
      this.#db.exec(SCHEMA);
      if (sync !== 'disk') this.#db.exec(`PRAGMA synchronous = ${sync === 'journal' ? 'NORMAL' : 'OFF'}`);
    } catch (error) {
      throw new InfrastructureError(`cannot open the index at ${path}: ${sentence(error)}`, { retryable: false, cause: error });
    }
  }

  /** What SQLite finds wrong with its file; undefined when it is whole. */
  fault(): string | undefined {
    try {
      const found = String(this.#db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
      return found === 'ok' ? undefined : found;
    } catch (error) {
      return sentence(error);
    }
  }

  /** Every row there is, ordered by key: to compare two indexes. */
  *rows(): Iterable<Row> {
    const sql = (table: string, revision: string) => `SELECT pk, sk, body, ${revision} AS revision FROM ${table}`;
    const all = this.#db.prepare(`${sql('fact', '0')} UNION ALL ${sql('register', 'revision')} ORDER BY pk, sk`);
    for (const found of all.iterate()) yield rowOf(found);
  }

  async get(key: RowKey): Promise<Row | undefined> {
    return this.#guard('read', () => this.#find(key));
  }

  async list(pk: string, skPrefix = ''): Promise<readonly Row[]> {
    return this.#guard('list', () => {
      const sql = (table: string, revision: string) =>
        `SELECT pk, sk, body, ${revision} AS revision FROM ${table} WHERE pk = ?1 AND substr(sk, 1, length(?2)) = ?2`;
      return this.#db
        .prepare(`${sql('fact', '0')} UNION ALL ${sql('register', 'revision')} ORDER BY sk`)
        .all(pk, skPrefix)
        .map(rowOf);
    });
  }

  async commit(writes: readonly Write[]): Promise<CommitOutcome> {
    return this.#guard('write', () => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        for (const write of writes) {
          const found = this.#find(write.key);
          if (conflicts(write, found)) {
            this.#db.exec('ROLLBACK');
            return { kind: 'conflict', key: write.key, found };
          }
          this.#apply(write);
        }
        this.#db.exec('COMMIT');
        return { kind: 'committed' };
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  async keep(digest: Digest, text: string): Promise<void> {
    this.#guard('write', () =>
      this.#db.prepare('INSERT OR IGNORE INTO erasable (digest, body) VALUES (?, ?)').run(digest, text),
    );
  }

  /** The log of the file still holds what was deleted, so it is emptied too. */
  async erase(digest: Digest): Promise<void> {
    this.#guard('erase in', () => {
      this.#db.prepare('DELETE FROM erasable WHERE digest = ?').run(digest);
      this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    });
  }

  close(): void {
    this.#db.close();
  }

  /** Ends a fresh file: everything stands in the one file, and the caller syncs it. */
  finish(): void {
    this.#guard('write', () => this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE'));
    this.#db.close();
  }

  #find(key: RowKey): Row | undefined {
    const found = this.#db
      .prepare(
        `SELECT pk, sk, body, 0 AS revision FROM fact WHERE pk = ?1 AND sk = ?2
         UNION ALL SELECT pk, sk, body, revision FROM register WHERE pk = ?1 AND sk = ?2`,
      )
      .get(key.pk, key.sk);
    return found === undefined ? undefined : rowOf(found);
  }

  #apply(write: Write): void {
    const { pk, sk } = write.key;
    switch (write.kind) {
      case 'fact':
        this.#db.prepare('INSERT INTO fact (pk, sk, body) VALUES (?, ?, ?)').run(pk, sk, JSON.stringify(write.body));
        return;
      case 'register':
        this.#db
          .prepare(
            `INSERT INTO register (pk, sk, body, revision) VALUES (?, ?, ?, 1)
             ON CONFLICT (pk, sk) DO UPDATE SET body = excluded.body, revision = register.revision + 1`,
          )
          .run(pk, sk, JSON.stringify(write.body));
        return;
      case 'clear':
        this.#db.prepare('DELETE FROM register WHERE pk = ? AND sk = ?').run(pk, sk);
        return;
    }
  }

  #guard<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new InfrastructureError(`cannot ${what} the index: ${sentence(error)}`, { retryable: true, cause: error });
    }
  }
}

function conflicts(write: Write, found: Row | undefined): boolean {
  switch (write.kind) {
    case 'fact':
      return found !== undefined;
    case 'register':
      return write.expected === 'absent' ? found !== undefined : found?.revision !== write.expected;
    case 'clear':
      return found?.revision !== write.expected;
  }
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const rowOf = (found: Found): Row => ({
  key: { pk: String(found['pk']), sk: String(found['sk']) },
  body: JSON.parse(String(found['body'])),
  revision: Number(found['revision']),
});
