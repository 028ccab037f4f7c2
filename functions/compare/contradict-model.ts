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
  return [...problems, ...fileContradictions(c), ...sizeContradictions(c)];
}

/** Lies that need no comparison: nothing in a file, one file in two roles, bytes that are gone already, a version used before. */
function fileContradictions(c: Comparison): Problem[] {
  const { files, version, root } = c.request.model;
  const roleOf = new Map<string, string>();
  const problems = files.flatMap(({ role, size, digest, custody, path }, i): Problem[] => {
    const wrong = (detail: string) => [problem('MODEL_FILE_MISMATCH', `/model/files/${i}`, `${path} ${detail}`)];
    const other = roleOf.get(digest);
    roleOf.set(digest, role);
    if (size === 0 && role !== 'other') return wrong('is empty');
    if (other !== undefined && other !== role) return wrong(`has the bytes of a file of role ${other}`);
    if (custody !== 'vault' && custody.expiresAt < c.receivedAt) return wrong('was gone before it was announced');
    return [];
  });
  // R63: a version id is used once. Looked for in the versions this one is compared with.
  const reused = [c.incumbent, c.lastHumanApproved].find((one) => one?.request.model.version === version);
  if (reused && reused.request.model.root !== root) {
    problems.push(problem('INCUMBENT_MISMATCH', '/model/version', `version ${version} was approved with other bytes`));
  }
  return problems;
}

const sizeContradictions = (c: Comparison): Problem[] =>
  vaultDigestsOf(c.request).flatMap(({ pointer, digest, size }) => {
    const stored = c.sizeOf(digest);
    if (size === undefined || stored === size) return [];
    const code = pointer.startsWith('/model/') ? 'MODEL_FILE_MISMATCH' : 'DIGEST_MISMATCH';
    return [problem(code, pointer, `${size} bytes are stated, ${stored ?? 'none'} are stored`)];
  });
