// What an exported event takes along beside its own evidence: the lists of keys, so that who pinned one can follow; and what was
// said again of an event after a theft.
import { EventHash } from './domain/digest.ts';
import { envelopeKey, reattestedKey } from './domain/vault-keys.ts';
import { sealedKeys } from './keys/keys.ts';
import type { Index, Vault } from './ports.ts';

/** `keys`: the event's evidence, its own envelope first, which stays first. */
export async function withCompanions(
  store: { readonly vault: Vault; readonly index: Index },
  [own = '', ...others]: readonly string[],
): Promise<string[]> {
  const lists = (await sealedKeys(store)).map(({ event }) => envelopeKey(event, null));
  const again: string[] = [];
  for (const key of [own, ...others]) {
    const hash = EventHash.safeParse(`sha256:${/^(?:events|records)\/([0-9a-f]{64})/.exec(key)?.[1]}`);
    const said = hash.success ? reattestedKey(hash.data) : undefined;
    if (said !== undefined && (await store.vault.size(said)) !== undefined) again.push(said);
  }
  return [own, ...[...new Set([...others, ...lists, ...again])].filter((key) => key !== own).sort()];
}
