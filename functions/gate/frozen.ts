// The gate while the store is frozen: approved versions only, and only on somebody's signed word, which is kept before the answer.
import { digestOf, type EventHash } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { readIntent } from '../domain/intent.ts';
import { invariant, type Problem } from '../domain/result.ts';
import { type Check, no, type Trust, yes } from '../domain/trust.ts';
import type { Warden } from '../health.ts';
import type { Clock, Vault } from '../ports.ts';

/** The vault's own bytes where it answers; else those presented, which are believed as far as their hash and signature go. */
export async function envelopeOf(
  vault: Vault,
  key: string,
  presented: Uint8Array | undefined,
): Promise<Uint8Array | undefined> {
  try {
    return (await vault.get(key)) ?? presented;
  } catch (error) {
    if (presented === undefined || !(error instanceof InfrastructureError)) throw error;
    return presented;
  }
}

type Question = {
  readonly event: EventHash;
  readonly line: string;
  readonly environment: string;
  readonly presented?: { readonly intent?: Uint8Array };
};

export async function keepIntent(
  { clock, health }: { readonly clock: Clock; readonly health?: Warden },
  question: Question,
  trust: Trust,
  frozen: Problem,
): Promise<Check> {
  const envelope = question.presented?.intent;
  if (envelope === undefined) return no('frozen', 'FROZEN', frozen.detail);
  invariant(health !== undefined, 'somebody watches what is frozen');
  const { since, intents } = await health.look();
  const now = clock.now();
  invariant(since !== null, 'it is frozen since some time');
  const read = readIntent(envelope, question, trust, { since, now });
  // Not a denial of the version: without a good intent it is as frozen as for everybody.
  if (!read.ok) return no('intent', 'FROZEN', read.problems.map(({ code, detail }) => `${code} ${detail}`).join('; '));
  const note = { intent: digestOf(read.value.opened.payload), envelope: Buffer.from(envelope).toString('base64') };
  // Asked again, as a deployment with many machines does: one line is enough, and nobody fills the disk with it.
  if (!intents.some(({ intent }) => intent === note.intent)) await health.note({ kind: 'intent', at: now, ...note });
  return yes('intent', `FROZEN: allowed on the signed word of ${read.value.intent.authoriser.sub}, to be sealed at the thaw`);
}
