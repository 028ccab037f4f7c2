import { type Digest, digestOf, type EventHash } from '../domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../domain/event/envelope.ts';
import { personalDataIn } from '../domain/personal-data.ts';
import { PACK_PAYLOAD_TYPE, RELEASE_SIGNATURE } from '../domain/release.ts';
import { fail, invariant, ok, problem, type Result } from '../domain/result.ts';
import { type ActivationRow, keys, StartRow } from '../domain/rows.ts';
import { packKey } from '../domain/vault-keys.ts';
import type { World } from '../ports.ts';
import { eventWrites } from '../store.ts';
import { storeEnvelope } from './seal.ts';

export type Beginning = { readonly organisation: string; readonly retentionOwner: string };
export type PackFiles = { readonly digest: Digest; readonly files: ReadonlyMap<string, { digest: Digest; bytes: Uint8Array }> };

const STATEMENT = 'Promotions are sealed from this moment. Older ones are shown as before the start and are never filled in.';

/**
 * `countersign init`: seals the start (R20) and the first pack's activation (R35). What is sealed is frozen in a row first, so
 * that running it again after a crash gives the same two events; a finished start refuses.
 */
export async function begin(
  world: World,
  given: Beginning,
  pack: PackFiles,
): Promise<Result<{ start: EventHash; activation: EventHash }>> {
  const again = (row: StartRow) =>
    fail(problem('ALREADY_STARTED', '', `it began at ${row.at} for ${row.organisation}; nothing was changed`));
  if (await world.index.get(keys.activation)) {
    const begun = await world.index.get(keys.start);
    invariant(begun, 'a policy is activated after the start');
    return again(StartRow.parse(begun.body));
  }
  const personal = personalDataIn(given);
  if (personal.length > 0) return fail(...personal);
  const wanted = { ...given, pack: pack.digest, at: world.clock.now() };
  const claimed = await world.index.commit([{ kind: 'fact', key: keys.start, body: wanted }]);
  const row = StartRow.parse(claimed.kind === 'conflict' ? claimed.found?.body : wanted);
  if (row.pack !== pack.digest)
    return fail(problem('ALREADY_STARTED', '', `its start names the policy pack ${row.pack}: give that one with --pack`));
  const { organisation, retentionOwner, at } = row;

  const start = await storeEnvelope(world, { kind: 'start', organisation, retentionOwner, statement: STATEMENT, at });
  for (const [name, file] of pack.files) await world.vault.putOnce(packKey(pack.digest, name), file.bytes);
  const signature = await signRelease(world, pack);
  const files = Object.fromEntries([...pack.files].map(([name, file]) => [name, file.digest]));
  const activation = await storeEnvelope(world, {
    kind: 'policyActivation',
    pack: pack.digest,
    files: { ...files, [RELEASE_SIGNATURE]: signature },
    start: start.eventHash,
    at,
    // Nobody is signed in yet, so nobody can be asked; whoever starts answers for the first policy.
    change: { absent: 'start' },
  });
  const eventRow = (kind: string, key: string) => ({ request: null, key, kind, outcome: null });
  const body: ActivationRow = { pack: pack.digest, event: activation.eventHash, at };
  const outcome = await world.index.commit([
    ...eventWrites(start.eventHash, eventRow('start', start.key)),
    ...eventWrites(activation.eventHash, eventRow('policyActivation', activation.key)),
    { kind: 'fact', key: keys.activated(pack.digest, activation.eventHash), body },
    { kind: 'register', key: keys.activation, body, expected: 'absent' },
  ]);
  return outcome.kind === 'conflict' ? again(row) : ok({ start: start.eventHash, activation: activation.eventHash });
}

/** The first pack is signed by the key that seals its activation. A signature differs each time: the first one stored stands. */
async function signRelease(world: World, pack: PackFiles): Promise<Digest> {
  const manifest = pack.files.get('manifest.json');
  invariant(manifest, 'a pack has its manifest');
  const signed = await world.signer.sign(preAuthEncoding(manifest.bytes, PACK_PAYLOAD_TYPE));
  const envelope = envelopeBytes(manifest.bytes, world.signer.keyid, signed, PACK_PAYLOAD_TYPE);
  const put = await world.vault.putOnce(packKey(pack.digest, RELEASE_SIGNATURE), envelope);
  return digestOf(put.kind === 'already' ? put.bytes : envelope);
}
