// What the gates of this deployment believe: its own keys, its own log and its issuer, and what its operator said in the settings.
// A deploy pipeline that does not want to believe this asks `countersign gate` with a trust file of its own.

import { keyIdOf } from '../domain/crypto.ts';
import { ActivationRow, keys } from '../domain/rows.ts';
import type { Trust } from '../domain/trust.ts';
import { ownTrust } from '../keys/own.ts';
import type { AwsWorld } from './world.ts';

/** What this deployment believes in one environment, as its operator set it up. */
async function trustOf(
  world: AwsWorld,
  environment: { readonly name: string; readonly class: 'dev' | 'prod' },
): Promise<Trust> {
  const { settings, signer } = world;
  const own = await ownTrust(world, settings.issuer.url, environment);
  const said = settings.gates?.[environment.name] ?? {};
  const { proof = own.proof, humanSignature = own.humanSignature, requiredWitnesses: required = 1 } = said;
  const vkeys = (settings.witnesses ?? []).map(({ vkey }) => vkey);
  const witnesses = vkeys.length === 0 ? {} : { witnesses: { required, vkeys } };
  const releasing = (settings.releaseKeys ?? []).map((spki) => ({
    ...{ keyid: keyIdOf(spki), spki, class: signer.keyClass },
    use: ['release' as const],
  }));
  return { ...own, keys: [...own.keys, ...releasing], proof, humanSignature, ...witnesses };
}

export const releasesOf = (world: AwsWorld): Promise<Trust> =>
  trustOf(world, { name: 'policy-releases', class: world.signer.keyClass });

/** Empty before the start: then no gate can tell. */
export async function gatesOf(world: AwsWorld): Promise<Map<string, Trust>> {
  const active = await world.index.get(keys.activation);
  if (active === undefined) return new Map();
  const pack = await world.packs.load(ActivationRow.parse(active.body).pack);
  const environments = new Map([...pack.lines.values()].flatMap((line) => line.environments).map((one) => [one.name, one]));
  const gates = new Map<string, Trust>();
  for (const one of environments.values()) gates.set(one.name, await trustOf(world, one));
  return gates;
}
