import { digestOf } from '../domain/digest.ts';
import { omsManifestBytes, omsRootOf } from '../domain/oms.ts';
import { vaultDigestsOf } from '../domain/request.ts';
import { type Problem, problem } from '../domain/result.ts';
import type { Comparison } from './types.ts';

/** A model is weights, config and preprocessor (R4a), and its root follows from them (R4b). */
export function modelContradictions(c: Comparison): Problem[] {
  const { files, root, weights, manifest, name } = c.request.model;
  const problems: Problem[] = [];
  const expect = (holds: boolean, pointer: string, detail: string) => {
    if (!holds) problems.push(problem('MODEL_ROOT_MISMATCH', pointer, detail));
  };
  expect(omsRootOf(files) === root, '/model/root', 'the files listed have another root');
  const ofWeights = omsRootOf(files.filter(({ role }) => role === 'weights'));
  expect(ofWeights === weights, '/model/weights', 'the files of role weights have another root');
  const ours = digestOf(omsManifestBytes(files, name));
  expect(ours === manifest, '/model/manifest', 'the manifest of the files listed has another digest');
  for (const role of ['weights', 'config', 'preprocessor'] as const) {
    if (files.some((file) => file.role === role)) continue;
    problems.push(problem('MODEL_ROLE_MISSING', '/model/files', `no file has the role ${role}`));
  }
  const paths = files.map(({ path }) => path);
  paths.forEach((path, i) => {
    if (paths.indexOf(path) === i) return;
    problems.push(problem('MODEL_FILE_MISMATCH', `/model/files/${i}/path`, `the file ${path} stands twice`));
  });
  return [...problems, ...sizeContradictions(c)];
}

const sizeContradictions = (c: Comparison): Problem[] =>
  vaultDigestsOf(c.request).flatMap(({ pointer, digest, size }) => {
    const stored = c.sizeOf(digest);
    if (size === undefined || stored === size) return [];
    const code = pointer.startsWith('/model/') ? 'MODEL_FILE_MISMATCH' : 'DIGEST_MISMATCH';
    return [problem(code, pointer, `${size} bytes are stated, ${stored ?? 'none'} are stored`)];
  });
