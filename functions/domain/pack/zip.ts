// A zip that has one way to be written: members stored as they are, sorted, dated 1980, no extra fields, nothing between or after
// them. Who reads it makes each byte of the container again and compares. So there is nothing to unpack to more than it weighs, no
// name twice, no path out of the folder, and no byte that nobody looks at (docs/decisions/0027).
// Layout: PKWARE APPNOTE.TXT 6.3.3, §4.3.7, §4.3.12, §4.3.16.
import { fail, ok, problem, type Result } from '../result.ts';

/** Known words and hex: no leading slash or dot, no `..`, no backslash, nothing that two systems read differently. */
const NAME = /^(?=.{1,200}$)[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

export const isMemberName = (name: string): boolean => NAME.test(name);

/** Without the 64-bit extension, which not every reader has. */
const MAX_BYTES = 0xffff_ffff;
const MAX_MEMBERS = 0xffff;

export type Member = { readonly name: string; readonly size: number; readonly crc: number };
type Placed = Member & { readonly at: number };

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
/** 1 January 1980, midnight: the first date that a zip can say. */
const DATE = 0x0021;
const VERSION = 20;
const UNIX = 3 << 8;
const PLAIN_FILE = 0o100644;

/** Fields of two or four bytes, little endian. */
function fields(...parts: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(parts.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of parts) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** flags, method "stored", time, date, crc, size twice, length of the name, no extra field: the same in both headers. */
const common = ({ name, size, crc }: Member) =>
  [
    [2, VERSION],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, size],
    [4, size],
    [2, name.length],
    [2, 0],
  ] as const;

export const localHeader = (member: Member): Uint8Array => joined(fields([4, LOCAL], ...common(member)), ascii(member.name));

const centralHeader = (member: Placed): Uint8Array =>
  joined(
    fields(
      ...([
        [4, CENTRAL],
        [2, UNIX | VERSION],
      ] as const),
      ...common(member),
      ...([
        [2, 0],
        [2, 0],
        [2, 0],
        [4, PLAIN_FILE * 0x10000],
        [4, member.at],
      ] as const),
    ),
    ascii(member.name),
  );

const endRecord = (count: number, size: number, at: number): Uint8Array =>
  fields([4, END], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, at], [2, 0]);

/** What follows the last member: the directory and its end. Undefined when they are more than a zip can hold. */
export function directoryOf(members: readonly Member[]): Uint8Array | undefined {
  let at = 0;
  const headers: Uint8Array[] = [];
  for (const member of members) {
    headers.push(centralHeader({ ...member, at }));
    at += localHeader(member).byteLength + member.size;
  }
  const directory = joined(...headers);
  if (at + directory.byteLength > MAX_BYTES || members.length > MAX_MEMBERS) return undefined;
  return joined(directory, endRecord(members.length, directory.byteLength, at));
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CRC[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Random access to the bytes of a file that is never held whole. */
export type Source = { readonly size: number; readonly slice: (from: number, to: number) => Promise<Uint8Array> };

export type OpenedZip = {
  readonly names: readonly string[];
  readonly sizeOf: (name: string) => number | undefined;
  readonly get: (name: string) => Promise<Uint8Array | undefined>;
};

const wrong = (detail: string) => fail(problem('PACK_INVALID', '', detail));

/** Reads the directory and holds every byte of the container against the one way to write it; memory: the largest member. */
export async function openZip(source: Source): Promise<Result<OpenedZip>> {
  const placed = await readDirectory(source);
  if (!placed.ok) return placed;
  const members: Member[] = [];
  const dataAt = new Map<string, Placed>();
  let at = 0;
  for (const claimed of placed.value) {
    const head = localHeader(claimed).byteLength;
    if (claimed.at !== at || at + head + claimed.size > source.size)
      return wrong(`${claimed.name} does not stand where it would have been written`);
    const bytes = await source.slice(at + head, at + head + claimed.size);
    const member = { ...claimed, crc: crc32(bytes) };
    if (!same(await source.slice(at, at + head), localHeader(member)) || member.crc !== claimed.crc)
      return wrong(`${claimed.name}: its header or its bytes were changed`);
    members.push(member);
    dataAt.set(claimed.name, { ...member, at: at + head });
    at += head + claimed.size;
  }
  const directory = directoryOf(members);
  if (directory === undefined || !same(await source.slice(at, source.size), directory))
    return wrong('the directory of the zip is not the one that its members make');
  return ok({
    names: members.map(({ name }) => name),
    sizeOf: (name) => dataAt.get(name)?.size,
    get: async (name) => {
      const member = dataAt.get(name);
      return member && source.slice(member.at, member.at + member.size);
    },
  });
}

async function readDirectory({ size, slice }: Source): Promise<Result<Placed[]>> {
  if (size < END_BYTES) return wrong('not a zip');
  const end = view(await slice(size - END_BYTES, size));
  const [count, length, start] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  if (end.getUint32(0, true) !== END || start + length + END_BYTES !== size || length > MAX_MEMBERS * 300)
    return wrong('not a zip as `countersign export` writes it: it does not end with the directory');
  const bytes = view(await slice(start, start + length));
  const placed: Placed[] = [];
  let at = 0;
  while (at + 46 <= length && placed.length < count) {
    const named = bytes.getUint16(at + 28, true);
    if (bytes.getUint32(at, true) !== CENTRAL || at + 46 + named > length) return wrong('its directory does not read');
    const name = new TextDecoder().decode(new Uint8Array(bytes.buffer, bytes.byteOffset + at + 46, named));
    const before = placed.at(-1)?.name;
    if (!isMemberName(name)) return wrong(`${JSON.stringify(name)} is no name of a member`);
    if (before !== undefined && before >= name) return wrong(`${name} stands twice, or not in order`);
    if (bytes.getUint16(at + 10, true) !== 0) return wrong(`${name} is compressed; members are stored as they are`);
    const [crc, bytesOf, offset] = [16, 24, 42].map((field) => bytes.getUint32(at + field, true));
    placed.push({ name, crc: crc ?? 0, size: bytesOf ?? 0, at: offset ?? 0 });
    at += 46 + named;
  }
  return placed.length === count ? ok(placed) : wrong('its directory does not read');
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const same = (a: Uint8Array, b: Uint8Array): boolean => a.byteLength === b.byteLength && a.every((byte, at) => byte === b[at]);
