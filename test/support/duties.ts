// The committed pack with other duties on its paths, put into force as it should be.
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import type { Path } from '../../functions/domain/routing.ts';
import { activated, type Desk, handIn, value } from './activation.ts';
import { packFiles } from './pack.ts';
import { repacked, signed } from './release.ts';
import { identified } from './world.ts';

export const ON_CALL = { role: 'on-call', from: 'ml-platform' };
export const ENGINEER = identified('person', 'person-engineer', ['on-call@ml-platform']);

type Duties = Partial<Record<Path, object>>;

export async function withDuties(desk: Desk, duties: Duties): Promise<void> {
  const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as { paths: Record<Path, object> };
  for (const path of Object.keys(duties) as Path[]) data.paths[path] = { ...data.paths[path], ...duties[path] };
  const files = await signed(repacked('data.json', canonicalBytes(data)), desk.signer);
  await activated(desk, value(await handIn(desk, files)));
}
