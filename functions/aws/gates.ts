// What the gates of this deployment believe: its own keys, its own log and its issuer, and what its operator said in the settings.
// A deploy pipeline that does not want to believe this asks `countersign gate` with a trust file of its own.

import { ActivationRow, keys } from '../domain/rows.ts';
import type { Trust } from '../domain/trust.ts';
import { ownTrust } from '../keys/own.ts';
import type { AwsWorld } from './world.ts';

/** Empty before the start: then no gate can tell. */
export async function gatesOf(world: AwsWorld): Promise<Map<string, Trust>> {
  const active = await world.index.get(keys.activation);
  if (active === undefined) return new Map();
  const pack = await world.packs.load(ActivationRow.parse(active.body).pack);
  const environments = new Map([...pack.lines.values()].flatMap((line) => line.environments).map((one) => [one.name, one]));
  const gates = new Map<string, Trust>();
  for (const one of environments.values()) {
    const own = await ownTrust(world, world.settings.issuer.url, one);
    const said = world.settings.gates?.[one.name] ?? {};
    const { proof = own.proof, humanSignature = own.humanSignature, requiredWitnesses: required = 1 } = said;
    const vkeys = (world.settings.witnesses ?? []).map(({ vkey }) => vkey);
    const witnesses = vkeys.length === 0 ? {} : { witnesses: { required, vkeys } };
    gates.set(one.name, { ...own, proof, humanSignature, ...witnesses });
  }
  return gates;
}
