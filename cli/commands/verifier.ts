import { PAGE } from '../../functions/domain/pack/check.ts';
import { EXIT, type Exit } from '../output.ts';
import { toolFiles } from '../pack/tools.ts';

/** The very page that `export` puts into a pack. */
export async function verifier(): Promise<Exit> {
  process.stdout.write((await toolFiles()).get(PAGE) ?? '');
  return EXIT.yes;
}
