/** Ids and object names of ours: made of hashes, so they say nothing of anybody. */
const OURS = /^(?:req-[a-z2-7]{26}|(?:sha256:)?[0-9a-f]{64}(?:\.dsse)?(?:\.json)?|events|records|blobs|votes|packs)$/;

const LONGEST = 200;

/** What a log may keep of a path: words of our own routes and ids. Anything else was chosen by the caller and could be a name. */
export function pathForLog(path: string, words: ReadonlySet<string>): string {
  const kept = path.split('/', 12).map((part) => (part === '' || words.has(part) || OURS.test(part) ? part : '…'));
  return kept.join('/').slice(0, LONGEST);
}

export const wordsOf = (routes: readonly { readonly path: string }[]): ReadonlySet<string> =>
  new Set(routes.flatMap(({ path }) => path.split('/')).filter((part) => /^[a-z.-]+$/.test(part)));
