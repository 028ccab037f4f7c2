import { extname } from 'node:path';
import { type Digest, digestOf } from '../functions/domain/digest.ts';
import type { Explanation } from '../functions/domain/explanation.ts';
import type { Slice } from '../functions/domain/slice.ts';
import type { Draft } from './draft.ts';
import { ExplanationSummary, type Manifest, type ManifestSlice, type SliceRef } from './manifest.ts';

type Path = readonly PropertyKey[];

/** Slices with digest and row count of their files, in the manifest's order. */
export async function slicesOf(draft: Draft, { dataset }: Manifest): Promise<Slice[]> {
  const digests = new Map<string, Digest>();
  const slices: Slice[] = [];
  for (const [i, slice] of dataset.entries()) {
    if (digests.has(slice.name)) draft.wrong('INVALID_VALUE', ['dataset', i, 'name'], 'this slice stands twice');
    const measured = await measure(draft, slice, ['dataset', i]);
    if (!measured) continue;
    digests.set(slice.name, measured.digest);
    const { file: _, derivedFrom: __, ...stated } = slice;
    slices.push({ ...stated, ...measured });
  }
  for (const [i, { name, derivedFrom }] of dataset.entries()) {
    if (derivedFrom === undefined) continue;
    const parent = digests.get(derivedFrom);
    const slice = slices.find((made) => made.name === name);
    if (!parent) draft.wrong('INVALID_VALUE', ['dataset', i, 'derivedFrom'], 'no slice of this name in dataset');
    else if (slice) slice.derivedFrom = parent;
  }
  return slices;
}

async function measure(
  draft: Draft,
  slice: ManifestSlice,
  path: Path,
): Promise<Pick<Slice, 'digest' | 'rows' | 'locator'> | undefined> {
  // For a file that does not read: it is named already, and the rest is still checked.
  const standIn = (named: string) => {
    const nothing = digestOf(named);
    return { digest: nothing, rows: 1, locator: { system: 'file', uri: named, immutableId: nothing } };
  };
  const { file: name, digest, locator } = slice;
  // The schema lets a slice without a file pass only with all three.
  if (name === undefined) return digest && locator ? { digest, rows: slice.rows ?? 0, locator } : undefined;
  const file = await draft.hashed(name, [...path, 'file']);
  if (!file) return standIn(name);
  const rows = await draft.folder.countRows(name);
  if (!rows.ok) return draft.all(rows.problems, [...path, 'file'], standIn(name));
  if (slice.rows !== undefined && slice.rows !== rows.value) {
    draft.wrong('INVALID_VALUE', [...path, 'rows'], `the file holds ${rows.value} rows`);
  }
  const here = { system: 'file', uri: name, immutableId: file.digest };
  return { digest: file.digest, rows: rows.value, locator: locator ?? here };
}

const MEDIA_TYPES: Readonly<Record<string, Explanation['artefacts'][number]['mediaType']>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.json': 'application/json',
  '.csv': 'text/csv',
  '.html': 'text/html',
};

export async function explanationsOf(draft: Draft, manifest: Manifest, slices: readonly Slice[]): Promise<object[]> {
  const refer = async (ref: SliceRef, path: Path): Promise<Digest | undefined> => {
    if (typeof ref !== 'string') return draft.file(ref.file, path);
    const slice = slices.find(({ name }) => name === ref);
    if (!slice) draft.wrong('INVALID_VALUE', path, 'no slice of this name in dataset');
    return slice?.digest;
  };
  const explanations: object[] = [];
  for (const [i, { slice, background, summary, artefacts, ...stated }] of manifest.explanation.entries()) {
    const at = ['explanation', i];
    explanations.push({
      ...stated,
      slice: await refer(slice, [...at, 'slice']),
      background: background === undefined ? undefined : await refer(background, [...at, 'background']),
      summary: summary === undefined ? undefined : await summaryOf(draft, summary, [...at, 'summary']),
      artefacts: await artefactsOf(draft, artefacts, [...at, 'artefacts']),
    });
  }
  return explanations;
}

async function summaryOf(draft: Draft, file: string, path: Path): Promise<Explanation['summary']> {
  const read = await draft.json(file, path, ExplanationSummary);
  return read?.meanAbs.map(({ feature, value }) => ({ feature, value }));
}

async function artefactsOf(
  draft: Draft,
  artefacts: Manifest['explanation'][number]['artefacts'],
  path: Path,
): Promise<Explanation['artefacts']> {
  const made: Explanation['artefacts'] = [];
  for (const [i, { file: name, alt }] of artefacts.entries()) {
    const mediaType = MEDIA_TYPES[extname(name).toLowerCase()];
    const file = await draft.hashed(name, [...path, i, 'file']);
    if (!mediaType) {
      draft.wrong('INVALID_VALUE', [...path, i, 'file'], `expected one of ${Object.keys(MEDIA_TYPES).join(' ')}`);
    } else if (file) {
      made.push({ name: name.split('/').at(-1) ?? name, mediaType, size: file.size, digest: file.digest, alt });
    }
  }
  return made;
}
