// From a hint to a request: everything is read again from the registry, hashed, and announced as a pipeline would announce it.
import { digestOf } from '../domain/digest.ts';
import { hintKeys, MatchedRow, releasedPk, SoughtRow, type Wish, wishIdOf } from '../domain/hint.ts';
import { omsManifestBytes } from '../domain/oms.ts';
import { parseBytes } from '../domain/parse.ts';
import { PromotionRequest, vaultDigestsOf } from '../domain/request.ts';
import { fail, ok, type Problem, problem, type Result } from '../domain/result.ts';
import { blobKey } from '../domain/vault-keys.ts';
import { isFrozen } from '../health.ts';
import { MAX_BLOB_BYTES, storeBlob } from '../intake/blob.ts';
import { type Registered, receive } from '../intake/intake.ts';
import type { Row } from '../ports.ts';
import { aliasFor, type Connection, mappedTo, type Place, REQUEST_FOLDER, type Snapshot } from '../registry.ts';
import { storeBytes } from '../store.ts';
import { agreed, matchedWrites } from './registered.ts';
import { isDue, nextTry, type RegistryWorld } from './world.ts';

/** Everything that is asked for and due; answers what could not be done, to be told. */
export async function announceSought(world: RegistryWorld): Promise<string[]> {
  const faults: string[] = [];
  // As over the API: while the store is frozen nothing new starts (R23). What asks is kept, and looked into after the thaw.
  if (await isFrozen(world)) return faults;
  for (const row of await world.index.list(hintKeys.soughtPk)) {
    const sought = SoughtRow.parse(row.body);
    if (!isDue(sought.notBefore, world.clock.now())) continue;
    const outcome = await tried(world, sought.wish);
    if (outcome.kind === 'fault') faults.push(`${sought.wish.registry} ${sought.wish.model}: ${outcome.problems[0]?.detail}`);
    await settle(world, row, sought, outcome);
  }
  return faults;
}

type Tried = { readonly kind: 'matched' } | { readonly kind: 'needsEvidence' | 'fault'; readonly problems: readonly Problem[] };

async function tried(world: RegistryWorld, wish: Wish): Promise<Tried> {
  try {
    const done = await announce(world, wish);
    return done.ok ? { kind: 'matched' } : { kind: 'needsEvidence', problems: done.problems };
  } catch (error) {
    // Also a bug, told like a fault: whoever finds one with their request must not hold up everybody else's.
    return { kind: 'fault', problems: [problem('CANNOT_TELL', '', error instanceof Error ? error.message : String(error))] };
  }
}

async function settle(
  { index, clock }: RegistryWorld,
  { key, revision }: Row,
  sought: SoughtRow,
  outcome: Tried,
): Promise<void> {
  // Whoever asked for it meanwhile moved the row: then it is looked into once more, and nothing is lost here.
  if (outcome.kind === 'matched') {
    await index.commit([{ kind: 'clear', key, expected: revision }]);
    return;
  }
  const attempts = sought.attempts + 1;
  const state = outcome.kind === 'needsEvidence' ? 'needsEvidence' : sought.state;
  const notBefore = nextTry(attempts, clock.now());
  const body: SoughtRow = { ...sought, state, attempts, notBefore, problems: [...outcome.problems] };
  await index.commit([{ kind: 'register', key, body, expected: revision }]);
}

async function announce(world: RegistryWorld, wish: Wish): Promise<Result<void>> {
  const connection = world.connections.get(wish.registry);
  const mapped = connection && mappedTo(connection.models, wish.model);
  if (connection === undefined || mapped === undefined || aliasFor(mapped, wish.environment) === undefined)
    return fail(problem('NOT_FOUND', '', 'this model and environment are no longer connected with a line'));
  if (await isMatched(world, wish)) return ok(undefined);
  const snapshot = await connection.registry.resolve(wish);
  if (!snapshot.ok) return snapshot;
  const raw = snapshot.value.request;
  if (raw === null) return (await wasReleased(world, wish)) ? ok(undefined) : fail(NO_REQUEST);
  const parsed = parseBytes(PromotionRequest, raw);
  if (!parsed.ok) return parsed;
  const wrong = problemsOfWish(parsed.value, wish, mapped.line);
  if (wrong.length > 0) return { ok: false, problems: wrong };
  // First that it agrees: bytes of what is refused anyway are not fetched.
  const fits = agreed(parsed.value, snapshot.value);
  if (!fits.ok) return fits;
  const fetched = await fetchMissing(world, connection, wish, parsed.value, snapshot.value);
  if (fetched.length > 0) return { ok: false, problems: fetched };
  return send(world, wish, raw);
}

const NO_REQUEST = problem(
  'MISSING_KEY',
  '',
  `no promotion request came with it: send it to POST /requests, or log it with the run as ${REQUEST_FOLDER}/request.json`,
);

async function send(world: RegistryWorld, wish: Wish, raw: Uint8Array): Promise<Result<void>> {
  const sender = await world.announcer();
  const registered: Registered = async (_, id) => ok(matchedWrites(wish, id, world.clock.now()));
  const accepted = await receive({ ...world, registered }, raw, sender);
  if (!accepted.ok) return accepted;
  await world.erasable.keep(sender.principal.auth.tokenDigest, sender.token);
  // Announced before, and asked for again: its end is told again, which changes nothing where it stands already.
  if (accepted.value.repeated && (await world.index.get(hintKeys.matched(accepted.value.id))) === undefined)
    await world.index.commit(matchedWrites(wish, accepted.value.id, world.clock.now()));
  return ok(undefined);
}

/** A pipeline sent it to the API already, and it is on its way. */
async function isMatched({ index }: RegistryWorld, wish: Wish): Promise<boolean> {
  const rows = (await index.list(hintKeys.matchedPk)).map(({ body }) => MatchedRow.parse(body));
  return rows.some((row) => wishIdOf(row.wish) === wishIdOf(wish));
}

const wasReleased = async ({ index }: RegistryWorld, wish: Wish): Promise<boolean> =>
  (await index.list(releasedPk(wish))).length > 0;

/** Who may write into a run must not choose another line by it than the operator connected. */
function problemsOfWish(request: PromotionRequest, wish: Wish, line: string): Problem[] {
  const wrong = (pointer: string, detail: string) => [problem('REGISTRY_MISMATCH', pointer, detail)];
  return [
    ...(request.line === line ? [] : wrong('/line', `this model is connected with ${line}`)),
    ...(request.environment === wish.environment ? [] : wrong('/environment', `the tag asks for ${wish.environment}`)),
  ];
}

/** Bytes that the request names and the vault lacks: from the version's own files, or from beside the request. */
async function fetchMissing(
  { vault }: RegistryWorld,
  { registry }: Connection,
  wish: Wish,
  request: PromotionRequest,
  { files }: Snapshot,
): Promise<Problem[]> {
  const { model } = request;
  const manifest = omsManifestBytes(model.files, model.name);
  if (digestOf(manifest) === model.manifest) await storeBytes(vault, manifest);
  const paths = new Map(files.map(({ digest, path }) => [digest, path]));
  const problems: Problem[] = [];
  for (const { digest, pointer } of vaultDigestsOf(request)) {
    if ((await vault.size(blobKey(digest))) !== undefined) continue;
    const path = paths.get(digest);
    const place: Place = path === undefined ? { kind: 'evidence', digest } : { kind: 'model', path };
    const bytes = await bytesAt(await registry.open(wish, place));
    const stored = bytes.ok ? await storeBlob(vault, digest, bytes.value) : bytes;
    if (!stored.ok) problems.push(...stored.problems.map((one) => ({ ...one, pointer })));
  }
  return problems;
}

async function bytesAt(pieces: AsyncIterable<Uint8Array> | undefined): Promise<Result<Uint8Array>> {
  if (pieces === undefined)
    return fail(problem('BYTES_MISSING', '', `neither a file of the model nor under ${REQUEST_FOLDER}/blobs of its run`));
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > MAX_BLOB_BYTES)
      return fail(problem('BODY_TOO_LARGE', '', `more than ${MAX_BLOB_BYTES} bytes; give it a locator`));
    kept.push(piece);
  }
  return ok(Buffer.concat(kept));
}
