import type { Routing } from '../../functions/domain/routing.ts';
import type { RoutingInput } from '../../functions/route/input.ts';
import { figureText, paint, table, wrap } from '../output.ts';
import type { Explained, Measured, Verdict } from '../rule-by-rule.ts';

export type TryView = {
  readonly scenario: string;
  readonly input: RoutingInput;
  readonly told: string;
  readonly folder: string;
  readonly routing: Routing;
  readonly explained: readonly Explained[];
};

/** Rule by rule: what fired, how close the rest was, what could not be told; each limit with the place it comes from. */
export function tryText(view: TryView): string {
  const { scenario, input, told, routing, explained } = view;
  const of = (verdict: Verdict) => explained.filter((one) => one.verdict === verdict);
  const clear = of('clear');
  const measured = clear.filter((one) => one.measured.length > 0);
  const day = new Date(input.evaluatedAtDay * 86_400_000).toISOString().slice(0, 10);
  const part = (title: string, text: string) => (text === '' ? [] : ['', paint('bold', title), text]);
  return [
    `${scenario}: ${input.line} into ${input.environment} on ${day}`,
    told,
    '',
    `It takes the ${paint('bold', routing.path)} path.`,
    ...asked(routing),
    ...part(`Fired (${of('fired').length})`, firedTable(view, of('fired'))),
    ...part(`Measured and clear (${measured.length})`, clearTable(view, measured)),
    ...part('Clear, with no distance to tell', codes(clear.filter((one) => one.measured.length === 0))),
    ...part('Did not fire, but another rule of the same dimension did: no headroom is proven', codes(of('silent'))),
    ...part('Not proven: something the dimension needs is missing or doubtful', codes(of('unproven'))),
    ...part('Not judged', notJudged(routing)),
  ].join('\n');
}

function asked({ groups, holds, obligations }: Routing): string[] {
  return [
    ...(groups.length > 0 ? [`Asked: ${groups.map(({ min, role, from }) => `${min} ${role} of ${from}`).join(', ')}.`] : []),
    ...holds.map(({ artefact, code }) => `Held until there is: ${artefact} (${code}).`),
    ...(obligations.length > 0 ? [`Obligations: ${obligations.map(({ code }) => code).join(', ')}.`] : []),
  ];
}

/** A rule that fired at several places has a line for each. */
function firedTable(view: TryView, fired: readonly Explained[]): string {
  if (fired.length === 0) return 'No rule fired.';
  const rows = fired.flatMap(({ rule, asks, measured }) =>
    (measured.length > 0 ? measured : [undefined]).map((one) => ({
      cells: [rule.code, asks, ...(one ? [figureOf(one), limitOf(one)] : ['', '']), rule.title],
      below: [
        ...(one ? [`at ${one.pointer || '/'}`, ...limitText(view, one)] : []),
        ...(asks === rule.min_path ? [] : [`the rule itself asks for: ${rule.min_path}`]),
      ],
    })),
  );
  return listing(['rule', 'asks for', 'figure', 'limit', 'what'], rows);
}

/** The place nearest to its limit speaks for the rule. */
function clearTable(view: TryView, clear: readonly Explained[]): string {
  if (clear.length === 0) return '';
  const rows = clear.flatMap(({ rule, measured: [one, ...others] }) => {
    if (one === undefined) return [];
    const room = one.headroom === null ? '' : figureText(one.headroom, one.unit);
    const places = others.length > 0 ? `1 of ${others.length + 1}` : '';
    return [{ cells: [rule.code, figureOf(one), limitOf(one), room, places, rule.title], below: limitText(view, one) }];
  });
  return listing(['rule', 'figure', 'limit', 'headroom', 'nearest', 'what'], rows);
}

type Row = { readonly cells: readonly string[]; readonly below: readonly string[] };

/** A table whose rows have lines of their own below them, where paths stay whole. */
function listing(head: readonly string[], rows: readonly Row[]): string {
  const all = [head, ...rows.map(({ cells }) => cells)];
  const widths = head.map((_, i) => Math.max(...all.map((cells) => cells[i]?.length ?? 0)));
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  const line = (cells: readonly string[]) => {
    const start = cells.slice(0, -1).map((cell, i) => cell.padEnd(widths[i] ?? 0));
    return [...start, wrap(cells.at(-1) ?? '', 100 - before).join(`\n${' '.repeat(before)}`)].join('  ').trimEnd();
  };
  const body = rows.flatMap(({ cells, below }) => [line(cells), ...below.map((text) => paint('dim', `         ${text}`))]);
  return [paint('bold', line(head)), ...body].join('\n');
}

const figureOf = ({ observed, unit }: Measured): string => short(figureText(observed, unit));
const limitOf = ({ limit, unit }: Measured): string => short(figureText(limit, unit));

/** Data of the organisation, of a line, … or the terms that people sealed at the baseline. */
function limitText({ folder }: TryView, { from }: Measured): string[] {
  if (from === null) return [];
  return [`limit: ${from.layer}, ${from.file === null ? 'the scenario' : `${folder}/${from.file}`} ${from.pointer}`];
}

const short = (text: string): string => (text.length > 16 ? `${text.slice(0, 15)}…` : text);

const codes = (rules: readonly Explained[]): string => {
  const lines = [''];
  for (const { rule } of rules) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = rule.code;
    else if (last.length + rule.code.length + 2 <= 100) lines[lines.length - 1] = `${last}  ${rule.code}`;
    else lines.push(rule.code);
  }
  return lines.join('\n');
};

function notJudged({ notJudged: left }: Routing): string {
  if (left.length === 0) return '';
  return table(
    ['rows', 'minimum', 'what'],
    left.map(({ n, minimum, what }) => [String(n), String(minimum), what]),
  );
}
