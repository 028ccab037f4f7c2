// A witness: c2sp.org/tlog-witness, add-checkpoint. It remembers one tree for each log it was told of, and cosigns only what
// that tree has grown into. A program of its own; it shares with the log nothing but the format.
import { z } from 'zod';
import { Digest, digestFromHex, hexOf } from '../domain/digest.ts';
import {
  type Checkpoint,
  cosignatureLine,
  cosignedBytes,
  parseCheckpoint,
  parseHash,
  parseSize,
  signedByLog,
} from '../domain/log/checkpoint.ts';
import { EMPTY_ROOT, type Hash, type Head, sameHash, verifyConsistency } from '../domain/log/merkle.ts';
import type { NoteKey } from '../domain/log/note.ts';
import type { Clock, Index, Signer } from '../ports.ts';

export type WitnessWorld = {
  /** Its memory. LAW: lost memory is a lost witness; it must never start again empty under the same key. */
  readonly index: Index;
  readonly clock: Clock;
  readonly key: NoteKey;
  readonly signer: Signer;
  /** The logs it knows, by origin. */
  readonly logs: ReadonlyMap<string, readonly NoteKey[]>;
};

export type Reply = { readonly status: 200 | 400 | 403 | 404 | 409 | 422; readonly type: string; readonly body: string };

const SeenRow = z.strictObject({ size: z.int(), root: Digest, checkpoint: z.string() });

const MAX_PROOF = 63;
const plain = (status: Reply['status'], body: string): Reply => ({ status, type: 'text/plain; charset=utf-8', body });
const otherSize = (size: number): Reply => ({ status: 409, type: 'text/x.tlog.size', body: `${size}\n` });
const seenKey = (origin: string) => ({ pk: 'WITNESS', sk: origin });

export async function addCheckpoint(world: WitnessWorld, body: string): Promise<Reply> {
  const asked = parseAsked(body);
  if (asked === undefined) return plain(400, 'expected: old <size>, proof lines, an empty line, a checkpoint\n');
  const { old, proof, checkpoint, text } = asked;
  const known = world.logs.get(checkpoint.origin);
  if (known === undefined) return plain(404, 'no such log\n');
  const signed = known.map((key) => signedByLog(checkpoint, key));
  if (!signed.includes(true) || signed.includes(false)) return plain(403, 'not signed by a key of this log\n');
  if (old > checkpoint.size) return plain(400, 'the old size is above the new one\n');

  const row = await world.index.get(seenKey(checkpoint.origin));
  const seen = row === undefined ? undefined : SeenRow.parse(row.body);
  const before: Head =
    seen === undefined ? { size: 0, root: EMPTY_ROOT } : { size: seen.size, root: Buffer.from(hexOf(seen.root), 'hex') };
  if (old !== before.size) return otherSize(before.size);
  if (old === checkpoint.size && !sameHash(before.root, checkpoint.root)) return otherSize(before.size);
  if (!verifyConsistency(before, checkpoint, proof))
    return plain(422, 'the proof does not lead from the old tree to the new\n');

  // Remembered before it is signed, on condition that nothing else was remembered meanwhile: of two at once one is told.
  const root = digestFromHex(Buffer.from(checkpoint.root).toString('hex'));
  const next = { size: checkpoint.size, root, checkpoint: text };
  const kept = await world.index.commit([
    { kind: 'register', key: seenKey(checkpoint.origin), body: next, expected: row?.revision ?? 'absent' },
  ]);
  if (kept.kind === 'conflict') return otherSize(SeenRow.parse(kept.found?.body).size);
  return plain(200, await cosignature(world, checkpoint));
}

async function cosignature({ clock, key, signer }: WitnessWorld, { note }: Checkpoint): Promise<string> {
  const seconds = Math.floor(Date.parse(clock.now()) / 1000);
  return cosignatureLine(key, seconds, await signer.sign(cosignedBytes(note.text, seconds)));
}

type Asked = { readonly old: number; readonly proof: readonly Hash[]; readonly checkpoint: Checkpoint; readonly text: string };

function parseAsked(body: string): Asked | undefined {
  const end = body.indexOf('\n\n');
  const [first = '', ...lines] = body.slice(0, Math.max(end, 0)).split('\n');
  const old = first.startsWith('old ') ? parseSize(first.slice('old '.length)) : undefined;
  const proof = lines.map(parseHash).filter((hash) => hash !== undefined);
  const text = body.slice(end + 2);
  const checkpoint = parseCheckpoint(text);
  if (old === undefined || proof.length !== lines.length || proof.length > MAX_PROOF || !checkpoint.ok) return undefined;
  return { old, proof, checkpoint: checkpoint.value, text };
}
