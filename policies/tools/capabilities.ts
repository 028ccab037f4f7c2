// What a policy may call: only what is native in the Wasm module (OPA internal/compiler/wasm/wasm.go, ABI 1.3), minus what
// a decision never needs. No time, network, randomness, regex or text building, so a decision is pure by construction. Nothing
// that makes a list out of a number (numbers.range) or goes down to any depth (walk, graph.*): with Rego's ban on recursion, the
// longest loop is over a list of the input or the data, and both are bounded when they are read.
const NATIVE = [
  ...['abs', 'ceil', 'div', 'floor', 'minus', 'mul', 'plus', 'rem', 'round'],
  ...['assign', 'eq', 'equal', 'gt', 'gte', 'lt', 'lte', 'neq'],
  ...['count', 'max', 'min', 'product', 'sort', 'sum'],
  ...['and', 'intersection', 'or', 'union'],
  ...['array.concat', 'array.reverse', 'array.slice'],
  ...['is_array', 'is_boolean', 'is_null', 'is_number', 'is_object', 'is_set', 'is_string', 'type_name'],
  ...['object.filter', 'object.get', 'object.keys', 'object.remove', 'object.union', 'object.union_n'],
  ...['concat', 'format_int', 'internal.member_2', 'internal.member_3'],
];

type Capabilities = { builtins: { name: string }[]; features?: string[]; [key: string]: unknown };

/** The pinned OPA's own capabilities cut down to the list: re-derived at each bump, and the difference is reviewed. */
export function allowedCapabilities(current: Capabilities): Capabilities {
  const builtins = current.builtins.filter((builtin) => NATIVE.includes(builtin.name));
  const missing = NATIVE.filter((name) => !builtins.some((builtin) => builtin.name === name));
  if (missing.length > 0) throw new Error(`this OPA no longer has ${missing.join(', ')}`);
  return { builtins, features: ['keywords_in_refs', 'rego_v1'], allow_net: [] };
}
