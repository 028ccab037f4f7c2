import type { DiffDimensions } from '../domain/diff.ts';
import type { ModelFile } from '../domain/model.ts';
import { type Material, sealedScores } from './material.ts';
import { byText, dimension } from './sides.ts';
import type { Comparison } from './types.ts';

/**
 * What a retrain refits: other bytes of these are recorded and say nothing. The definition of a preprocessor is compared as
 * `transformDigest`; `other` is for what no score depends on.
 */
const REFITTED: readonly ModelFile['role'][] = ['weights', 'preprocessor', 'other'];

/** The files of the model, path by path (R4a), and what it is called and made with. */
export function artefact(c: Comparison): DiffDimensions['artefact'] {
  const { name, library, files } = c.request.model;
  return dimension(c, { files: files.length, name, library }, ({ request: { model: before } }) => {
    const [was, is] = [byPath(before.files), byPath(files)];
    const both = files.flatMap((to) => {
      const from = was.get(to.path);
      return from === undefined ? [] : [{ from, to }];
    });
    const figures = {
      name: { from: before.name, to: name },
      library: { from: before.library, to: library },
      added: factsOf(files.filter(({ path }) => !was.has(path))),
      removed: factsOf(before.files.filter(({ path }) => !is.has(path))),
      roles: both
        .filter(({ from, to }) => from.role !== to.role)
        .map(({ from, to }) => ({ path: to.path, from: from.role as string, to: to.role as string }))
        .sort(byText(({ path }) => path)),
      changed: factsOf(both.flatMap(({ from, to }) => (from.digest === to.digest ? [] : [to]))),
    };
    const { added, removed, roles, changed } = figures;
    const stated = before.name === name && before.library === library;
    const refitted = changed.every(({ role }) => REFITTED.some((one) => one === role));
    if (!stated || !refitted || added.length + removed.length + roles.length > 0) return { state: 'differs', figures };
    return { state: changed.length > 0 ? 'measured' : 'same', figures };
  });
}

const byPath = (files: readonly ModelFile[]): Map<string, ModelFile> => new Map(files.map((file) => [file.path, file]));

const factsOf = (files: readonly ModelFile[]) =>
  files.map(({ path, role }) => ({ path, role: role as string })).sort(byText(({ path }) => path));

/**
 * Other weights give other scores. A candidate whose every score is a baseline's to the last digit was not scored at all:
 * somebody copied a column, and every figure made from it would flatter.
 */
export function scoresAreCopied(c: Comparison, { predictions }: Material): boolean {
  if (typeof predictions === 'string') return false;
  return (['incumbent', 'lastHumanApproved'] as const).some((who) => {
    const baseline = c[who];
    if (baseline === null || baseline.request.model.weights === c.request.model.weights) return false;
    // As the pipeline sent them and as they were sealed: the two may differ in the last digits, and either may be the source.
    const sources = [predictions[who], sealedScores(c, predictions, baseline)];
    return sources.some((scores) => scores?.every((score, row) => score === predictions.candidate[row]));
  });
}
