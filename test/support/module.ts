// Small policies of a test's own, compiled as ours is: to see what the engine makes of a policy that no house rule has seen.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled } from '../../policies/sources.ts';
import { opa, POLICIES } from '../../policies/tools/run.ts';

export type Calls = 'allowed' | 'any';

async function inFolder<T>(body: string, calls: Calls, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-module-'));
  try {
    mkdirSync(join(folder, 'promotion/router'), { recursive: true });
    writeFileSync(join(folder, 'promotion/router/router.rego'), `package promotion.router\n\n${body}\n`);
    if (calls === 'allowed') copyFileSync(join(POLICIES, 'capabilities.json'), join(folder, 'capabilities.json'));
    else writeFileSync(join(folder, 'capabilities.json'), await opa(['capabilities', '--current']));
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The Wasm module of a router with this body. `any`: as if nobody had kept to capabilities.json. */
export const moduleOf = (body: string, calls: Calls = 'allowed'): Promise<Uint8Array> => inFolder(body, calls, compiled);

/** Why the compiler refuses this body, as one text. */
export const refusalOf = (body: string): Promise<string> =>
  inFolder(body, 'allowed', (folder) =>
    compiled(folder).then(
      () => 'it compiled',
      (error: unknown) => String(error),
    ),
  );

/** A whole number of a Wasm file (LEB128), and where the next byte is. */
function number(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

/** The module with another ABI version written into its exported constant. */
export function withAbi(
  wasm: Uint8Array,
  name: 'opa_wasm_abi_version' | 'opa_wasm_abi_minor_version',
  version: number,
): Uint8Array {
  const changed = new Uint8Array(wasm);
  const starts: number[] = [];
  let wanted = -1;
  for (let at = 8; at < wasm.length; ) {
    const id = wasm[at];
    const [size, body] = number(wasm, at + 1);
    if (id === 6) {
      let [count, next] = number(wasm, body);
      for (; count > 0; count--) {
        starts.push(next + 3); // type, mutability, i32.const; then the value
        next = number(wasm, next + 3)[1] + 1;
      }
    }
    if (id === 7) {
      let [count, next] = number(wasm, body);
      for (; count > 0; count--) {
        const [length, text] = number(wasm, next);
        const kind = wasm[text + length];
        const [index, after] = number(wasm, text + length + 1);
        if (kind === 3 && new TextDecoder().decode(wasm.subarray(text, text + length)) === name) wanted = index;
        next = after;
      }
    }
    at = body + size;
  }
  const start = starts[wanted];
  if (start === undefined || version > 63) throw new Error(`no constant ${name} to change`);
  changed[start] = version;
  return changed;
}
