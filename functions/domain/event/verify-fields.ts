import { z } from 'zod';
import { canonicalDigest } from '../canonical.ts';
import { type Digest, digestOf, hexOf } from '../digest.ts';
import { derivedFault } from '../measure/derived.ts';
import { parseEvaluationSlice, parsePredictions } from '../measure/predictions.ts';
import { differ, recompute } from '../measure/recompute.ts';
import { omsManifestBytes, omsRootOf } from '../oms.ts';
import { parseBytes } from '../parse.ts';
import { PromotionRequest } from '../request.ts';
import { type Check, no, yes } from '../trust.ts';
import { blobKey, packKey, type Read } from '../vault-keys.ts';
import { isAbsent, type Promotion } from './statement.ts';

export const tampered = (field: string, detail: string): Check => no(field, 'FIELD_TAMPERED', detail);

/** Bytes under a digest, hashed here; a text says what is wrong with them. */
export async function bytesOf(read: Read, digest: Digest, what: string, keyOf = blobKey): Promise<Uint8Array | string> {
  const bytes = await read(keyOf(digest));
  if (bytes === undefined) return `${what} is not here (${digest})`;
  const actual = digestOf(bytes);
  return actual === digest ? bytes : `the bytes of ${what} were changed: sealed ${short(digest)}, found ${short(actual)}`;
}

const short = (digest: Digest): string => `${digest.slice(0, 19)}…`;

export async function firstFault(read: Read, wanted: readonly { digest: Digest; what: string }[]): Promise<string | undefined> {
  for (const { digest, what } of wanted) {
    const bytes = await bytesOf(read, digest, what);
    if (typeof bytes === 'string') return bytes;
  }
  return undefined;
}

export async function checkModel(promotion: Promotion, subject: { digest: { sha256: string } }[], read: Read): Promise<Check> {
  const { model } = promotion;
  if (isAbsent(model)) return yes('model', `absent: ${model.absent}`);
  const kept = model.files.filter((file) => file.custody === 'vault');
  const fault = await firstFault(
    read,
    kept.map((file) => ({ digest: file.digest, what: `model file ${file.path}` })),
  );
  if (fault !== undefined) return tampered('model', fault);
  if (promotion.outcome !== 'approved')
    return yes('model', `${kept.length} of ${model.files.length} files match what was stated`);
  if (omsRootOf(model.files) !== model.root) return tampered('model', 'the root is not that of the files listed');
  const manifest = await bytesOf(read, model.manifest, 'the model manifest');
  if (typeof manifest === 'string') return tampered('model', manifest);
  if (Buffer.compare(manifest, omsManifestBytes(model.files, model.name)) !== 0)
    return tampered('model', 'the manifest names other files');
  const bound = subject[0]?.digest.sha256 === hexOf(model.root) && subject[1]?.digest.sha256 === hexOf(model.manifest);
  if (!bound) return tampered('model', 'the statement is about another model than it describes');
  return yes('model', `${kept.length} of ${model.files.length} files here, root recomputed`);
}

export async function checkChallenger(promotion: Promotion, read: Read): Promise<Check> {
  const { challenger, dataset } = promotion;
  if (isAbsent(challenger) || isAbsent(dataset)) return yes('challenger', 'absent');
  if (promotion.outcome !== 'approved')
    return yes('challenger', `${challenger.metrics.length} metrics as stated; nothing was approved on them`);
  if (challenger.predictions === null)
    return yes('challenger', `${challenger.metrics.length} metrics, all stated: no predictions were sealed`);
  const bytes = await bytesOf(read, challenger.predictions, 'the predictions');
  if (typeof bytes === 'string') return tampered('challenger', bytes);
  const predictions = parsePredictions(bytes);
  const request = await requestOf(promotion, read);
  if (!predictions.ok || request === undefined) return tampered('challenger', 'the predictions cannot be recomputed');
  for (const metric of challenger.metrics) {
    const again = recompute(metric, predictions.value, request.decisionRule, null);
    const name = `${metric.name}${metric.segment ? ` in ${metric.segment.column}=${metric.segment.value}` : ''}`;
    if (metric.source === 'stated') continue;
    if (again?.candidate == null || differ(again.candidate, metric.candidate)) {
      return tampered(
        'challenger',
        `${name} is sealed as ${metric.candidate}, the predictions give ${again?.candidate ?? 'nothing'}`,
      );
    }
    if (metric.incumbent !== null && again.incumbent !== null && differ(again.incumbent, metric.incumbent)) {
      return tampered(
        'challenger',
        `${name} of the incumbent is sealed as ${metric.incumbent}, the predictions give ${again.incumbent}`,
      );
    }
  }
  const recomputed = challenger.metrics.filter((metric) => metric.source === 'recomputed').length;
  return yes('challenger', `${recomputed} of ${challenger.metrics.length} metrics recomputed from the predictions`);
}

async function requestOf(promotion: Promotion, read: Read): Promise<PromotionRequest | undefined> {
  if (isAbsent(promotion.request)) return undefined;
  const bytes = await bytesOf(read, promotion.request.payload, 'the request');
  const parsed = typeof bytes === 'string' ? undefined : parseBytes(PromotionRequest, bytes);
  return parsed?.ok ? parsed.value : undefined;
}

export async function checkExplanation(promotion: Promotion, read: Read): Promise<Check> {
  const { explanation, dataset } = promotion;
  if (isAbsent(explanation)) return yes('explanation', `absent: ${explanation.absent}`);
  const wanted = explanation.flatMap((one) =>
    one.artefacts.map((artefact) => ({ digest: artefact.digest, what: `explanation ${artefact.name}` })),
  );
  const fault = await firstFault(read, wanted);
  if (fault !== undefined) return tampered('explanation', fault);
  if (promotion.outcome !== 'approved' || isAbsent(dataset)) return yes('explanation', `${wanted.length} artefacts as stated`);
  const evaluation = dataset.evaluationRegime.slice;
  const bytes = await bytesOf(read, evaluation, 'the evaluation slice');
  const rows = typeof bytes === 'string' ? undefined : parseEvaluationSlice(bytes, dataset.evaluationRegime, '/dataset');
  const parts: string[] = [];
  for (const one of explanation.filter(({ slice }) => slice !== evaluation)) {
    const part = dataset.slices.find(({ digest, derivedFrom }) => digest === one.slice && derivedFrom === evaluation);
    if (one.kind !== 'fairness' || !part) return tampered('explanation', `${one.kind} names another slice than the metrics`);
    // Not a failure here: events sealed before this was asked of them stay verifiable. The line says what is known.
    const fault = rows?.ok ? derivedFault(part, rows.value) : 'the evaluation slice is not here';
    const counted = fault === null ? 'counted again' : `stated to be derived from it: ${fault}`;
    parts.push(`; fairness on a part of it (${part.filters.join(', ')}; ${part.rows} rows, ${counted})`);
  }
  return yes('explanation', `${wanted.length} artefacts, stated to be computed on the evaluation slice${parts.join('')}`);
}

export async function checkDataset(promotion: Promotion, read: Read): Promise<Check> {
  const { dataset, challenger } = promotion;
  if (isAbsent(dataset)) return yes('dataset', `absent: ${dataset.absent}`);
  const { evaluationRegime: regime, slices } = dataset;
  const bytes = await bytesOf(read, regime.slice, 'the evaluation slice');
  if (typeof bytes === 'string') return tampered('dataset', bytes);
  const profiles = isAbsent(challenger) ? [] : challenger.profiles;
  const fault = await firstFault(
    read,
    profiles.map((digest) => ({ digest, what: 'a population profile' })),
  );
  if (fault !== undefined) return tampered('dataset', fault);
  const rows = parseEvaluationSlice(bytes, regime, '/dataset');
  const stated = slices.find((slice) => slice.digest === regime.slice)?.rows;
  if (promotion.outcome === 'approved' && (!rows.ok || rows.value.rowIds.length !== stated)) {
    return tampered('dataset', `the evaluation slice does not hold the ${stated} rows stated`);
  }
  return yes(
    'dataset',
    `evaluation slice of ${stated} rows and ${profiles.length} profile here; ${slices.length} slices by digest`,
  );
}

const PackManifest = z.object({ files: z.record(z.string(), z.string()) });

export async function checkRouting(promotion: Promotion, read: Read): Promise<Check> {
  const { routing } = promotion;
  if (isAbsent(routing)) return yes('routing', `absent: ${routing.absent}`);
  if (canonicalDigest(routing.input) !== routing.inputDigest)
    return tampered('routing', 'the input is not the one its digest names');
  const manifest = await read(packKey(routing.pack, 'manifest.json'));
  if (manifest === undefined || digestOf(manifest) !== routing.pack)
    return tampered('routing', 'the policy pack is not here or was changed');
  const parsed = parseBytes(PackManifest, manifest);
  if (!parsed.ok) return tampered('routing', 'the pack manifest does not parse');
  for (const [name, digest] of Object.entries(parsed.value.files)) {
    const file = await read(packKey(routing.pack, name));
    if (file === undefined || digestOf(file) !== digest)
      return tampered('routing', `the policy file ${name} is not here or was changed`);
  }
  const { 'policy.wasm': wasm, 'data.json': data, 'rulebook.json': rulebook } = parsed.value.files;
  if (routing.wasm !== wasm || routing.data !== data || routing.rulebook !== rulebook)
    return tampered('routing', 'it names other policy files than its pack');
  return yes('routing', `${routing.path} by pack ${short(routing.pack)}, input and policy here for replay`);
}
