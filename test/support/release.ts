// Releases made from the committed pack: signed as they should be, or changed the way somebody would who can write files.
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { type Digest, digestOf } from '../../functions/domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../../functions/domain/event/envelope.ts';
import { PACK_PAYLOAD_TYPE, RELEASE_SIGNATURE } from '../../functions/domain/release.ts';
import type { Trust } from '../../functions/domain/trust.ts';
import type { Signer } from '../../functions/ports.ts';
import type { PACK_FILES } from '../../functions/route/pack.ts';
import { packFiles } from './pack.ts';

export type Files = Map<string, Uint8Array>;

/** A part replaced, and the manifest written anew: another pack under another name. */
export function repacked(name: (typeof PACK_FILES)[number], bytes: Uint8Array, files: Files = packFiles()): Files {
  const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json'))) as { files: Record<string, string> };
  manifest.files[name] = digestOf(bytes);
  return new Map(files).set(name, bytes).set('manifest.json', canonicalBytes(manifest));
}

type PackData = { paths: { committee: { expires_after_days: number } } };

/** A pack that differs in one number: how long a committee has. */
export function packWithExpiry(days: number): Files {
  const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as PackData;
  data.paths.committee.expires_after_days = days;
  return repacked('data.json', canonicalBytes(data));
}

export const nameOf = (files: Files): Digest => digestOf(files.get('manifest.json') ?? '');

export async function signed(files: Files, signer: Signer, type: string = PACK_PAYLOAD_TYPE): Promise<Files> {
  const manifest = files.get('manifest.json') ?? new Uint8Array();
  const signature = await signer.sign(preAuthEncoding(manifest, type));
  return new Map(files).set(RELEASE_SIGNATURE, envelopeBytes(manifest, signer.keyid, signature, type));
}

/** Trust in the releases of one key. */
export const releaseTrust = ({ keyid, spki }: Signer): Trust => ({
  environment: 'policy-releases',
  class: 'dev',
  keys: [{ keyid, spki, class: 'dev' }],
  issuers: [],
  proof: 'index',
  humanSignature: 'optional',
});

/** The module with the version of its interface rewritten: `i32.const 1` and `i32.const 3` in the globals section. */
export function withAbi(wasm: Uint8Array, version: number, minor: number): Uint8Array {
  const bytes = wasm.slice();
  const globals = globalsOf(bytes);
  for (const [name, value] of [
    ['opa_wasm_abi_version', version],
    ['opa_wasm_abi_minor_version', minor],
  ] as const) {
    const at = globals.get(name);
    if (at === undefined) throw new Error(`the module exports no ${name}`);
    bytes[at] = value;
  }
  return bytes;
}

const IMPORT = 2;
const GLOBAL = 6;
const EXPORT = 7;

/** Where the constant of each exported global stands (WebAssembly core specification 5.5). */
function globalsOf(bytes: Uint8Array): Map<string, number> {
  let at = 8;
  const byte = () => bytes[at++] ?? 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
  };
  const text = () => {
    const length = number();
    at += length;
    return new TextDecoder().decode(bytes.subarray(at - length, at));
  };
  const constants: number[] = [];
  const named = new Map<string, number>();
  while (at < bytes.length) {
    const [section, end] = [byte(), number() + at];
    if (section === IMPORT && new TextDecoder().decode(bytes.subarray(at, end)).includes('global'))
      throw new Error('imported globals');
    for (let left = section === GLOBAL || section === EXPORT ? number() : 0; left > 0; left--) {
      if (section === GLOBAL) {
        at += 3; // type, mutability, i32.const
        constants.push(at);
        number();
        at++; // end
      } else {
        const [name, kind, index] = [text(), byte(), number()];
        const constant = constants[index];
        if (kind === 3 && constant !== undefined) named.set(name, constant);
      }
    }
    at = end;
  }
  return named;
}
