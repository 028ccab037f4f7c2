// Does the request say what the registry serves? Asked before anything is frozen; each difference has its pointer.
import { hexOf } from '../domain/digest.ts';
import type { PromotionRequest } from '../domain/request.ts';
import { type Problem, pointerOf, problem } from '../domain/result.ts';
import type { ServedDataset, ServedFile, ServedInput, Snapshot } from '../registry.ts';

const differs = (path: readonly PropertyKey[], detail: string): Problem =>
  problem('REGISTRY_MISMATCH', pointerOf(path), detail);

/** A float that was written and read twice. */
const METRIC_TOLERANCE = 1e-6;

export function problemsOfSnapshot(request: PromotionRequest, served: Snapshot): Problem[] {
  return [
    ...problemsOfIdentity(request, served),
    ...problemsOfFiles(request.model.files, served.files),
    ...problemsOfInputs(request.features, served.inputs),
    ...problemsOfFigures(request, served),
    ...problemsOfData(request.dataset, served.datasets),
  ];
}

function problemsOfIdentity({ model, pipelineRun }: PromotionRequest, served: Snapshot): Problem[] {
  const problems: Problem[] = [];
  if (model.name !== served.model) problems.push(differs(['model', 'name'], `the registry calls it ${served.model}`));
  if (model.version !== served.version) problems.push(differs(['model', 'version'], `this is version ${served.version}`));
  if (pipelineRun.system === 'mlflow' && pipelineRun.id !== served.run)
    problems.push(differs(['pipelineRun', 'id'], `the registry says that run ${served.run ?? 'none'} made it`));
  return problems;
}

/** Every file that is served is bound, and no other: what is served beside would run unseen. */
export function problemsOfFiles(stated: PromotionRequest['model']['files'], served: readonly ServedFile[]): Problem[] {
  const left = new Map(served.map((file) => [file.path, file]));
  const problems = stated.flatMap(({ path, size, digest }, i) => {
    const file = left.get(path);
    left.delete(path);
    if (file === undefined) return [differs(['model', 'files', i, 'path'], 'the registry serves no such file')];
    if (file.digest !== digest)
      return [differs(['model', 'files', i, 'digest'], `the registry serves other bytes, ${hexOf(file.digest).slice(0, 12)}…`)];
    return file.size === size ? [] : [differs(['model', 'files', i, 'size'], `the registry serves ${file.size} bytes`)];
  });
  const unbound = [...left.keys()].map((path) => differs(['model', 'files'], `${path} is served and not among them`));
  return [...problems, ...unbound];
}

/** MLflow's column types by what a value of them is: a column of integers with a gap is a `double` to it. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ integer: 'number', long: 'number', float: 'number', double: 'number' },
  ...{ string: 'text', boolean: 'boolean', datetime: 'time', binary: 'bytes' },
};

function problemsOfInputs(features: PromotionRequest['features'], inputs: readonly ServedInput[] | null): Problem[] {
  if (inputs === null) return [];
  const problems = features.flatMap(({ name, type }, i) => {
    const input = inputs[i];
    if (input === undefined) return [differs(['features', i], 'the model declares fewer inputs')];
    if (input.name !== null && input.name !== name)
      return [differs(['features', i, 'name'], `the model's input ${i + 1} is ${input.name}`)];
    const kinds = [KINDS[type], KINDS[input.type]];
    const known = kinds[0] !== undefined && kinds[1] !== undefined;
    return known && kinds[0] !== kinds[1] ? [differs(['features', i, 'type'], `the model declares ${input.type}`)] : [];
  });
  const more = inputs.length > features.length ? [differs(['features'], `the model declares ${inputs.length} inputs`)] : [];
  return [...problems, ...more];
}

/** What was logged under the same name must be the same; what was not logged, the registry cannot say. */
function problemsOfFigures({ model, challenger }: PromotionRequest, { params, metrics }: Snapshot): Problem[] {
  // A name is the pipeline's own, and `constructor` is one that every object has.
  const logged = new Map(Object.entries(params));
  const parameters = Object.entries(model.hyperparameters).flatMap(([name, value]) => {
    const said = logged.get(name);
    if (said === undefined || sameParameter(said, value)) return [];
    return [differs(['model', 'hyperparameters', name], `the run logged ${said.slice(0, 60)}`)];
  });
  const figures = challenger.metrics.flatMap(({ name, segment, candidate }, i) => {
    const told = metrics.filter((one) => one.name === name);
    const near = told.some(({ value }) => Math.abs(value - Number(candidate)) <= METRIC_TOLERANCE);
    if (segment !== undefined || told.length === 0 || near) return [];
    return [differs(['challenger', 'metrics', i, 'candidate'], `the run logged ${told.map(({ value }) => value).join(', ')}`)];
  });
  return [...parameters, ...figures];
}

/**
 * A data set that the run logged under the name of a slice must be that slice. MLflow's own digest is 8 hex digits of something else
 * and says nothing; a pipeline may log the first 32 of the slice's SHA-256 in its place. Logged more than once, one of them fits.
 */
function problemsOfData(dataset: PromotionRequest['dataset'], logged: readonly ServedDataset[]): Problem[] {
  return dataset.flatMap(({ name, digest, rows }, i) => {
    const told = logged.filter((one) => one.name === name);
    const hashed = told.filter((one) => /^[0-9a-f]{32,64}$/.test(one.digest));
    if (hashed.length > 0 && !hashed.some((one) => hexOf(digest).startsWith(one.digest)))
      return [differs(['dataset', i, 'digest'], `the run logged ${hashed.map((one) => one.digest.slice(0, 12)).join(', ')}…`)];
    const counted = told.flatMap((one) => (one.rows === null ? [] : [one.rows]));
    if (counted.length > 0 && !counted.includes(rows))
      return [differs(['dataset', i, 'rows'], `the run logged ${counted.join(', ')} rows`)];
    return [];
  });
}

/** `1` and `1.0` are one number, written by two libraries. */
const sameParameter = (a: string, b: string): boolean =>
  a === b || (a.trim() !== '' && b.trim() !== '' && Number(a) === Number(b));
