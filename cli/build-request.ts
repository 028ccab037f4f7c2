import { readFile } from 'node:fs/promises';
import type { Baselines } from '../functions/domain/baselines.ts';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { type Digest, digestOf } from '../functions/domain/digest.ts';
import type { Feature } from '../functions/domain/feature.ts';
import type { StatedMetric } from '../functions/domain/metric.ts';
import { deceptivePaths, type Model } from '../functions/domain/model.ts';
import { omsManifestBytes, omsRootOf } from '../functions/domain/oms.ts';
import { parseValue } from '../functions/domain/parse.ts';
import { personalDataIn } from '../functions/domain/personal-data.ts';
import { PromotionRequest, vaultDigestsOf } from '../functions/domain/request.ts';
import { fail, ok, type Problem, problem, type Result } from '../functions/domain/result.ts';
import type { Terms } from '../functions/domain/terms.ts';
import { explanationsOf, slicesOf } from './build-evidence.ts';
import { profileBytesOf } from './build-profile.ts';
import { type Blob, Draft } from './draft.ts';
import { Folder, type OnProgress } from './files.ts';
import { type Manifest, ManifestFeatures, readYaml, StatedMetrics } from './manifest.ts';
import { besides, toldInManifest } from './manifest-pointers.ts';

export type BuiltRequest = { readonly request: PromotionRequest; readonly blobs: ReadonlyMap<Digest, Blob> };

/**
 * Turns a folder and a manifest into the frozen request and the bytes to upload with it. Everything that can be worked out
 * is: digests, OMS root, counts at the baselines' edges, carried terms. All that is wrong is named at once.
 */
export async function buildRequest(
  root: string,
  manifest: Manifest,
  baselines: Baselines,
  onProgress: OnProgress,
): Promise<Result<BuiltRequest>> {
  const draft = new Draft(new Folder(root, onProgress));
  const features = await featuresOf(draft, manifest);
  const model = await modelOf(draft, manifest);
  const slices = await slicesOf(draft, manifest);
  const profile = await profileBytesOf(draft, { manifest, baselines, features, root: model.root, slices });
  const evaluation = slices.find((slice) => slice.name === manifest.evaluationRegime.slice);
  if (!evaluation) draft.wrong('INVALID_VALUE', ['evaluationRegime', 'slice'], 'no slice of this name in dataset');
  const evaluationSlice = evaluation?.digest ?? digestOf('');
  const { folder: _, roles: __, custody: ___, ...stated } = manifest.model;
  const request = {
    schema: 'promotion-request/v0',
    line: manifest.line,
    environment: manifest.environment,
    comparedWith: {
      incumbent: baselines.incumbent?.event ?? null,
      lastHumanApproved: baselines.lastHumanApproved?.event ?? null,
    },
    supersedes: manifest.supersedes,
    answers: manifest.answers,
    trigger: manifest.trigger,
    model: { ...stated, ...model },
    features,
    decisionRule: manifest.decisionRule,
    terms: termsOf(draft, manifest, baselines, features),
    dataset: slices,
    evaluationRegime: { ...manifest.evaluationRegime, slice: evaluationSlice },
    challenger: {
      against: againstOf(draft, manifest, baselines, model.root),
      evaluationSlice,
      metrics: await metricsOf(draft, manifest),
    },
    profiles: profile ? [draft.keep(profile)] : [],
    predictions: await draft.file(manifest.predictions, ['predictions']),
    explanation: await explanationsOf(draft, manifest, slices),
    gates: await gatesOf(draft, manifest),
    use: manifest.use,
    code: manifest.code,
    pipelineRun: manifest.pipelineRun,
    rationale: manifest.rationale,
  };
  // Through JSON, so that keys that were left out are absent, not undefined.
  const parsed = parseValue(PromotionRequest, JSON.parse(JSON.stringify(request)));
  const told = (problems: readonly Problem[]) => toldInManifest(problems, manifest, model.files);
  const unfit = parsed.ok ? told(personalDataIn(parsed.value)) : told(parsed.problems);
  const wrong = [...draft.problems, ...besides(draft.problems, unfit)];
  if (wrong.length > 0 || !parsed.ok) return fail(...wrong);
  const built = withBlobs(draft, parsed.value);
  return built.ok ? built : fail(...told(built.problems));
}

/** Only what the vault must hold travels; training rows stay where their locator says. */
function withBlobs(draft: Draft, request: PromotionRequest): Result<BuiltRequest> {
  const blobs = new Map<Digest, Blob>();
  const missing: Problem[] = [];
  for (const { digest, pointer } of vaultDigestsOf(request)) {
    const blob = draft.blobs.get(digest);
    if (blob) blobs.set(digest, blob);
    else missing.push(problem('BYTES_MISSING', pointer, 'these bytes are uploaded, so the manifest must name a file'));
  }
  return missing.length > 0 ? fail(...missing) : ok({ request, blobs });
}

async function featuresOf(draft: Draft, manifest: Manifest): Promise<Feature[]> {
  let list = manifest.features;
  if (typeof list === 'string') {
    const file = await draft.hashed(list, ['features']);
    if (!file) return [];
    const parsed = readYaml(await readFile(draft.folder.at(list), 'utf8'));
    const read = parsed.ok ? parseValue(ManifestFeatures, parsed.value) : parsed;
    if (!read.ok) return draft.all(read.problems, ['features'], []);
    list = read.value;
  }
  return list.map(({ transform, ...feature }) => ({
    ...feature,
    transformDigest: typeof transform === 'string' ? transform : digestOf(canonicalBytes(transform)),
  }));
}

async function modelOf(draft: Draft, { model }: Manifest): Promise<Pick<Model, 'root' | 'manifest' | 'weights' | 'files'>> {
  const listed = await draft.folder.list(model.folder);
  if (!listed) draft.wrong('BYTES_MISSING', ['model', 'folder'], `no such folder in this one: ${model.folder}`);
  for (const link of listed?.links ?? []) {
    draft.wrong('INVALID_VALUE', ['model', 'folder'], `${link} is not a plain file; a link can be re-pointed after hashing`);
  }
  for (const path of Object.keys(model.roles).filter((path) => !listed?.files.includes(path))) {
    draft.wrong('BYTES_MISSING', ['model', 'roles', path], 'no such file in the model folder');
  }
  const paths = listed?.files ?? [];
  for (const { at, detail } of deceptivePaths(paths)) draft.wrong('INVALID_VALUE', ['model', 'roles', paths[at] ?? ''], detail);
  const files: Model['files'] = [];
  for (const path of paths) {
    const role = model.roles[path];
    const file = await draft.folder.hash(`${model.folder}/${path}`);
    if (!role) draft.wrong('MISSING_KEY', ['model', 'roles', path], 'say what this file is: every file of the folder is bound');
    if (!role || !file) continue;
    const custody = model.custody?.[path] ?? 'vault';
    if (custody === 'vault') draft.keepFile(file);
    files.push({ path, role, size: file.size, digest: file.digest, custody });
  }
  const manifest = draft.keep(omsManifestBytes(files, model.name));
  const weights = omsRootOf(files.filter(({ role }) => role === 'weights'));
  return { root: omsRootOf(files), manifest, weights, files };
}

function termsOf(draft: Draft, manifest: Manifest, { incumbent }: Baselines, features: readonly Feature[]): Terms {
  if (manifest.terms !== 'carry') return { ...manifest.terms, carriedFrom: null };
  if (!incumbent) {
    draft.wrong('INVALID_VALUE', ['terms'], 'there is no incumbent to carry terms from: state bands and families');
    return { bands: [], families: {}, carriedFrom: null };
  }
  const ofFeatures = Object.fromEntries(features.map(({ name, family }) => [name, family]));
  // What is sealed wins: a family cannot be re-invented by carrying it.
  const families = { ...ofFeatures, ...incumbent.terms.families };
  return { bands: incumbent.terms.bands, families, carriedFrom: incumbent.event };
}

function againstOf(draft: Draft, { challenger }: Manifest, { incumbent }: Baselines, root: Digest): object {
  const wrong = (message: string) => draft.wrong('INVALID_VALUE', ['challenger', 'against'], message);
  if (challenger.against !== 'incumbent') {
    if (incumbent?.modelRoot === root) wrong(`these bytes are the incumbent: event ${incumbent.event} approved them already`);
    else if (incumbent) wrong(`this line has an incumbent by now, event ${incumbent.event}: write against: incumbent`);
    return { kind: 'baseline', ...challenger.against.baseline };
  }
  if (!incumbent) wrong('this line has no incumbent: name a baseline');
  return { kind: 'incumbent', event: incumbent?.event, root: incumbent?.modelRoot };
}

async function metricsOf(draft: Draft, { challenger }: Manifest): Promise<StatedMetric[]> {
  // Recomputed from the predictions on the other side; stating none cannot contradict them.
  if (challenger.metrics === 'recompute') return [];
  return (await draft.json(challenger.metrics.file, ['challenger', 'metrics', 'file'], StatedMetrics)) ?? [];
}

async function gatesOf(draft: Draft, manifest: Manifest): Promise<object[]> {
  const gates: object[] = [];
  for (const [i, gate] of manifest.gates.entries()) {
    gates.push({ ...gate, report: await draft.file(gate.report, ['gates', i, 'report']) });
  }
  return gates;
}
