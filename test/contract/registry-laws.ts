import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../functions/domain/digest.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import type { Wish } from '../../functions/domain/hint.ts';
import { BAD_HOOK } from '../../functions/domain/hook.ts';
import type { Instant } from '../../functions/domain/text.ts';
import type { Note, Registry } from '../../functions/registry.ts';
import { rawOf, type SentHook } from '../support/hooks.ts';

/** One model with one version that asks for `sandbox`, served with these files; its request and one blob beside it. */
export type RegistryBench = {
  readonly registry: Registry;
  /** The same adapter where nothing answers. */
  readonly unreachable: Registry;
  readonly wish: Wish;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly request: Uint8Array;
  readonly blob: Uint8Array;
  readonly at: Instant;
  readonly hook: (wish: Wish) => SentHook;
  /** Deliveries that our own write-back makes this registry send. */
  readonly ownHooks: () => readonly SentHook[];
  readonly overwrite: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
};

const EVENT = digestOf('an event');

/** The laws of functions/registry.ts, held against any adapter. */
export function registryLaws(name: string, open: () => Promise<RegistryBench>, coldMs?: number): void {
  // A server with users hashes a password for every call.
  describe(`registry laws: ${name}`, { timeout: 60_000 }, () => {
    let at: RegistryBench;
    let note: Note;
    beforeAll(async () => {
      at = await open();
      note = { wish: at.wish, requestId: 'req-1', event: EVENT, outcome: 'approved', path: 'automated', alias: 'champion' };
    }, coldMs);
    afterAll(() => at?.close());

    const resolved = async () => {
      const found = await at.registry.resolve(at.wish);
      if (!found.ok) throw new Error(JSON.stringify(found.problems));
      return found.value;
    };

    it('LAW 1: a hook that fits is heard; one with anything missing or changed is refused in one way', () => {
      const sent = at.hook(at.wish);
      expect(at.registry.verify(rawOf(sent), at.at)).toMatchObject({ ok: true, value: { kind: 'request', wish: at.wish } });
      const refused = { ok: false, problems: [BAD_HOOK] };
      for (const left of Object.keys(sent.headers).filter((one) => one !== 'content-type')) {
        const headers = Object.fromEntries(Object.entries(sent.headers).filter(([one]) => one !== left));
        expect(at.registry.verify(rawOf({ ...sent, headers }), at.at), left).toEqual(refused);
      }
      expect(at.registry.verify(rawOf({ ...sent, text: `${sent.text} ` }), at.at)).toEqual(refused);
      const late = new Date(Date.parse(at.at) + 301_000).toISOString() as Instant;
      expect(at.registry.verify(rawOf(sent), late)).toEqual(refused);
    });

    it('LAW 2: resolve changes nothing and answers the same again; what is not there is a refusal', async () => {
      const first = await resolved();
      expect(await resolved()).toEqual(first);
      expect(first).toMatchObject({ model: at.wish.model, version: at.wish.version });
      expect(await at.registry.sweep(at.wish.model)).toEqual([at.wish]);
      const missing = await at.registry.resolve({ ...at.wish, version: '999' });
      expect(missing).toMatchObject({ ok: false, problems: [{ pointer: '/model/version' }] });
    });

    it('LAW 2: where nothing answers, every call throws an infrastructure fault that may be tried again', async () => {
      const dead = at.unreachable;
      const calls = [
        () => dead.resolve(at.wish),
        () => dead.writeBack(note),
        () => dead.moveAlias({ model: at.wish.model, alias: 'champion', version: null }),
        () => dead.moveAlias({ model: at.wish.model, alias: 'champion', version: at.wish.version }),
        () => dead.sweep(at.wish.model),
        () => dead.checkProduction(at.wish.model),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ name: InfrastructureError.name, retryable: true });
    });

    it('R4 LAW 3: every file with the digest of the bytes served, and the request as it was logged', async () => {
      const { files, request } = await resolved();
      expect(new Map(files.map(({ path, digest }) => [path, digest]))).toEqual(
        new Map([...at.files].map(([path, bytes]) => [path, digestOf(bytes)])),
      );
      expect(files.map(({ size }) => size)).toEqual(files.map(({ path }) => at.files.get(path)?.byteLength));
      expect(request && digestOf(request)).toBe(digestOf(at.request));
      const whole = async (place: Parameters<Registry['open']>[1]) => {
        const pieces = await at.registry.open(at.wish, place);
        if (pieces === undefined) return undefined;
        const kept: Uint8Array[] = [];
        for await (const piece of pieces) kept.push(piece);
        return digestOf(Buffer.concat(kept));
      };
      const [[path, bytes] = ['', new Uint8Array()]] = at.files;
      expect(await whole({ kind: 'model', path })).toBe(digestOf(bytes));
      expect(await whole({ kind: 'evidence', digest: digestOf(at.blob) })).toBe(digestOf(at.blob));
      expect(await whole({ kind: 'evidence', digest: digestOf('nothing') })).toBeUndefined();
    });

    it('a path that leads out of the version gives no bytes', async () => {
      for (const path of ['../../../etc/passwd', '/etc/passwd', 'a/../../../x', '..%2f..%2fx']) {
        const opened = await at.registry.open(at.wish, { kind: 'model', path }).catch(() => undefined);
        expect(opened, path).toBeUndefined();
      }
    });

    it('R16 LAW 4, 6: writeBack twice comes to the same end, and the wish is answered', async () => {
      await at.registry.writeBack(note);
      expect(await at.registry.checkProduction(at.wish.model)).toEqual([{ alias: 'champion', version: at.wish.version }]);
      expect(await at.registry.sweep(at.wish.model)).toEqual([]);
      await at.registry.writeBack(note);
      expect(await at.registry.checkProduction(at.wish.model)).toEqual([{ alias: 'champion', version: at.wish.version }]);
    });

    it('R65 LAW 7: an alias is taken away and put back, each twice, and nothing else changes', async () => {
      const { model, version } = at.wish;
      const stands = () => at.registry.checkProduction(model);
      const before = await resolved();
      for (const wanted of [version, null, version]) {
        for (let turn = 0; turn < 2; turn++) await at.registry.moveAlias({ model, alias: 'champion', version: wanted });
        expect(await stands()).toEqual(wanted === null ? [] : [{ alias: 'champion', version: wanted }]);
      }
      await at.registry.moveAlias({ model, alias: 'challenger', version: null });
      expect([await stands(), await resolved()]).toEqual([[{ alias: 'champion', version }], before]);
    });

    it('LAW 5: what we write makes the registry send nothing that asks', () => {
      for (const sent of at.ownHooks()) {
        const heard = at.registry.verify(rawOf(sent), at.at);
        expect(heard.ok && heard.value.kind).not.toBe('request');
      }
    });

    it('R63 bytes put in place of others are seen, whatever the registry says of them', async () => {
      const [[path] = ['']] = at.files;
      const before = await resolved();
      await at.overwrite(path, new TextEncoder().encode('other weights'));
      const after = await resolved();
      expect(after.files.find((file) => file.path === path)?.digest).toBe(digestOf('other weights'));
      expect(before.files).not.toEqual(after.files);
    });
  });
}
