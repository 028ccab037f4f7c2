import { canonicalDigest } from '../domain/canonical.ts';
import { digestOf } from '../domain/digest.ts';
import { omsManifestBytes, omsRootOf } from '../domain/oms.ts';
import { type PromotionRequest, vaultDigestsOf } from '../domain/request.ts';
import { type Problem, problem } from '../domain/result.ts';
import type { Baseline, Comparison } from './types.ts';

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
  // R63: a version id is used once. Here in the versions this one is compared with; steps/versions.ts asks the line's whole past.
  const reused = sameVersion(c);
  if (reused && reused.request.model.root !== root) {
    const detail = `version ${version} names other bytes in event ${reused.event}: ${reused.request.model.root}, not ${root}`;
    problems.push(problem('VERSION_REUSED', '/model/version', detail));
  }
  return problems;
}

const sameVersion = ({ request, incumbent, lastHumanApproved }: Comparison): Baseline | undefined =>
  [incumbent, lastHumanApproved].find((one) => one?.request.model.version === request.model.version) ?? undefined;

/**
 * The version that is active, announced again as it is: compared with itself it would only look like a lie about the incumbent.
 * The same bytes under another decision rule or for another use are something new to decide, and go their way.
 */
export function approvedAlready(c: Comparison): Problem | undefined {
  const { model } = c.request;
  const before = sameVersion(c);
  if (before === undefined || before.event !== c.incumbent?.event || before.request.model.root !== model.root) return undefined;
  const decided = ({ decisionRule, use }: PromotionRequest) => canonicalDigest({ decisionRule, use });
  if (decided(before.request) !== decided(c.request)) return undefined;
  const detail = `version ${model.version} with these very bytes was approved at ${before.decidedAt}, by event ${before.event}`;
  return problem('VERSION_ALREADY_APPROVED', '/model/version', detail);
}

const sizeContradictions = (c: Comparison): Problem[] =>
  vaultDigestsOf(c.request).flatMap(({ pointer, digest, size }) => {
    const stored = c.sizeOf(digest);
    if (size === undefined || stored === size) return [];
    const code = pointer.startsWith('/model/') ? 'MODEL_FILE_MISMATCH' : 'DIGEST_MISMATCH';
    return [problem(code, pointer, `${size} bytes are stated, ${stored ?? 'none'} are stored`)];
  });
