// R48: the explanation is made anew for what is decided now. Bytes that were sealed as the explanation of something else
// (another evaluation slice, other weights, another preprocessor) are refused on the paths where people rely on them.
import { readPromotion, type SealedPromotion } from '../baseline.ts';
import { canonicalDigest } from '../domain/canonical.ts';
import type { Digest, EventHash } from '../domain/digest.ts';
import type { Dossier } from '../domain/dossier.ts';
import { isAbsent, type Promotion } from '../domain/event/statement.ts';
import type { Explanation } from '../domain/explanation.ts';
import type { Model } from '../domain/model.ts';
import { PromotionRequest } from '../domain/request.ts';
import { type Problem, problem } from '../domain/result.ts';
import { explainedPrefix, LineFactRow, linePk } from '../domain/rows.ts';
import type { DriveWorld } from '../packs.ts';
import { readJsonBlob } from '../store.ts';

/** What an artefact explains. A threshold may move and leave it true: deterministic tools then give the same bytes again. */
const subjectOf = ({ weights, files }: Model, { slice }: Explanation): Digest =>
  canonicalDigest([
    slice,
    weights,
    files
      .filter(({ role }) => role === 'preprocessor')
      .map(({ digest }) => digest)
      .sort(),
  ]);

/** Artefacts that an earlier approved event of the line, in any environment, sealed as the explanation of something else. */
export async function reusedExplanations(world: DriveWorld, { request: row }: Dossier): Promise<Problem[]> {
  const { model, explanation } = await readJsonBlob(world.vault, row.payload, PromotionRequest);
  // Of one event all artefacts may come: it is opened once.
  const opened = new Map<EventHash, Promise<SealedPromotion>>();
  const promotionOf = async (hash: EventHash) => {
    const reading = opened.get(hash) ?? readPromotion(world.vault, hash);
    opened.set(hash, reading);
    return (await reading).promotion;
  };
  const problems: Problem[] = [];
  for (const [i, one] of explanation.entries()) {
    for (const [j, { digest }] of one.artefacts.entries()) {
      const before = await earlierUse(world, row, digest, subjectOf(model, one), promotionOf);
      if (before === undefined) continue;
      const detail = `${before} sealed these bytes as the explanation of another model or slice`;
      problems.push(problem('EXPLANATION_REUSED', `/explanation/${i}/artefacts/${j}/digest`, detail));
    }
  }
  return problems;
}

async function earlierUse(
  world: DriveWorld,
  row: Dossier['request'],
  digest: Digest,
  subject: Digest,
  promotionOf: (hash: EventHash) => Promise<Promotion>,
) {
  const named = (await world.index.list(linePk(row.line), explainedPrefix(digest))).map(
    ({ body }) => LineFactRow.parse(body).event,
  );
  // Both baselines are asked whatever the rows say: they are known from elsewhere, and nearest at hand for a lazy pipeline.
  const baselines = [row.comparedWith.incumbent, row.comparedWith.lastHumanApproved].filter((hash) => hash !== null);
  for (const hash of new Set<EventHash>([...baselines, ...named])) {
    const { model, explanation } = await promotionOf(hash);
    if (isAbsent(model) || isAbsent(explanation)) continue;
    const uses = explanation.filter(({ artefacts }) => artefacts.some((artefact) => artefact.digest === digest));
    if (uses.length > 0 && uses.every((use) => subjectOf(model, use) !== subject)) return hash;
  }
  return undefined;
}
