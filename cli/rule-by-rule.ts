// What each rule of a pack made of one input: fired, clear with how much room, or not proven. Pure; the words are elsewhere.
import { heaviest, type Routing } from '../functions/domain/routing.ts';
import { effectiveFigures } from '../functions/route/rule-figures.ts';
import type { Rule, RuleFigure } from '../functions/route/rulebook.ts';

type Figure = number | string | null;

/** Where a limit comes from: the layer of the data that set it, its file and the pointer into that. */
type Source = { readonly layer: string; readonly file: string | null; readonly pointer: string };

export type Measured = {
  readonly pointer: string;
  readonly observed: Figure;
  readonly limit: Figure;
  readonly unit: string;
  readonly headroom: number | null;
  readonly from: Source | null;
};

/**
 * `silent`: it did not fire, and its dimension is not cleared because another rule of it did, so no room was proven.
 * `unproven`: something its dimension needs is missing or doubtful.
 */
export type Verdict = 'fired' | 'clear' | 'silent' | 'unproven';

/** `asks`: the path that it asks for here, which data may have raised or a waiver lowered. */
export type Explained = {
  readonly rule: Rule;
  readonly verdict: Verdict;
  readonly asks: Rule['min_path'];
  readonly measured: readonly Measured[];
};

/** A line is registered for itself; what no lower layer says holds for the whole organisation. */
const layerOf = ({ file, layer }: RuleFigure): string => layer ?? (file.endsWith('/lines.json') ? 'line' : 'organisation');

export function ruleByRule(
  routing: Routing,
  { rules, data }: { readonly rules: readonly Rule[]; readonly data: object },
): Explained[] {
  const cleared = new Map(routing.cleared.map((entry) => [entry.dimension as string, entry.headroom]));
  const unproven = new Set(routing.findings.filter(({ code }) => code === 'POL-002').map(({ dimension }) => dimension));
  return rules.map((rule) => {
    const dimension = rule.dimension ?? 'engine';
    const sources = candidates(rule, routing.input, data);
    const measured = (one: { pointer: string; observed: Figure; limit: Figure; unit: string }): Measured => ({
      pointer: one.pointer,
      observed: one.observed,
      limit: one.limit,
      unit: one.unit,
      headroom: typeof one.observed === 'number' && typeof one.limit === 'number' ? one.limit - one.observed : null,
      from: sourceOf(one, sources, routing.input),
    });
    const findings = routing.findings.filter(({ code }) => code === rule.code);
    const holds = routing.holds.filter(({ code }) => code === rule.code);
    const duties = routing.obligations.filter(({ code }) => code === rule.code);
    if (findings.length + holds.length + duties.length > 0) {
      const held = holds.map(({ pointer, artefact }) => ({ pointer, observed: `no ${artefact}`, limit: null, unit: 'text' }));
      const asks = findings.length > 0 ? heaviest(findings.map(({ minPath }) => minPath)) : rule.min_path;
      return { rule, verdict: 'fired', asks, measured: [...findings, ...held].map(measured) };
    }
    const headroom = cleared.get(dimension);
    if (dimension === 'engine') return { rule, verdict: 'clear', asks: rule.min_path, measured: [] };
    if (headroom === undefined) {
      const raised = routing.findings.some((one) => one.dimension === dimension && one.code !== 'POL-002');
      return { rule, verdict: unproven.has(dimension) || !raised ? 'unproven' : 'silent', asks: rule.min_path, measured: [] };
    }
    const room = headroom.filter(({ code }) => code === rule.code).map(measured);
    return {
      rule,
      verdict: 'clear',
      asks: rule.min_path,
      measured: room.sort((a, b) => (a.headroom ?? 0) - (b.headroom ?? 0)),
    };
  });
}

/** Every single number that the rule's threshold leads to, as it is in force for the line and the day of this input. */
function candidates(rule: Rule, input: unknown, data: object): RuleFigure[] {
  const { line = '', evaluatedAtDay = 0 } = input as { line?: string; evaluatedAtDay?: number };
  const [first, second, ...rest] = rule.threshold?.split('.') ?? [];
  if (first === undefined) return [];
  const own = first === 'lines' ? line : second;
  return effectiveFigures(own === undefined ? [first] : [first, own, ...rest], data, line, evaluatedAtDay);
}

/** The data's number, or the tighter one that people sealed for this metric at the baseline; null when neither is the limit. */
function sourceOf(
  { pointer, limit }: { readonly pointer: string; readonly limit: Figure },
  figures: readonly RuleFigure[],
  input: unknown,
): Source | null {
  if (limit === null) return null;
  const parent = pointer.slice(0, pointer.lastIndexOf('/'));
  const measured = at(input, parent) as { name?: unknown; limit_ppm?: unknown } | undefined;
  const equal = figures.filter((figure) => figure.value === limit);
  const named = equal.find((figure) => figure.pointer.endsWith(`/${String(measured?.name)}`));
  const figure = named ?? (equal.length === 1 ? equal[0] : undefined);
  if (figure) return { layer: layerOf(figure), file: figure.file, pointer: figure.pointer };
  if (measured?.limit_ppm === limit) return { layer: 'sealed terms', file: null, pointer: `${parent}/limit_ppm` };
  return null;
}

function at(root: unknown, pointer: string): unknown {
  let here = root;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return here;
}
