// A store with two policy owners and a second release: what it takes to put another policy into force.
import { confirm, propose, takeRelease } from '../../functions/activation.ts';
import type { Terms } from '../../functions/domain/activation.ts';
import { handleOf } from '../../functions/domain/actor.ts';
import { type Digest, digestOf } from '../../functions/domain/digest.ts';
import type { Result } from '../../functions/domain/result.ts';
import type { Trust } from '../../functions/domain/trust.ts';
import { storeBlob } from '../../functions/intake/blob.ts';
import type { Identified } from '../../functions/ports.ts';
import { type Files, nameOf, packWithExpiry, releaseTrust, signed } from './release.ts';
import { identified, type TestWorld } from './world.ts';

export const OWNER_ROLES = ['policy-owner@model-risk'];
export const FRANK = identified('person', 'person-frank', OWNER_ROLES);
export const GRACE = identified('person', 'person-grace', OWNER_ROLES);
export const HEIDI = identified('person', 'person-heidi', OWNER_ROLES);

export type Desk = TestWorld & { readonly releases: Trust };

export const deskOf = (world: TestWorld): Desk => Object.assign(world, { releases: releaseTrust(world.signer) });

export const termsFor = (pack: Digest, more: Partial<Terms> = {}): Terms => ({
  pack,
  version: '1.1.0',
  commit: 'c'.repeat(40),
  authors: [handleOf(FRANK.principal.actor)],
  whatIf: null,
  ...more,
});

/** Uploads every file as a blob and hands the release in, as the command does. */
export async function handIn(desk: Desk, files: Files, pack = nameOf(files)): Promise<Result<Digest>> {
  const named = new Map<string, Digest>();
  for (const [name, bytes] of files) {
    const stored = await storeBlob(desk.vault, digestOf(bytes), bytes);
    if (!stored.ok) throw new Error(JSON.stringify(stored.problems));
    named.set(name, stored.value);
  }
  return takeRelease(desk, pack, named);
}

export async function uploaded(desk: Desk, days = 7): Promise<Digest> {
  return value(await handIn(desk, await signed(packWithExpiry(days), desk.signer)));
}

/** Proposed by the one, confirmed by the other. */
export async function activated(desk: Desk, pack: Digest, by: readonly [Identified, Identified] = [FRANK, GRACE]) {
  const id = value(await propose(desk, termsFor(pack), by[0]));
  return value(await confirm(desk, id, by[1]));
}

export function value<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.problems));
}

export const codes = (result: Result<unknown>): string[] =>
  result.ok ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
