import { type Digest, digestOf } from '../domain/digest.ts';
import type { Dossier } from '../domain/dossier.ts';
import { parseBytes } from '../domain/parse.ts';
import { invariant } from '../domain/result.ts';
import { voteObjectKey } from '../domain/vault-keys.ts';
import { Vote, voteKeyOf } from '../domain/vote.ts';
import type { DriveWorld } from '../packs.ts';

/** What people said, read from the vault: a row that names another vote than is there is a broken index. */
export async function readVotes(
  world: DriveWorld,
  dossier: Dossier,
  voteKeys: readonly string[],
): Promise<{ vote: Vote; digest: Digest }[]> {
  return Promise.all(
    voteKeys.map(async (voteKey) => {
      const bytes = await world.vault.get(voteObjectKey(voteKey));
      const parsed = bytes === undefined ? undefined : parseBytes(Vote, bytes);
      const digest = bytes === undefined ? undefined : digestOf(bytes);
      const row = dossier.votes.find((candidate) => candidate.voteKey === voteKey);
      invariant(
        parsed?.ok && digest === row?.vote && digest !== undefined,
        `the vote ${voteKey} is in the vault as its row says`,
      );
      invariant(voteKeyOf(dossier.request.id, parsed.value.actor) === voteKey, `the vote ${voteKey} is its voter's`);
      return { vote: parsed.value, digest };
    }),
  );
}
