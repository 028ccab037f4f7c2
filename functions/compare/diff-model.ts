import type { AddedFeature, DiffDimensions } from '../domain/diff.ts';
import type { Feature } from '../domain/feature.ts';
import { byText, dimension, equalOr } from './sides.ts';
import type { Baseline, Comparison } from './types.ts';

type ModelDimensions = 'modelClass' | 'hyperparameters' | 'loss' | 'calibration' | 'features' | 'protected' | 'transforms';

/** What the model is and what it takes in. */
export function modelDimensions(c: Comparison): Pick<DiffDimensions, ModelDimensions> {
  const { model } = c.request;
  return {
    modelClass: dimension(c, { class: model.class, family: model.family }, ({ request: { model: before } }) =>
      equalOr(before.class === model.class && before.family === model.family, {
        class: { from: before.class, to: model.class },
        family: { from: before.family, to: model.family },
      }),
    ),
    loss: dimension(c, { loss: model.loss }, ({ request }) =>
      equalOr(request.model.loss === model.loss, { loss: { from: request.model.loss, to: model.loss } }),
    ),
    calibration: dimension(c, { calibration: model.calibration }, ({ request }) =>
      equalOr(request.model.calibration === model.calibration, {
        calibration: { from: request.model.calibration, to: model.calibration },
      }),
    ),
    hyperparameters: hyperparameters(c),
    features: features(c),
    protected: protectedFeatures(c),
    transforms: dimension(c, {}, (baseline) => {
      const changed = commonOf(c, baseline).flatMap(({ before, after }) =>
        before.transformDigest === after.transformDigest ? [] : [after.name],
      );
      return equalOr(changed.length === 0, { changed: changed.sort() });
    }),
  };
}

function hyperparameters(c: Comparison): DiffDimensions['hyperparameters'] {
  const after = new Map(Object.entries(c.request.model.hyperparameters));
  return dimension(c, {}, (baseline) => {
    const before = new Map(Object.entries(baseline.request.model.hyperparameters));
    const changed = [...after].flatMap(([name, to]) => {
      const from = before.get(name);
      return from === undefined || from === to ? [] : [{ name, from, to }];
    });
    const added = [...after.keys()].filter((name) => !before.has(name)).sort();
    const removed = [...before.keys()].filter((name) => !after.has(name)).sort();
    return equalOr(changed.length + added.length + removed.length === 0, {
      changed: changed.sort(byText(({ name }) => name)),
      added,
      removed,
    });
  });
}

const byName = (features: readonly Feature[]): Map<string, Feature> => new Map(features.map((one) => [one.name, one]));

function commonOf(c: Comparison, baseline: Baseline): { before: Feature; after: Feature }[] {
  const known = byName(baseline.request.features);
  return c.request.features.flatMap((after) => {
    const before = known.get(after.name);
    return before === undefined ? [] : [{ before, after }];
  });
}

/** The order features are taken in is part of the contract; the figures are listed by name. */
function features(c: Comparison): DiffDimensions['features'] {
  return dimension(c, { count: c.request.features.length }, (baseline) => {
    const common = commonOf(c, baseline);
    const inBaseline = new Set(common.map(({ before }) => before.name));
    const order = baseline.request.features.filter(({ name }) => inBaseline.has(name));
    const added = c.request.features.filter(({ name }) => !inBaseline.has(name)).map((one) => addedTo(baseline, one));
    const removed = baseline.request.features.filter(({ name }) => !inBaseline.has(name));
    const retyped = common.flatMap(({ before, after }) =>
      before.type === after.type ? [] : [{ name: after.name, from: before.type, to: after.type }],
    );
    const relabelled = common.flatMap(({ before, after }) =>
      (['family', 'source', 'required'] as const).flatMap((field) =>
        before[field] === after[field]
          ? []
          : [{ name: after.name, field, from: String(before[field]), to: String(after[field]) }],
      ),
    );
    const reordered = common.some(({ after }, i) => order[i]?.name !== after.name);
    const changes = added.length + removed.length + retyped.length + relabelled.length;
    return equalOr(changes === 0 && !reordered, {
      added: added.sort(byText(({ name }) => name)),
      removed: removed.map(({ name, family, source }) => ({ name, family, source })).sort(byText(({ name }) => name)),
      retyped: retyped.sort(byText(({ name }) => name)),
      reordered,
      relabelled: relabelled.sort(byText(({ name, field }) => `${name} ${field}`)),
    });
  });
}

/**
 * A family is known when the baseline's event sealed it: for this very feature where it is listed, else as a family in use.
 * What the candidate says of its own families counts for nothing here.
 */
function addedTo({ request }: Baseline, { name, family, source }: Feature): AddedFeature {
  const sealed = request.terms.families;
  const families = new Set([...Object.values(sealed), ...request.features.map((one) => one.family)]);
  return {
    name,
    family,
    source,
    familyKnown: Object.hasOwn(sealed, name) ? sealed[name] === family : families.has(family),
    sourceKnown: request.features.some((one) => one.source === source),
  };
}

function protectedFeatures(c: Comparison): DiffDimensions['protected'] {
  const named = (kind: Feature['protected']) =>
    c.request.features.flatMap((one) => (one.protected === kind ? [one.name] : [])).sort();
  return dimension(c, { attributes: named('attribute'), proxies: named('proxy') }, (baseline) => {
    const [before, after] = [byName(baseline.request.features), byName(c.request.features)];
    const changed = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
      const [was, is] = [before.get(name)?.protected, after.get(name)?.protected];
      // An ordinary feature that comes or goes is the business of `features`.
      const ordinary = (was ?? 'no') === 'no' && (is ?? 'no') === 'no';
      return was === is || ordinary ? [] : [{ name, from: was ?? 'absent', to: is ?? 'absent' }];
    });
    return equalOr(changed.length === 0, { changed });
  });
}
