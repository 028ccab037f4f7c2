// A registry of the example's models, whatever keeps it: what a training job would log, and the request that goes with it.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BuiltRequest, buildRequest } from '../../cli/build-request.ts';
import { ManifestFeatures, readYaml } from '../../cli/manifest.ts';
import type { Baselines } from '../../functions/domain/baselines.ts';
import { EXAMPLE, manifestAt } from './promote.ts';

export type Served = { readonly path: string; readonly bytes: Uint8Array };

/** A copy of the example in which a version's model folder can be what a registry serves. */
export async function workbench() {
  const root = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  await cp(EXAMPLE, root, { recursive: true });
  return {
    root,
    /** The example's manifest over the files that the registry serves. */
    build: async (
      scenario: string,
      version: string,
      served: readonly Served[],
      run: string | null,
      baselines: Baselines,
      /** Another name than the example's, where the registry has another. */
      name?: string,
    ): Promise<BuiltRequest> => {
      const manifest = await manifestAt(scenario);
      const folder = `served/${name ?? ''}${version}`;
      for (const { path, bytes } of served) {
        await mkdir(dirname(join(root, folder, path)), { recursive: true });
        await writeFile(join(root, folder, path), bytes);
      }
      const roles = Object.fromEntries(served.map(({ path }) => [path, roleOf(path)]));
      const model = { ...manifest.model, ...(name ? { name } : {}), version, folder, roles };
      const built = await buildRequest(
        root,
        { ...manifest, model, pipelineRun: run === null ? manifest.pipelineRun : { system: 'mlflow', id: run } },
        baselines,
        () => undefined,
      );
      if (!built.ok) throw new Error(JSON.stringify(built.problems));
      return built.value;
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** MLmodel names the run and the time, so its bytes differ each time: no config, and said so in docs/registries.md. */
const roleOf = (path: string) => {
  const name = path.split('/').at(-1);
  if (name === 'weights.json') return 'weights' as const;
  if (name === 'preprocessor.json') return 'preprocessor' as const;
  return name === 'config.json' ? ('config' as const) : ('other' as const);
};

export async function featuresOf(version: string) {
  const read = readYaml(await readFile(join(EXAMPLE, 'versions', version, 'features.yaml'), 'utf8'));
  return ManifestFeatures.parse(read.ok ? read.value : undefined);
}

export const bytesOfBlob = async (
  blob: { kind: 'file'; path: string } | { kind: 'bytes'; bytes: Uint8Array },
): Promise<Uint8Array> => (blob.kind === 'bytes' ? blob.bytes : readFile(blob.path));
