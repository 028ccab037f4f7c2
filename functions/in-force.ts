// Which policy is in force: what the sealed activations in the vault say. The index's register only points; somebody who edits
// the table could set it back to an older, laxer pack.
import type { Digest, EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { openEnvelope } from './domain/event/envelope.ts';
import { isAbsent, parseStatement } from './domain/event/statement.ts';
import { fail, ok, problem, type Result } from './domain/result.ts';
import { ActivationRow, keys } from './domain/rows.ts';
import type { Instant } from './domain/text.ts';
import { envelopeKey, isVaultKey } from './domain/vault-keys.ts';
import { type LogKeys, loggedKinds } from './logged-kinds.ts';
import type { Signer, World } from './ports.ts';
import { isOurs } from './sealed.ts';

type Activation = {
  readonly event: EventHash;
  readonly pack: Digest;
  readonly at: Instant;
  readonly previous: EventHash | null;
  /** Signed by a key of this store. What is not puts nothing into force, and still raises the doubt that it replaced something. */
  readonly ours: boolean;
};

type Sealed = Pick<World, 'vault' | 'signer' | 'index'> & { readonly tlog?: LogKeys };

/** Objects never change, so each record is read once; a listing finds the new ones. Null: a record of another kind. */
const read = new WeakMap<World['vault'], Map<string, Activation | null>>();

/** Between two people's confirmation and its seal a request may still be taken in under the policy before. */
const SEALING_MS = 60_000;

/** So many unread records are read one by one; for more the log is asked first, which names the kinds of 256 in one object. */
const FEW = 64;
/** A canary each hour is 8 760 records a year: from a remote vault, one after the other, minutes for each new process. */
const AT_ONCE = 32;

async function sealedActivations(world: Sealed): Promise<readonly Activation[]> {
  const { vault, signer } = world;
  const seen = read.get(vault) ?? new Map<string, Activation | null>();
  read.set(vault, seen);
  const listed: string[] = [];
  // A stray file is no object of ours, and cannot be read as one.
  for await (const key of vault.list('records/')) if (isVaultKey(key)) listed.push(key);
  const unread = listed.filter((key) => !seen.has(key));
  const others = unread.length > FEW ? await otherKinds(world, new Set(listed)) : new Set<string>();
  for (const key of unread) if (others.has(key)) seen.set(key, null);
  const wanted = unread.filter((key) => !others.has(key));
  for (let from = 0; from < wanted.length; from += AT_ONCE)
    await Promise.all(
      wanted.slice(from, from + AT_ONCE).map(async (key) => {
        const bytes = await vault.get(key);
        if (bytes !== undefined) seen.set(key, activationIn(key, bytes, signer));
      }),
    );
  return [...seen.values()].filter((one) => one !== null);
}

/** Records that the log knows and that put no policy into force. What it knows of a policy must still be here. */
async function otherKinds({ vault, index, tlog }: Sealed, listed: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const others = new Set<string>();
  if (tlog === undefined) return others;
  for (const [event, kind] of await loggedKinds({ vault, index, tlog })) {
    const key = envelopeKey(event, null);
    if (kind !== 'policyActivation') others.add(key);
    else if (!listed.has(key))
      throw new InfrastructureError(`the vault has lost ${key}, which put a policy into force`, { retryable: false });
  }
  return others;
}

/** Canonical bytes are written in one way only, so looking for the words first spares parsing every refusal. */
const KIND = '"kind":"policyActivation"';

function activationIn(key: string, bytes: Uint8Array, signer: Signer): Activation | null {
  const opened = openEnvelope(bytes);
  // It may have been the activation that somebody wants forgotten.
  if (!opened.ok || envelopeKey(opened.value.hash, null) !== key)
    throw new InfrastructureError(`the record ${key} was changed: which policy is in force cannot be told`, {
      retryable: false,
    });
  if (!Buffer.from(opened.value.payload).includes(KIND)) return null;
  const parsed = parseStatement(opened.value.payload);
  if (!parsed.ok || parsed.value.predicate.kind !== 'policyActivation') return null;
  const { pack, at, change } = parsed.value.predicate;
  const previous = change === undefined || isAbsent(change) ? null : change.previous;
  return { event: opened.value.hash, pack, at, previous, ours: isOurs(signer, bytes) };
}

/**
 * The active policy, if nothing that was sealed has replaced it. Anything else freezes what would start under it: a request
 * taken in now could never be routed right later.
 */
export async function policyInForce(world: Sealed): Promise<Result<ActivationRow>> {
  const row = await world.index.get(keys.activation);
  if (row === undefined) return fail(problem('NOT_INITIALISED', '', 'no policy was activated yet'));
  const active = ActivationRow.parse(row.body);
  const frozen = (why: string) => fail(problem('POLICY_NOT_NEWEST', '', why));
  const sealed = await sealedActivations(world);
  if (!sealed.some((one) => one.ours && one.event === active.event && one.pack === active.pack && one.at === active.at))
    return frozen(`no sealed event put the pack ${active.pack} into force as the index says`);
  const newer = sealed.find(({ previous }) => previous === active.event);
  if (newer !== undefined) return frozen(`${newer.event} replaced it at ${newer.at}`);
  const confirmed = await world.index.get(keys.successor(active.event));
  return confirmed === undefined ? ok(active) : frozen('a newer policy was confirmed and is being sealed');
}

/** Was this pack the policy at that time, by a sealed event of ours that nothing had replaced? What was not gets a committee. */
export async function wasInForce(world: Sealed, pack: Digest, at: Instant): Promise<boolean> {
  const sealed = await sealedActivations(world);
  const late = (replacedAt: Instant) => Date.parse(at) - Date.parse(replacedAt) > SEALING_MS;
  return sealed.some(
    (one) =>
      one.ours &&
      one.pack === pack &&
      one.at <= at &&
      !sealed.some(({ previous, at: then }) => previous === one.event && late(then)),
  );
}
