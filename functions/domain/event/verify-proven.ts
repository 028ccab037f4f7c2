// Was an event signed by a key that the reader trusts? For a stolen key that takes more than its signature: the log with the
// clock of witnesses, or the word of the key that came after it.
import type { EventHash } from '../digest.ts';
import { witnessedAt } from '../log/witnessed.ts';
import { ok, type Result } from '../result.ts';
import type { Instant } from '../text.ts';
import type { Trust } from '../trust.ts';
import { proofKey, type Read, reattestedKey } from '../vault-keys.ts';
import { type Opened, openEnvelope, type Signed, verifyEnvelope } from './envelope.ts';
import { parseStatement } from './statement.ts';

type Sealed = { readonly bytes: Uint8Array; readonly opened: Opened };

/** `how`: in words, what else than the signature it rests on. */
export type Proven = Result<Signed & { readonly how: string }>;

/** Asks for the proof only where a signature is by a key that somebody stole. */
export async function verifyProven(
  { bytes, opened }: Sealed,
  trust: Trust,
  at: Instant | undefined,
  read: Read,
): Promise<Proven> {
  const seen = isBySomethingStolen(opened, trust) ? await witnessed(bytes, opened.hash, trust, read) : undefined;
  const verified = verifyEnvelope(opened, trust, at, seen);
  if (verified.ok) return ok({ ...verified.value, how: seen === undefined ? '' : `, and in the witnessed log by ${seen}` });
  if (verified.problems[0]?.code !== 'KEY_COMPROMISED') return verified;
  const again = await reattested(opened, trust, read);
  return again === undefined ? verified : ok({ ...again, how: ': it was stolen, and the event re-attested' });
}

/** When witnesses had it in the log, if the files at hand show that. */
export async function witnessed(bytes: Uint8Array, hash: EventHash, trust: Trust, read: Read): Promise<Instant | undefined> {
  const proof = await read(proofKey(hash));
  return proof === undefined ? undefined : witnessedAt(bytes, new TextDecoder().decode(proof), trust);
}

const isBySomethingStolen = ({ envelope }: Opened, { keys }: Trust): boolean =>
  envelope.signatures.some(({ keyid }) => keys.some((key) => key.keyid === keyid && key.compromisedSince !== undefined));

/** A record by a key that is whole, which names this event and the very key that was stolen. */
async function reattested({ hash, envelope }: Opened, trust: Trust, read: Read): Promise<Signed | undefined> {
  const bytes = await read(reattestedKey(hash));
  const opened = bytes === undefined ? undefined : openEnvelope(bytes);
  if (!opened?.ok || isBySomethingStolen(opened.value, trust)) return undefined;
  const parsed = parseStatement(opened.value.payload);
  const record = parsed.ok ? parsed.value.predicate : undefined;
  if (record?.kind !== 'reattestation' || record.event !== hash) return undefined;
  if (!envelope.signatures.some(({ keyid }) => keyid === record.compromised)) return undefined;
  const verified = verifyEnvelope(opened.value, trust, record.at);
  return verified.ok ? verified.value : undefined;
}
