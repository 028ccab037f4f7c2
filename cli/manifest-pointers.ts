// What is wrong with a request that was built from a manifest, told by its place in the manifest: that is the file somebody wrote.
import type { Problem } from '../functions/domain/result.ts';
import { pointerOf } from '../functions/domain/result.ts';
import type { Manifest } from './manifest.ts';

type Stated = Pick<Manifest, 'terms' | 'features'>;

/** `files`: the files of the model, in the order of the request. Keys that both have keep their pointer. */
function inManifest(pointer: string, { terms, features }: Stated, files: readonly { readonly path: string }[]): string {
  const [, first = '', second, third, fourth] = pointer.split('/');
  const file = first === 'model' && second === 'files' && third !== undefined ? files[Number(third)] : undefined;
  if (file !== undefined) return pointerOf(['model', 'roles', file.path]);
  if (first === 'model' && ['root', 'manifest', 'weights', 'files'].includes(second ?? '')) return '/model/folder';
  if (first === 'challenger' && second === 'evaluationSlice') return '/evaluationRegime/slice';
  if (first === 'challenger' && second === 'against' && third !== undefined && third !== 'kind')
    return `/challenger/against/baseline/${third}`;
  if (first === 'dataset' && (third === 'digest' || third === 'rows')) return `/dataset/${second}`;
  if (first === 'explanation' && third === 'artefacts' && fourth !== undefined) return pointer.replace(/\/digest$/, '/file');
  if (first === 'features' && typeof features === 'string') return '/features';
  if (first === 'terms' && terms === 'carry') return '/terms';
  if (first === 'profiles') return '/population';
  return first === 'comparedWith' || first === 'schema' ? '' : pointer;
}

/** A place named in the request is said too, where the manifest only names the file it is in. */
export function toldInManifest(
  problems: readonly Problem[],
  stated: Stated,
  files: readonly { readonly path: string }[],
): Problem[] {
  return problems.map((one) => {
    const pointer = inManifest(one.pointer, stated, files);
    const lost = pointer === '/features' || pointer === '';
    return { ...one, pointer, detail: lost && one.pointer !== '' ? `${one.pointer}: ${one.detail}` : one.detail };
  });
}

/** Of what is wrong with the built request, what is not a consequence of a mistake that is named already. */
export function besides(named: readonly Problem[], more: readonly Problem[]): Problem[] {
  const places = named.map(({ pointer }) => pointer.split('/').slice(0, 3).join('/'));
  return more.filter(({ pointer }) => !places.some((place) => pointer === place || pointer.startsWith(`${place}/`)));
}
