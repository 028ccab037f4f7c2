// Each step of drive.ts reads frozen rows, calls its stage, and writes one new fact. Vault before index, always; a fact that
// is already there is another turn's, and stands.
import { decide } from '../approve/decide.ts';
import { refusalsOf } from '../compare/contradictions.ts';
import { diffOf } from '../compare/diff.ts';
import { type Dossier, factsOf } from '../domain/dossier.ts';
import { stateOf, waitsForPeople } from '../domain/flow.ts';
import type { PromotionRequest } from '../domain/request.ts';
import { keys } from '../domain/rows.ts';
import type { DriveWorld } from '../packs.ts';
import { nowFor, readDossier, storeJson } from '../store.ts';
import { materialOf } from './material.ts';
import { reusedVersion } from './versions.ts';

export async function compareStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const { comparison } = await materialOf(world, dossier);
  const contradicted = refusalsOf(comparison);
  const problems = contradicted.length > 0 ? contradicted : await reusedVersion(world, comparison.request);
  // Refused, it replaces nothing: the older one goes on.
  if (problems.length > 0) return void (await decide(world, dossier, { outcome: 'refused', reasons: problems }));
  await endSuperseded(world, dossier, comparison.request);
  const diff = await storeJson(world.vault, diffOf(comparison));
  const body = { diff, comparedAt: nowFor(world.clock, dossier) };
  await world.index.commit([{ kind: 'fact', key: keys.fact(dossier.request.id, 'comparison'), body }]);
}

/** A request that names an older one ends it, if people are still being asked; its votes stay in its own record. */
async function endSuperseded(world: DriveWorld, dossier: Dossier, request: PromotionRequest): Promise<void> {
  if (request.supersedes === undefined) return;
  const older = await readDossier(world.index, request.supersedes);
  // Whose it was and for which head was checked at intake.
  if (older === undefined || !waitsForPeople(stateOf(factsOf(older)))) return;
  const reason = { code: 'NOT_WAITING' as const, pointer: '', detail: `superseded by ${dossier.request.id}` };
  const ended = await decide(world, older, { outcome: 'superseded', reasons: [reason] });
  world.workflow.wake(older.request.id);
  // A vote came in between: it belongs into the record, or has ended the older one itself.
  if (!ended) await endSuperseded(world, dossier, request);
}
