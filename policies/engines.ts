// One routing, two engines: the Wasm module that decides, and OPA's own interpreter over the same sources and data.
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { decisionOf } from '../functions/route/decision.ts';
import type { Engine } from '../functions/route/engine.ts';
import type { RoutingInput } from '../functions/route/input.ts';
import { opa, POLICIES } from './tools/run.ts';

const QUERY = '{i: d | some i, one in input; d := data.promotion.router.decision with input as one}';

/** The decision of each input, undefined where there is none. One process for all of them. */
export async function interpret(
  inputs: readonly RoutingInput[],
  folder = POLICIES,
  data = 'dist/data.json',
): Promise<unknown[]> {
  const args = ['eval', '-f', 'raw', '-I', '-d', 'promotion', '-d', data, '--ignore', '*_test.rego', QUERY];
  const answers = JSON.parse(await opa(args, { cwd: folder, stdin: JSON.stringify(inputs) })) as Record<string, unknown>;
  return inputs.map((_, i) => answers[i]);
}

export type Difference = { readonly i: number; readonly wasm: string; readonly interpreter: string };

/** Ordered and checked as the adapter does it, then RFC 8785. An answer that does not pass the check is shown raw. */
function canonical(answer: unknown, input: RoutingInput): string {
  const decision = decisionOf(answer, input);
  return decision
    ? new TextDecoder().decode(canonicalBytes(decision))
    : `no decision: ${JSON.stringify(answer)?.slice(0, 2000)}`;
}

/** Every input on which the engines do not give the same bytes, or on which either gives no valid decision. */
export async function differences(
  inputs: readonly RoutingInput[],
  engine: Engine,
  tell: (path: string) => void = () => {},
): Promise<Difference[]> {
  const interpreted = await interpret(inputs);
  return inputs.flatMap((input, i) => {
    const wasm = canonical(wasmAnswer(engine, input), input);
    const interpreter = canonical(interpreted[i] === undefined ? [] : [{ result: interpreted[i] }], input);
    tell(/"path":"(\w+)","schema"/.exec(wasm)?.[1] ?? 'without decision');
    return wasm === interpreter && !wasm.startsWith('no decision') ? [] : [{ i, wasm, interpreter }];
  });
}

function wasmAnswer(engine: Engine, input: RoutingInput): unknown {
  try {
    return engine.evaluate(input);
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}
