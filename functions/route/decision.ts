import { DIMENSIONS } from '../domain/diff.ts';
import { Decision, heaviest } from '../domain/routing.ts';
import type { RoutingInput } from './input.ts';

/** The module's raw answer as a checked, ordered Decision; undefined when anything about it is odd. */
export function decisionOf(answer: unknown, input: RoutingInput): Decision | undefined {
  if (!Array.isArray(answer) || answer.length !== 1) return undefined; // [] is "undefined", two is a contradiction
  const only: unknown = answer[0];
  if (typeof only !== 'object' || only === null || !('result' in only)) return undefined;
  const parsed = Decision.safeParse(only.result);
  if (!parsed.success) return undefined;
  const decision = ordered(parsed.data);
  return isSound(decision, input) ? decision : undefined;
}

/** What no correct pack can get wrong. The pack is trusted to judge, not to add up. */
function isSound(decision: Decision, input: RoutingInput): boolean {
  if (decision.path !== heaviest(decision.findings.map((finding) => finding.minPath))) return false;
  const cleared = new Set(decision.cleared.map((entry) => entry.dimension));
  if (cleared.size !== decision.cleared.length) return false;
  // Whatever was compared must be cleared: a pack that does not know one of the dimensions proves nothing about it.
  const compared = DIMENSIONS.filter((name) => input[name] !== undefined);
  if (decision.path === 'automated' && cleared.size !== compared.length) return false;
  if (decision.path !== 'automated' && decision.groups.length === 0 && decision.holds.length === 0) return false;
  const pointers = [...decision.findings, ...decision.holds, ...decision.cleared.flatMap((entry) => entry.headroom)].map(
    (entry) => entry.pointer,
  );
  return pointers.every((pointer) => resolves(input, pointer));
}

/** Every reason shows its figure: the pointer leads somewhere in the sealed input. */
function resolves(root: unknown, pointer: string): boolean {
  let here: unknown = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return false;
    here = (here as Record<string, unknown>)[key];
  }
  return true;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Two findings may share code and pointer (a missing gate of each kind), so the rest of them decides the order then. */
const byCode = (a: { code: string; pointer: string }, b: { code: string; pointer: string }): number =>
  compare(a.code, b.code) || compare(a.pointer, b.pointer) || compare(JSON.stringify(a), JSON.stringify(b));

/** Sets leave the module in hash order (opa issue 3325), so everything that was a set is ordered here. */
function ordered(decision: Decision): Decision {
  const place = (name: (typeof DIMENSIONS)[number]) => DIMENSIONS.indexOf(name);
  return {
    ...decision,
    findings: decision.findings.toSorted(byCode),
    cleared: decision.cleared
      .toSorted((a, b) => place(a.dimension) - place(b.dimension))
      .map((entry) => ({ ...entry, headroom: entry.headroom.toSorted(byCode) })),
    notJudged: decision.notJudged.toSorted((a, b) => compare(a.what, b.what) || a.n - b.n || a.minimum - b.minimum),
    holds: decision.holds.toSorted(byCode),
    obligations: decision.obligations.toSorted((a, b) => compare(a.code, b.code)),
    ...(decision.sla ? { sla: { ...decision.sla, escalateTo: decision.sla.escalateTo.toSorted(compare) } } : {}),
  };
}
