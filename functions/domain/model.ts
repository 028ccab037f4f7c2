import { z } from 'zod';
import { Digest } from './digest.ts';
import { Instant, Label } from './text.ts';

/** Where bytes lie that are too large to copy: an immutable id in a named system, never a link alone. */
export const Locator = z.strictObject({
  system: Label,
  uri: z.string().min(1).max(2000),
  immutableId: z.string().min(1).max(500),
  expiresAt: z.union([Instant, z.literal('never')]),
});
export type Locator = z.infer<typeof Locator>;

/** `vault`: the bytes are uploaded and kept by us. Anything else is shown on the screen with the day it may vanish. */
const Custody = z.union([z.literal('vault'), Locator]);

/** A path inside the model folder: relative, forward slashes, no step upwards. */
export const FilePath = z
  .string()
  .min(1)
  .max(500)
  .regex(/^(?!\/)(?!.*(^|\/)\.{1,2}(\/|$))(?!.*\/\/)[^\\\0]+$/, 'expected a relative path without . or ..');

const ModelFile = z.strictObject({
  path: FilePath,
  role: z.enum(['weights', 'config', 'preprocessor', 'executable', 'other']),
  size: z.int().nonnegative(),
  digest: Digest,
  custody: Custody,
});
export type ModelFile = z.infer<typeof ModelFile>;

/**
 * One frozen model version (R4, R4a, R4b). `root`: OpenSSF Model Signing root over all files; it covers digests, not names,
 * so `manifest` (digest of the manifest file that lists names) is bound beside it. `weights`: the same root over the files of
 * role weights, for "same weights, other config".
 */
export const Model = z.strictObject({
  name: Label,
  version: Label,
  root: Digest,
  manifest: Digest,
  weights: Digest,
  files: z.array(ModelFile).min(1).max(10_000),
  class: Label,
  family: Label,
  loss: Label,
  hyperparameters: z.record(Label, z.string().max(500)),
  calibration: Label,
  library: Label,
});
export type Model = z.infer<typeof Model>;

/** Controls, format and bidi marks, private use, half pairs, line and paragraph separators: not one of them is seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

const codePoint = (text: string): string => `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Upper and then lower: that folds what has two letters in capitals (ß, SS) and the second small sigma as well. */
const folded = (path: string): string => path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');

/**
 * Paths that a person or another file system could take for another path, by their place in the list (R4a). Asked when a model
 * is announced and not part of the schema: what was sealed before stays readable.
 */
export function deceptivePaths(paths: readonly string[]): { at: number; detail: string }[] {
  const first = new Map<string, string>();
  return paths.flatMap((path, at) => {
    const shown = JSON.stringify(path.replace(UNSEEN, (character) => `<${codePoint(character)}>`));
    const unseen = [...new Set(path.match(UNSEEN))].map(codePoint);
    const twin = first.get(folded(path));
    if (twin === undefined) first.set(folded(path), path);
    const wrong = (detail: string) => [{ at, detail: `${shown} ${detail}` }];
    if (unseen.length > 0) return wrong(`holds ${unseen.join(', ')}, which nobody sees: rename the file`);
    if (path !== path.normalize('NFC'))
      return wrong('is not in Unicode normal form C: rename the file, letters as one character');
    // Word for word the same path is refused as a contradiction, and sealed.
    if (twin === undefined || twin === path) return [];
    return wrong(`and ${JSON.stringify(twin)} are one file where capitals do not count: rename one of them`);
  });
}
