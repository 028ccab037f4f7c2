// From the evidence of one event to a pack: what is derived from it, the tools, the index, and the zip around all of it.
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256Stream } from '../../functions/domain/crypto.ts';
import { type Digest, digestFromHex, type EventHash } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { derivedFiles, EVENT_NAME, envelopeIn } from '../../functions/domain/pack/derived.ts';
import { INDEX, listingText } from '../../functions/domain/pack/listing.ts';
import { crc32, directoryOf, isMemberName, localHeader, type Member } from '../../functions/domain/pack/zip.ts';
import { plainFileIn } from '../plain-file.ts';
import { UsageError } from '../usage-error.ts';
import { toolFiles } from './tools.ts';

/** One file of a pack that is being made. */
export async function putFile(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  if (!isMemberName(name)) throw new UsageError(`not a name of a pack: ${name}`);
  const path = join(folder, ...name.split('/'));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** The files that say again what the envelope says; of an envelope that does not open, the name alone. */
export async function putDerived(folder: string, event: EventHash): Promise<string[]> {
  const read = async (key: string) => {
    const found = await plainFileIn(folder, key);
    return typeof found === 'object' ? new Uint8Array(await readFile(found.path)) : undefined;
  };
  const opened = openEnvelope((await envelopeIn(read, event)) ?? new Uint8Array());
  // What does not open, or is another event, is left to `verify`, which says what is wrong with it.
  const files =
    opened.ok && opened.value.hash === event
      ? await derivedFiles(opened.value, read)
      : new Map([[EVENT_NAME, Buffer.from(`${event}\n`)]]);
  for (const [name, bytes] of files) await putFile(folder, name, bytes);
  return [...files.keys()];
}

/** Completes a folder of evidence whose files are `names`; answers all names, sorted. */
export async function completePack(folder: string, event: EventHash, names: readonly string[]): Promise<string[]> {
  const all = [...names, ...(await putDerived(folder, event))];
  for (const [name, bytes] of await toolFiles()) {
    await putFile(folder, name, bytes);
    all.push(name);
  }
  const digests = new Map<string, Digest>();
  for (const name of all) digests.set(name, await hashOf(join(folder, name)));
  await putFile(folder, INDEX, Buffer.from(listingText(digests)));
  return [...all, INDEX].sort();
}

async function hashOf(path: string): Promise<Digest> {
  const hash = sha256Stream();
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return digestFromHex(hash.hex());
}

/** The zip of these files of a folder; memory: the largest of them. Written anew, never over another file's end. */
export async function writeZip(folder: string, names: readonly string[], out: string): Promise<void> {
  const file = await open(out, 'w');
  try {
    const members: Member[] = [];
    for (const name of [...names].sort()) {
      const bytes = await readFile(join(folder, name));
      const member = { name, size: bytes.byteLength, crc: crc32(bytes) };
      await file.write(localHeader(member));
      await file.write(bytes);
      members.push(member);
    }
    const directory = directoryOf(members);
    if (directory === undefined) throw new UsageError('more than a zip holds (4 GB, 65 535 files): export to a folder instead');
    await file.write(directory);
  } finally {
    await file.close();
  }
}
