// Files that no event names and that may come with each: lists of keys, what was said again after a theft, and the proofs of the
// events it was compared with.
import type { EventHash } from '../digest.ts';
import { checkLogged } from '../log/check.ts';
import { parseProof } from '../log/proof.ts';
import type { Trust } from '../trust.ts';
import { envelopeKey, proofKey, type Read, reattestedKey } from '../vault-keys.ts';
import { hexName } from './derived.ts';
import { listsOf } from './key-lists.ts';

type Files = { readonly names: readonly string[]; readonly read: Read };

const hashIn = (name: string): EventHash => `sha256:${hexName(name)}` as EventHash;
const isEnvelope = (name: string): boolean => /^(?:events|records)\//.test(name);

/** Names that may be there. A record is one of them only if it is a list of keys. */
export async function companionsOf(files: Files): Promise<string[]> {
  const beside = files.names.filter(isEnvelope).flatMap((name) => [proofKey(hashIn(name)), reattestedKey(hashIn(name))]);
  // Under any other name than its own a list would be a file that nothing names.
  const lists = (await listsOf(files)).filter(({ name }) => name === envelopeKey(hashIn(name), null));
  return [...beside, ...lists.map(({ name }) => name)];
}

/** Proofs of other events than the one in question that do not hold. */
export async function faultyProofs({ names, read }: Files, event: EventHash, trust: Trust): Promise<string[]> {
  const wrong: string[] = [];
  for (const name of names.filter(isEnvelope)) {
    const proof = hashIn(name) === event ? undefined : await read(proofKey(hashIn(name)));
    if (proof === undefined) continue;
    const logged = checkLogged((await read(name)) ?? new Uint8Array(), new TextDecoder().decode(proof), trust);
    // Where the trust asks for no log nobody held it against one: then it is a proof at least, and no other file by its name.
    const reads = logged !== undefined || parseProof(new TextDecoder().decode(proof)).ok;
    if (!reads) wrong.push(`${proofKey(hashIn(name))} does not read`);
    if (logged && !logged.ok) wrong.push(`${proofKey(hashIn(name))}: ${logged.detail}`);
  }
  return wrong;
}
