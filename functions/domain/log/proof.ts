// A proof as one file (c2sp.org/tlog-proof): index, path, checkpoint with its cosignatures. It needs nothing beside it.
import { fail, ok, problem, type Result } from '../result.ts';
import { type Checkpoint, parseCheckpoint, parseHash, parseSize } from './checkpoint.ts';
import type { Hash } from './merkle.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';

export type LogProof = { readonly index: number; readonly path: readonly Hash[]; readonly checkpoint: Checkpoint };

export const hashLine = (hash: Hash): string => `${Buffer.from(hash).toString('base64')}\n`;

export const proofText = (index: number, path: readonly Hash[], checkpoint: string): string =>
  `${HEADER}\nindex ${index}\n${path.map(hashLine).join('')}\n${checkpoint}`;

/** At most as many hashes as a tree of 2^63 leaves is high. */
const MAX_PATH = 63;

export function parseProof(text: string): Result<LogProof> {
  const wrong = (detail: string) => fail(problem('LOG_INVALID', '', detail));
  const end = text.indexOf('\n\n');
  const [header, indexLine = '', ...encoded] = text.slice(0, Math.max(end, 0)).split('\n');
  // Opaque data before the index is allowed by the format, authenticated by nothing, and used by nobody here.
  if (header !== HEADER || !indexLine.startsWith('index ')) return wrong(`expected ${HEADER} and an index`);
  const index = parseSize(indexLine.slice('index '.length));
  const path = encoded.map(parseHash).filter((hash) => hash !== undefined);
  if (index === undefined || path.length !== encoded.length || path.length > MAX_PATH) return wrong('the path does not read');
  const checkpoint = parseCheckpoint(text.slice(end + 2));
  return checkpoint.ok ? ok({ index, path, checkpoint: checkpoint.value }) : checkpoint;
}
