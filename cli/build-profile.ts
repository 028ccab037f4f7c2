import { readFile } from 'node:fs/promises';
import type { Baselines } from '../functions/domain/baselines.ts';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import type { Digest } from '../functions/domain/digest.ts';
import type { Feature } from '../functions/domain/feature.ts';
import { Profile } from '../functions/domain/profile.ts';
import type { Result } from '../functions/domain/result.ts';
import type { Slice } from '../functions/domain/slice.ts';
import type { Kind } from '../functions/profile/collect.ts';
import type { Draft } from './draft.ts';
import type { Manifest } from './manifest.ts';
import { countTable } from './table/count.ts';

type Given = {
  readonly manifest: Manifest;
  readonly baselines: Baselines;
  readonly features: readonly Feature[];
  readonly root: Digest;
  readonly slices: readonly Slice[];
};

/** Bytes of the profile of the scoring population: counted here, or made elsewhere by `countersign profile`. */
export async function profileBytesOf(draft: Draft, given: Given): Promise<Uint8Array | undefined> {
  const { population } = given.manifest;
  if (!population) return undefined;
  if ('profile' in population) {
    const profile = await draft.json(population.profile, ['population', 'profile'], Profile);
    if (profile) checkSlice(draft, given, profile.slice, 'profile');
    return profile && readFile(draft.folder.at(population.profile));
  }
  const file = await draft.hashed(population.file, ['population', 'file']);
  const scores = scoresOf(draft, population.scores, given);
  if (!file) return undefined;
  checkSlice(draft, given, file.digest, 'file');
  const profile = await count(draft, given, {
    file: population.file,
    segments: population.segments,
    slice: file.digest,
    scores,
  });
  return profile.ok ? canonicalBytes(profile.value) : draft.all(profile.problems, ['population'], undefined);
}

function checkSlice(draft: Draft, { slices }: Given, digest: Digest, key: 'file' | 'profile'): void {
  if (slices.some((slice) => slice.role === 'scoring' && slice.digest === digest)) return;
  draft.wrong('PROFILE_MISMATCH', ['population', key], 'this is none of the scoring slices of dataset');
}

/** Scores are known by the model that gave them: the baselines say which roots those are. */
function scoresOf(
  draft: Draft,
  stated: Record<string, 'candidate' | 'incumbent' | 'lastHumanApproved'>,
  given: Given,
): Map<string, Digest> {
  const scores = new Map<string, Digest>();
  for (const [column, who] of Object.entries(stated)) {
    const root = who === 'candidate' ? given.root : given.baselines[who]?.modelRoot;
    // Two names for one model are one score: a version announced again is scored once.
    if (root && ![...scores.values()].includes(root)) scores.set(column, root);
    else if (!root) draft.wrong('INVALID_VALUE', ['population', 'scores', column], `this line has no ${who} yet`);
  }
  return scores;
}

type Population = { file: string; segments: readonly string[]; slice: Digest; scores: ReadonlyMap<string, Digest> };

async function count(draft: Draft, given: Given, population: Population): Promise<Result<Profile>> {
  const { incumbent, lastHumanApproved } = given.baselines;
  const sealed = [incumbent?.profile, lastHumanApproved?.profile].filter(
    (profile) => profile !== null && profile !== undefined,
  );
  return countTable(draft.folder.at(population.file), {
    slice: population.slice,
    // Nothing but what the model reads: counts of an identifier would be rows again.
    columns: given.features.map(({ name }) => name),
    kinds: kindsOf(given.features),
    segments: population.segments,
    scores: population.scores,
    baselines: sealed.map(({ digest, body }) => ({ digest, profile: body })),
  });
}

const NUMERIC = /^(u?int(eger)?\d*|long|short|float\d*|double|decimal|number|numeric)$/i;
const CATEGORICAL = /^(string|str|text|bool(ean)?|categor(y|ical)|enum|object)$/i;

/** What a type's name says; a type of an unknown name is decided by the values. */
export const kindsOf = (features: readonly Feature[]): Map<string, Kind> =>
  new Map(
    features.flatMap(({ name, type }): [string, Kind][] =>
      NUMERIC.test(type) ? [[name, 'numeric']] : CATEGORICAL.test(type) ? [[name, 'categorical']] : [],
    ),
  );
