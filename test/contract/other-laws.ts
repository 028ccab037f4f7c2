// The laws of the smaller ports, held against any adapter: signer, clock, identity, workflow, erasable store.
import { describe, expect, it } from 'vitest';
import { ed25519PublicOf, keyIdOf, verifyEd25519, verifyP256 } from '../../functions/domain/crypto.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { Instant } from '../../functions/domain/text.ts';
import type { Clock, Erasable, Identified, Identity, Signer, Workflow } from '../../functions/ports.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** `largest`: bytes that a signer takes at most. An envelope is larger than a checkpoint, and KMS hashes nothing for Ed25519. */
type SignerLaws = { readonly keyClass?: Signer['keyClass']; readonly largest?: number };

export function signerLaws(
  name: string,
  open: () => Promise<Signer>,
  { keyClass = 'dev', largest = 100_000 }: SignerLaws = {},
): void {
  describe(`signer laws: ${name}`, () => {
    it('R12 signs what its public key verifies, and nothing else', async () => {
      const { algorithm, spki, sign } = await open();
      const verify = (message: Uint8Array, signature: Uint8Array) =>
        algorithm === 'p256'
          ? verifyP256(spki, message, signature)
          : verifyEd25519(ed25519PublicOf(spki) ?? new Uint8Array(), message, signature);
      for (const message of [bytes(''), bytes('statement'), new Uint8Array(largest).fill(7)]) {
        const signature = await sign(message);
        expect(verify(message, signature)).toBe(true);
        expect(verify(Buffer.concat([message, bytes('.')]), signature)).toBe(false);
      }
    });

    it('its id is the hash of its public key, and it says of itself whether it may sign for production', async () => {
      const signer = await open();
      expect([signer.keyid, signer.keyClass]).toEqual([keyIdOf(signer.spki), keyClass]);
    });

    it('ed25519 signs the same bytes the same way, always', async () => {
      const signer = await open();
      const [one, two] = [await signer.sign(bytes('tree')), await signer.sign(bytes('tree'))];
      if (signer.algorithm === 'ed25519') expect(one).toEqual(two);
      else expect(one).not.toEqual(two);
    });
  });
}

export function clockLaws(name: string, open: (machine: () => number) => Clock): void {
  describe(`clock laws: ${name}`, () => {
    it('never runs backwards, whatever the machine says; every instant is one of ours', () => {
      const machine = [5000, 7000, 6000, 1, 7000, 9000];
      const clock = open(() => machine.shift() ?? 9000);
      const seen = Array.from({ length: 8 }, () => clock.now());
      expect(seen).toEqual([...seen].sort());
      for (const at of seen) expect(Instant.safeParse(at).success).toBe(true);
    });
  });
}

/** `tokens`: one that is right, and whatever else somebody may send. */
export function identityLaws(
  name: string,
  open: () => Promise<{ identity: Identity; right: { token: string; sub: string }; wrong: readonly string[] }>,
): void {
  describe(`identity laws: ${name}`, () => {
    it('R7 answers a principal for a token that was checked, with the bytes of the key that verified it', async () => {
      const { identity, right } = await open();
      const answer = await identity.verify(right.token);
      expect(answer.ok && answer.value.principal.actor.sub).toBe(right.sub);
      const { principal, jwk, token } = (answer as { value: Identified }).value;
      expect([principal.auth.jwk, principal.auth.tokenDigest, token]).toEqual([
        digestOf(jwk),
        digestOf(right.token),
        right.token,
      ]);
    });

    it('R7 anything else is UNAUTHENTICATED and never says why', async () => {
      const { identity, wrong } = await open();
      for (const token of wrong)
        expect(await identity.verify(token)).toEqual({
          ok: false,
          problems: [{ code: 'UNAUTHENTICATED', pointer: '', detail: 'not signed in' }],
        });
    });
  });
}

type OpenedWorkflow = { readonly workflow: Workflow; readonly idle: () => Promise<void> };

export function workflowLaws(name: string, open: (drive: (id: RequestId) => Promise<void>) => OpenedWorkflow): void {
  describe(`workflow laws: ${name}`, () => {
    const id = (n: number) => `req-${String(n).repeat(26)}` as RequestId;

    it('a wake runs nothing before its caller went on; then every id that was woken, each with nothing but itself', async () => {
      const ran: unknown[][] = [];
      const { workflow, idle } = open(async (...given) => void ran.push(given));
      for (const n of [2, 3, 2]) workflow.wake(id(n));
      expect(ran).toEqual([]);
      await idle();
      expect(ran).toEqual([[id(2)], [id(3)]]);
    });

    it('what is woken while something runs is run as well', async () => {
      const ran: RequestId[] = [];
      const opened: OpenedWorkflow = open(async (one) => {
        ran.push(one);
        if (ran.length < 3) opened.workflow.wake(id(ran.length + 4));
      });
      opened.workflow.wake(id(4));
      await opened.idle();
      expect(ran).toEqual([id(4), id(5), id(6)]);
    });
  });
}

export type OpenedErasable = {
  readonly store: Erasable;
  /** All bytes of the store, wherever they lie. */
  readonly bytes: () => Promise<string>;
  readonly close: () => Promise<void>;
};

export function erasableLaws(name: string, open: () => Promise<OpenedErasable>): void {
  describe(`laws of the erasable store: ${name}`, () => {
    it('LAW 1: the first text stands', async () => {
      const { store, bytes, close } = await open();
      await store.keep(digestOf('a'), 'text-that-came-first');
      await store.keep(digestOf('a'), 'text-that-came-later');
      expect(await bytes()).toContain('text-that-came-first');
      expect(await bytes()).not.toContain('text-that-came-later');
      await close();
    });

    it('LAW 2: after erase no byte of it is left, and everything else is', async () => {
      const { store, bytes, close } = await open();
      await store.keep(digestOf('a'), 'text-to-be-erased '.repeat(500));
      await store.keep(digestOf('b'), 'text-that-stays');
      await store.erase(digestOf('a'));
      await store.erase(digestOf('never kept'));
      const left = await bytes();
      expect([left.includes('text-to-be-erased'), left.includes('text-that-stays')]).toEqual([false, true]);
      await close();
    });
  });
}
