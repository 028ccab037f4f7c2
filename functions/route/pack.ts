import { z } from 'zod';
import { canonicalBytes } from '../domain/canonical.ts';
import { Digest, digestOf } from '../domain/digest.ts';
import type { Code } from '../domain/errors.ts';
import type { ModelLine } from '../domain/line.ts';
import { PACK_FILES } from '../domain/pack-files.ts';
import { parseBytes } from '../domain/parse.ts';
import { PackData } from './data.ts';
import { createEngine, ENTRYPOINT, type Engine, OldAbiError } from './engine.ts';
import { LayeredData, layerProblems } from './layers.ts';
import { type Rule, Rulebook } from './rulebook.ts';

export { PACK_FILES };

type PackFile = (typeof PACK_FILES)[number];

/** Digests and the OPA version only: no commit and no date, so the same sources give the same pack. */
const PackManifest = z.strictObject({
  schema: z.literal('pack/v0'),
  name: z.string(),
  opa: z.string().regex(/^\d+\.\d+\.\d+$/),
  entrypoint: z.literal(ENTRYPOINT),
  files: z.strictObject({
    'capabilities.json': Digest,
    'data.json': Digest,
    'policy.wasm': Digest,
    'rulebook.json': Digest,
    'sources.json': Digest,
  }),
});
type PackManifest = z.infer<typeof PackManifest>;

export type Pack = {
  /** SHA-256 of the manifest's bytes: the name of the pack everywhere. */
  readonly digest: Digest;
  readonly wasm: Digest;
  readonly data: Digest;
  readonly rulebook: Digest;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly lines: ReadonlyMap<string, ModelLine>;
  /** How long a committee has when no layer of its line says less. */
  readonly expiresAfterDays: number;
  readonly layered: LayeredData;
  readonly engine: Engine;
};

/** A pack that cannot be trusted is never loaded. `file` names the part that is wrong, `code` is the catalogue's. */
export class PackError extends Error {
  readonly file: string;
  readonly code: PackCode;
  constructor(file: string, message: string, code: PackCode = 'POLICY_NOT_LOADED', cause?: unknown) {
    super(`${file}: ${message}`, { cause });
    this.name = 'PackError';
    this.file = file;
    this.code = code;
  }
}
type PackCode = Extract<Code, 'POLICY_NOT_LOADED' | 'POLICY_BYTES_CHANGED' | 'POLICY_ABI_TOO_OLD'>;

const MEGABYTES = 1024 * 1024;

/** Loads a pack from its files. Checks each byte against the manifest first; throws PackError. */
export function loadPack(files: ReadonlyMap<string, Uint8Array>): Pack {
  const manifestBytes = bytesOf(files, 'manifest.json');
  const manifest = manifestOf(manifestBytes);
  const verified = (name: PackFile): Uint8Array => {
    const bytes = bytesOf(files, name);
    if (digestOf(bytes) === manifest.files[name]) return bytes;
    throw new PackError(name, 'the bytes differ from the digest in the manifest', 'POLICY_BYTES_CHANGED');
  };
  const [, dataBytes, wasmBytes, rulebookBytes] = [
    verified('capabilities.json'),
    verified('data.json'),
    verified('policy.wasm'),
    verified('rulebook.json'),
    verified('sources.json'),
  ];
  const data = parsed('data.json', PackData, dataBytes);
  const { rules } = parsed('rulebook.json', Rulebook, rulebookBytes);
  const layered = layeredOf(data);
  return {
    digest: digestOf(manifestBytes),
    wasm: manifest.files['policy.wasm'],
    data: manifest.files['data.json'],
    rulebook: manifest.files['rulebook.json'],
    rules: new Map(rules.map((rule) => [rule.code, rule])),
    lines: new Map(Object.entries(data.lines)),
    expiresAfterDays: data.paths.committee.expires_after_days,
    layered,
    engine: engineOf(wasmBytes, data),
  };
}

/** A pack whose lower layer allows more than the one above it was never checked: it decides nothing. */
function layeredOf(data: object): LayeredData {
  const read = LayeredData.safeParse(data);
  if (!read.success)
    throw new PackError('data.json', read.error.issues.map((i) => `/${i.path.join('/')} ${i.message}`).join('; '));
  const wrong = layerProblems(read.data);
  if (wrong.length === 0) return read.data;
  throw new PackError('data.json', wrong.map(({ folder, pointer, message }) => `${folder} ${pointer}: ${message}`).join('; '));
}

/** The line as model risk registered it in this pack, or null. */
export const lineOf = (pack: Pack, name: string): ModelLine | null => pack.lines.get(name) ?? null;

function bytesOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = files.get(name);
  if (!bytes) throw new PackError(name, 'the file is missing from the pack');
  return bytes;
}

function manifestOf(bytes: Uint8Array): PackManifest {
  const manifest = parsed('manifest.json', PackManifest, bytes);
  // The pack is named by these bytes: two spellings of one manifest would be two names for one pack.
  if (digestOf(canonicalBytes(manifest)) !== digestOf(bytes)) throw new PackError('manifest.json', 'not in canonical form');
  return manifest;
}

function parsed<S extends z.ZodType>(file: string, schema: S, bytes: Uint8Array): z.infer<S> {
  const result = parseBytes(schema, bytes, { maxBytes: 64 * MEGABYTES, maxDepth: 64 });
  if (result.ok) return result.value;
  throw new PackError(file, result.problems.map((p) => `${p.pointer || '/'} ${p.detail}`).join('; '));
}

function engineOf(wasm: Uint8Array, data: object): Engine {
  try {
    return createEngine(wasm, data);
  } catch (error) {
    const code = error instanceof OldAbiError ? 'POLICY_ABI_TOO_OLD' : 'POLICY_NOT_LOADED';
    throw new PackError('policy.wasm', error instanceof Error ? error.message : 'does not load', code, error);
  }
}
