import { isBlank, verdictsOf } from '../domain/gate-report.ts';
import { type Problem, problem } from '../domain/result.ts';
import type { Comparison } from './types.ts';

/**
 * A failed gate cannot be approved away (R25), nor can it be hidden: the report is of this gate alone, holds something, and
 * does not itself say the opposite. Beyond that a result is stated, and the report is kept for whoever doubts it.
 */
export function gateContradictions({ request: { gates }, bytes }: Comparison): Problem[] {
  const reports = gates.map(({ report }) => report);
  return gates.flatMap(({ name, result, report }, i): Problem[] => {
    if (result === 'fail') return [problem('GATE_FAILED', `/gates/${i}/result`, `the gate "${name}" failed`)];
    const wrong = (detail: string) => [problem('GATE_REPORT_MISMATCH', `/gates/${i}/report`, `the gate "${name}": ${detail}`)];
    const content = bytes(report);
    if (content === undefined) return wrong('its report is not in the vault');
    if (isBlank(content)) return wrong('its report is empty');
    const first = reports.indexOf(report);
    if (first !== i) return wrong(`its report is that of the gate "${gates[first]?.name}"`);
    return verdictsOf(content).includes('fail') ? wrong(`stated ${result}, its report says otherwise`) : [];
  });
}
