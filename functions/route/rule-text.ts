// The rule book's words, the same in RULEBOOK.md, on the page and in the terminal.
import type { Rule, RuleExample, RuleFigure } from './rulebook.ts';

const ASKED: Record<Rule['min_path'], string> = {
  automated: 'recorded only, asks for nobody',
  reviewer: 'a reviewer',
  committee: 'the committee',
  hold: 'hold: nobody can approve until it is there',
  obligation: 'obligation: something more to do on the path',
};

/** How to read the book, once. */
export const PREFACE = [
  'Each rule looks at one thing about a candidate model and says who must look at it. The path of a promotion is the heaviest that any rule asks for: automated, then reviewer, then committee. Rules only ever raise it; none can lower what another asked for. A tier or a line may have tighter figures than the organisation; only a waiver, with an owner, a reason and a last day, lowers anything, and says so in every decision that it touches (WVR-001, WVR-002).',
  'Unknown never means unchanged. A dimension is cleared only when every figure it needs was measured and lies inside its limit. What is missing, doubtful or too small to tell goes to the committee (POL-002).',
  '“Recorded” means: written into the sealed event, and nobody is asked. “Hold” means: something needed for a decision is not there, so nobody can approve before it is. “Obligation” means: the path brings a duty with it, such as a written rationale or a second reviewer.',
];

/** 100000 → 0.10: millionths as people write them, exact, with at least two places. */
const millionths = (ppm: number): string => {
  const digits = String(Math.abs(ppm)).padStart(7, '0');
  const places = digits.slice(-6).replace(/0{1,4}$/, '');
  return `${ppm < 0 ? '-' : ''}${digits.slice(0, -6)}.${places}`;
};

const lastOf = (pointer: string): string => pointer.slice(pointer.lastIndexOf('/') + 1);

/** One figure as people read it. What is counted in millionths is named `_ppm`, also above its keys. */
export const valueText = ({ pointer, value }: Pick<RuleFigure, 'pointer' | 'value'>): string =>
  textOf(value, lastOf(pointer).endsWith('_ppm'));

function textOf(value: unknown, ppm: boolean): string {
  if (typeof value === 'number') return ppm ? millionths(value) : String(value);
  if (Array.isArray(value)) return value.map((one) => textOf(one, ppm)).join(', ') || 'none';
  if (typeof value !== 'object' || value === null) return String(value);
  const named = value as Record<string, unknown>;
  if (typeof named['date'] === 'string' && typeof named['name'] === 'string') return `${named['date']} ${named['name']}`;
  return Object.entries(named)
    .map(([key, inner]) => `${key} ${textOf(inner, ppm)}`)
    .join(', ');
}

/** Whose figure it is, when it is not the organisation's. */
export const layerText = ({ layer }: RuleFigure): string => (layer === undefined ? '' : ` for ${layer}`);

/** Who is asked, with what the data raise it to. */
export const askedText = ({ min_path, raised = [] }: Pick<Rule, 'min_path' | 'raised'>): string =>
  [ASKED[min_path], ...raised.map(({ layer, path, file }) => `${ASKED[path]} for ${layer} (policies/${file})`)].join('; ');

export const exampleText = ({ case: name, codes }: RuleExample): string =>
  `“${name}” → ${codes.length === 0 ? 'no rule fires' : codes.join(', ')}`;
