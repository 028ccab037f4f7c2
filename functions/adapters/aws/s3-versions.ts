// Keys with all their versions. A listing of versions costs what a listing of names costs, and shows what a delete marker hides.
import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';

type Version = { readonly versionId: string; readonly size: number; readonly at: Date | undefined };

/** `versions`: the newest first. `markers`: delete markers, which hide and delete nothing. */
export type ObjectVersions = { readonly key: string; readonly versions: readonly Version[]; readonly markers: number };

type Gathering = { readonly key: string; readonly versions: Map<string, Version>; readonly markers: Set<string> };

/** In order of the keys, each once. */
export async function* versionsUnder(client: S3Client, bucket: string, prefix: string): AsyncGenerator<ObjectVersions> {
  // The versions of one key may lie on two pages, and some servers begin a page with what ended the last.
  let last: Gathering | undefined;
  let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...from }));
    const found = new Map<string, Gathering>(last === undefined ? [] : [[last.key, last]]);
    for (const { Key = '', VersionId = '', Size = 0, LastModified } of page.Versions ?? [])
      gathered(found, Key).versions.set(VersionId, { versionId: VersionId, size: Size, at: LastModified });
    for (const { Key = '', VersionId = '' } of page.DeleteMarkers ?? []) gathered(found, Key).markers.add(VersionId);
    const all = [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
    const more = IsTruncated === true && NextKeyMarker !== undefined;
    last = more ? all.pop() : undefined;
    for (const one of all) yield asFound(one);
    if (!more) return;
    from = { KeyMarker: NextKeyMarker, ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }) };
  }
}

/** The first bytes that were ever put under this key. */
export async function oldestVersion(
  client: S3Client,
  { Bucket, Key }: { readonly Bucket: string; readonly Key: string },
): Promise<Version | undefined> {
  for await (const { key, versions } of versionsUnder(client, Bucket, Key)) return key === Key ? versions.at(-1) : undefined;
  return undefined;
}

function gathered(found: Map<string, Gathering>, key: string): Gathering {
  const there = found.get(key) ?? { key, versions: new Map(), markers: new Set() };
  found.set(key, there);
  return there;
}

const asFound = ({ key, versions, markers }: Gathering): ObjectVersions => ({
  key,
  versions: [...versions.values()],
  markers: markers.size,
});
