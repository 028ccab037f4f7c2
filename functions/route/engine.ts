import type { LoadedPolicy } from '@open-policy-agent/opa-wasm';
import * as sdk from '@open-policy-agent/opa-wasm';
import type { RoutingInput } from './input.ts';

// Version 1.10.0 types `loadPolicySync` as a named export, and exports it only inside its default.
const { loadPolicySync } = (sdk as unknown as { default: typeof sdk }).default;

export const ENTRYPOINT = 'promotion/router/decision';

/**
 * 4 MB to start with, 512 MB at most. The SDK's default of 320 KB does not link larger policies, and without a maximum a
 * runaway rule would take the whole process with it.
 */
const MEMORY = { initial: 64, maximum: 8192 };

export type Engine = {
  /** The raw answer of the module, unchecked. Throws an Error whatever the module threw. */
  readonly evaluate: (input: RoutingInput) => unknown;
};

/**
 * Nothing can interrupt Wasm that runs in this thread, so the work is bounded before it starts: by the size of the input, by
 * Rego (no recursion), by the allowed built-ins (none makes a list out of a number), and by the memory above. An input of two
 * thousand features against two baselines has 1 MB.
 */
export const MAX_INPUT_BYTES = 8 * 1024 * 1024;

/** Throws when the module is not exactly ours: other entrypoints, or built-ins that run in the host. */
export function createEngine(wasm: Uint8Array, data: object): Engine {
  // Copied, so that nobody who holds the bytes can change what a second instance would be made of.
  const module = new Uint8Array(wasm);
  let instance: LoadedPolicy | undefined = instantiate(module, data);
  const once = (input: ArrayBuffer): unknown => {
    instance ??= instantiate(module, data);
    try {
      return instance.evaluate(input, ENTRYPOINT);
    } catch (thrown) {
      // An instance that threw may be poisoned (memory at its maximum stays there): never use it again.
      instance = undefined;
      throw asError(thrown);
    }
  };
  return {
    evaluate: (value) => {
      const input = bytesOf(value);
      try {
        return once(input);
      } catch {
        // Once more on a fresh instance: the fault may have been the old one's. A second fault is the caller's to see.
        return once(input);
      }
    },
  };
}

/** The SDK takes falsy values as "no input" and typed arrays as objects; text made here has neither trap. */
function bytesOf(value: RoutingInput): ArrayBuffer {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  if (bytes.byteLength <= MAX_INPUT_BYTES) return bytes.buffer.slice(0, bytes.byteLength);
  throw new Error(`an input of ${bytes.byteLength} bytes; at most ${MAX_INPUT_BYTES} are judged`);
}

function instantiate(module: Uint8Array<ArrayBuffer>, data: object): LoadedPolicy {
  let loaded: LoadedPolicy;
  try {
    loaded = loadPolicySync(module, { ...MEMORY });
  } catch (thrown) {
    // The SDK's own words for a module whose major version it does not know.
    if (String(thrown).startsWith('unsupported ABI version')) throw new OldAbiError(String(thrown));
    throw asError(thrown);
  }
  checkAbi(loaded);
  const entrypoints = Object.keys(loaded.entrypoints);
  if (entrypoints.length !== 1 || entrypoints[0] !== ENTRYPOINT) {
    throw new Error(`the module answers ${entrypoints.join(', ')}, expected only ${ENTRYPOINT}`);
  }
  const builtins = builtinsOf(loaded);
  if (builtins.length > 0) throw new Error(`the module calls the host: ${builtins.join(', ')}`);
  loaded.setData(data);
  return loaded;
}

/**
 * What OPA 1.x builds and the tests ran on. The SDK also takes older minors, by another evaluation path that nobody tested:
 * an old module is refused, not tried.
 */
const ABI = { version: 1, minor: 3 };

export class OldAbiError extends Error {}

function checkAbi(loaded: LoadedPolicy): void {
  const { exports } = loaded.wasmInstance;
  const numberOf = (name: string): unknown => (exports[name] as { readonly value: unknown } | undefined)?.value;
  const [version, minor] = [numberOf('opa_wasm_abi_version'), numberOf('opa_wasm_abi_minor_version')];
  if (version === ABI.version && typeof minor === 'number' && minor >= ABI.minor) return;
  throw new OldAbiError(`Wasm ABI ${version ?? 'none'}.${minor ?? 'none'}, at least ${ABI.version}.${ABI.minor} is needed`);
}

type Exports = { readonly builtins: () => number; readonly opa_json_dump: (address: number) => number };

/** Names of the built-ins that the module leaves to the host. The SDK reads them and keeps them to itself. */
function builtinsOf(loaded: LoadedPolicy): string[] {
  const { exports } = loaded.wasmInstance as unknown as { exports: Exports };
  const start = exports.opa_json_dump(exports.builtins());
  const bytes = new Uint8Array(loaded.mem.buffer);
  const text = new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start)));
  return Object.keys(JSON.parse(text) as Record<string, number>);
}

/** The SDK throws plain texts and plain objects; unhandled, Node would print `#<Object>`. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : JSON.stringify(thrown));
}
