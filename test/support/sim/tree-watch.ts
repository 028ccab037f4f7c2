// The log as it must be: computed again from every entry that was ever committed, by hashing all of them.
import { createHash } from 'node:crypto';
import type { Digest, EventHash } from '../../../functions/domain/digest.ts';
import { parseCheckpoint } from '../../../functions/domain/log/checkpoint.ts';
import { leafHash, rootOf } from '../../../functions/domain/log/merkle.ts';
import { LogHeadRow, LogPublishedRow } from '../../../functions/domain/rows.ts';

export class TreeWatch {
  readonly #wrong: (what: string) => void;
  readonly #leaves: Uint8Array[] = [];
  readonly #entries = new Set<string>();
  readonly #sealed = new Set<EventHash>();
  #publishedSize = 0;

  constructor(wrong: (what: string) => void) {
    this.#wrong = wrong;
  }

  sealed(hash: EventHash): void {
    this.#sealed.add(hash);
  }

  moved(body: unknown, blob: (digest: Digest) => Uint8Array | undefined): void {
    const { size, root, from, entries } = LogHeadRow.parse(body);
    const staged = blob(entries);
    if (!staged) return void this.#wrong(`the tree moved to ${size} and its entries are not in the vault`);
    if (from !== this.#leaves.length) return void this.#wrong(`the tree of ${this.#leaves.length} moved on from ${from}`);
    for (const entry of (JSON.parse(new TextDecoder().decode(staged)) as { entries: string[] }).entries) {
      const bytes = Buffer.from(entry, 'base64');
      const text = bytes.toString();
      const { eventHash } = JSON.parse(text) as { eventHash: EventHash };
      if (!this.#sealed.has(eventHash)) this.#wrong(`${eventHash} is in the tree and was never sealed`);
      if (this.#entries.has(eventHash)) this.#wrong(`${eventHash} is in the tree twice`);
      this.#entries.add(eventHash);
      this.#leaves.push(leafHash(bytes));
    }
    if (size !== this.#leaves.length || root !== this.#rootAt(size)) this.#wrong(`the tree of ${size} has another root`);
  }

  published(body: unknown): void {
    const { size, root } = LogPublishedRow.parse(body);
    if (size < this.#publishedSize) this.#wrong(`the published tree shrank from ${this.#publishedSize} to ${size}`);
    if (root !== this.#rootAt(size)) this.#wrong(`the published tree of ${size} is another one`);
    this.#publishedSize = size;
  }

  /** A checkpoint that is signed, stored or not: it must be of the tree that was committed. */
  checkpoint(text: string): void {
    const [, size = '', root = ''] = text.split('\n');
    if (this.#rootAt(Number(size)) !== `sha256:${Buffer.from(root, 'base64').toString('hex')}`)
      this.#wrong(`a checkpoint of ${size} was signed that is not of the committed tree`);
    const parsed = text.includes('\n\n') ? parseCheckpoint(text) : undefined;
    if (parsed && !parsed.ok) this.#wrong(`the checkpoint of ${size} does not read`);
  }

  /** When all is calm: every sealed event is in a published tree, once, and nothing else. */
  end(): void {
    for (const hash of this.#sealed) if (!this.#entries.has(hash)) this.#wrong(`${hash} is sealed and never came into the log`);
    if (this.#publishedSize !== this.#leaves.length)
      this.#wrong(`the tree has ${this.#leaves.length} entries, ${this.#publishedSize} are published`);
  }

  #rootAt(size: number): string {
    if (size > this.#leaves.length) return 'a tree that is not there';
    const root = size === 0 ? createHash('sha256').digest() : rootOf(this.#leaves.slice(0, size));
    return `sha256:${Buffer.from(root).toString('hex')}`;
  }
}
