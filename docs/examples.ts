// Plays two promotions of the German-credit example through the real stages and hands back one instance of each documented
// shape. The second one moves a threshold: a person is asked, so every shape occurs.
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { openEnvelope } from '../functions/domain/event/envelope.ts';
import { invariant } from '../functions/domain/result.ts';
import { blobKey, voteObjectKey } from '../functions/domain/vault-keys.ts';
import { lineOf } from '../functions/route/pack.ts';
import { dossierOf, manifestAt, promote } from '../test/support/promote.ts';
import { ISSUER, openWorld, type TestWorld } from '../test/support/world.ts';
import type { SchemaName } from './schemas.ts';

const FIRST = 'scenarios/02-threshold-moved/1-v01.yaml';
const SECOND = 'scenarios/02-threshold-moved/2-v03.yaml';

type Json = Record<string, unknown>;

export async function playExamples(): Promise<Record<SchemaName, unknown>> {
  const world = await openWorld();
  try {
    await promote(world, await manifestAt(FIRST));
    const manifest = await manifestAt(SECOND);
    const dossier = await dossierOf(world, (await promote(world, manifest)).request.id);
    const { request, routing, screen, votes, seal } = dossier;
    invariant(routing && screen && votes[0] && seal, 'a person approved it');
    const promotion = await read(world, blobKey(request.payload));
    const routed = await read(world, blobKey(routing.routing));
    const vote = await read(world, voteObjectKey(votes[0].voteKey));
    const [profile] = promotion['profiles'] as (typeof request.payload)[];
    invariant(profile, 'the example profiles its population');
    const opened = openEnvelope(await bytesOf(world, seal.key));
    invariant(opened.ok, 'the envelope just sealed opens');
    return {
      manifest: plain(manifest),
      'promotion-request': promotion,
      profile: await read(world, blobKey(profile)),
      decision: decisionOf(routed),
      routing: routed,
      'approval-request': await read(world, blobKey(screen.approvalRequest)),
      ballot: ballotOf(vote),
      vote,
      statement: parse(opened.value.payload),
      trust: trustOf(world),
      'model-line': plain(lineOf(await world.packs.load(request.pack), request.line)),
    };
  } finally {
    await world.close();
  }
}

/** What the pack answered: the routing without what the engine adapter added. */
function decisionOf({
  input: _,
  inputDigest: __,
  pack: ___,
  wasm: ____,
  data: _____,
  rulebook: ______,
  ...decision
}: Json): Json {
  return { ...decision, schema: 'decision/v0' };
}

function ballotOf({ screen, choice, criteria, rationale, conditions, nonce }: Json): Json {
  return { screen, choice, criteria, ...(rationale === undefined ? {} : { rationale }), conditions, nonce };
}

const trustOf = ({ signer }: TestWorld): Json => ({
  environment: 'sandbox',
  class: 'dev',
  keys: [{ keyid: signer.keyid, spki: signer.spki, class: signer.keyClass }],
  issuers: [ISSUER],
  proof: 'index',
  humanSignature: 'optional',
});

async function bytesOf(world: TestWorld, key: string): Promise<Uint8Array> {
  const bytes = await world.vault.get(key);
  invariant(bytes, `the vault holds ${key}`);
  return bytes;
}

const parse = (bytes: Uint8Array): Json => JSON.parse(new TextDecoder().decode(bytes)) as Json;
const read = async (world: TestWorld, key: string): Promise<Json> => parse(await bytesOf(world, key));
const plain = (value: unknown): Json => parse(canonicalBytes(value));
