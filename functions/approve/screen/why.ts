import { type Finding, type Headroom, PATHS, type Path, type Routing } from '../../domain/routing.ts';
import { ASKS, DIMENSION_WORDS, figure, namesAt, UNITS } from './figures.ts';
import { heading } from './header.ts';
import { type Column, code, type Html, html, list, type Part, table } from './markup.ts';
import type { Rulebook, ScreenView } from './view.ts';

const NO_WORDS = 'The rule book has no words for this code.';

const where = (routing: Routing, pointer: string): Part => {
  const names = namesAt(routing.input, pointer);
  return pointer === '' ? 'the whole request' : html`${names && html`${names}<br>`}${code(pointer)}`;
};

const weight = (path: Path): number => PATHS.indexOf(path);

/** Findings of one rule together, the heaviest rules first, else in the order the policy gave. */
function byRule(findings: readonly Finding[]): Finding[][] {
  const rules = new Map<string, Finding[]>();
  for (const finding of findings) rules.set(finding.code, [...(rules.get(finding.code) ?? []), finding]);
  const heaviest = (group: Finding[]) => Math.max(...group.map((finding) => weight(finding.minPath)));
  return [...rules.values()].sort((a, b) => heaviest(b) - heaviest(a));
}

function rule(view: ScreenView, findings: readonly Finding[]): Html {
  const [first] = findings;
  if (!first) return html``;
  const words = view.rulebook[first.code];
  const noted = findings.every((finding) => finding.minPath === 'automated');
  const decisive = !noted && findings.some((finding) => finding.minPath === view.routing.path);
  const columns: Column<Finding>[] = [
    { head: 'Where', cell: (finding) => where(view.routing, finding.pointer) },
    {
      head: 'Figure',
      as: 'number',
      cell: (finding) => (finding.observed === null ? 'not measured' : figure(finding.observed, finding.unit)),
    },
    { head: 'Limit', as: 'number', cell: (finding) => figure(finding.limit, finding.unit) },
    { head: 'Unit', cell: (finding) => UNITS[finding.unit] },
    { head: 'Effect', cell: (finding) => ASKS[finding.minPath] },
  ];
  return html`<div class="rule${noted && ' noted'}">
<h3>${first.code} ${words?.title ?? NO_WORDS}${decisive && ' (decides the path)'}</h3>
<p>${words?.description}</p>
${table(`${first.code} in ${DIMENSION_WORDS[first.dimension].toLowerCase()}`, columns, findings)}
<p class="quiet">Rule owner: ${words?.owner ?? 'not named'}. What would help: ${words?.remedy ?? 'not said'}</p>
</div>
`;
}

type Near = { readonly code: string; readonly closest: Headroom; readonly distance: number | null; readonly measured: number };

const distanceOf = ({ observed, limit }: Headroom): number | null =>
  typeof observed === 'number' && typeof limit === 'number' ? Math.abs(limit - observed) : null;

/** One row a rule: the place where it came closest to firing. All figures are in the tables below. */
function nearest(routing: Routing): Near[] {
  const rules = new Map<string, Near>();
  for (const headroom of routing.cleared.flatMap((dimension) => dimension.headroom)) {
    const distance = distanceOf(headroom);
    const known = rules.get(headroom.code);
    const closer = !known || (distance ?? Number.POSITIVE_INFINITY) < (known.distance ?? Number.POSITIVE_INFINITY);
    rules.set(headroom.code, {
      code: headroom.code,
      closest: closer ? headroom : known.closest,
      distance: closer ? distance : known.distance,
      measured: (known?.measured ?? 0) + 1,
    });
  }
  return [...rules.values()];
}

const headroomColumns = (routing: Routing, rulebook: Rulebook): Column<Near>[] => [
  { head: 'Rule', cell: (near) => html`${near.code} ${rulebook[near.code]?.title ?? NO_WORDS}` },
  { head: 'Closest at', cell: (near) => where(routing, near.closest.pointer) },
  { head: 'Figure', as: 'number', cell: (near) => figure(near.closest.observed, near.closest.unit) },
  { head: 'Limit', as: 'number', cell: (near) => figure(near.closest.limit, near.closest.unit) },
  {
    head: 'Headroom',
    as: 'number',
    cell: (near) => (near.distance === null ? 'no distance' : figure(near.distance, near.closest.unit)),
  },
  { head: 'Measured', as: 'number', cell: (near) => (near.measured === 1 ? 'once' : `${near.measured} times`) },
];

function asked(routing: Routing): Html {
  const automated = routing.path === 'automated';
  if (automated && routing.groups.length === 0)
    return html`<p>No rule asks for people. This page is kept as evidence and shown to nobody for a
decision.</p>`;
  return html`<p>${
    automated
      ? 'Policy approves. It is sealed when somebody on call, who is not the requester or the releasing identity, has acknowledged it:'
      : 'Asked for approval, each by a different person, none of them the requester or the releasing identity:'
  }</p>
${list(routing.groups.map((group) => `${group.min} with the role ${group.role}, from ${group.from}`))}`;
}

/** The rules, in the rule book's own words: what fired, what came close, what could not be judged, what is held. */
export function whySection(view: ScreenView): Html {
  const { routing, rulebook } = view;
  const fired = byRule(routing.findings);
  return html`<section>${heading('why')}
<div class="path"><strong>Path: ${routing.path}</strong>
${asked(routing)}</div>
<h3>Rules that fired (${fired.length})</h3>
${fired.length === 0 ? html`<p class="none">None.</p>` : fired.map((findings) => rule(view, findings))}
<h3>Rules that were measured and did not fire</h3>
${table('Closest distance to the limit, one row per rule', headroomColumns(routing, rulebook), nearest(routing))}
<p>Proved free of findings: ${routing.cleared.map((one) => DIMENSION_WORDS[one.dimension].toLowerCase()).join(', ') || 'nothing'}.</p>
<h3>Not judged</h3>
${table(
  'Too few rows to tell',
  [
    { head: 'What', cell: (one) => one.what },
    { head: 'Dimension', cell: (one) => DIMENSION_WORDS[one.dimension] },
    { head: 'Rows (n)', as: 'number', cell: (one) => one.n },
    { head: 'Minimum', as: 'number', cell: (one) => one.minimum },
  ],
  routing.notJudged,
)}
<h3>Holds</h3>
${table(
  'Missing artefacts that stop an approval',
  [
    { head: 'Artefact', cell: (hold) => hold.artefact },
    { head: 'Rule', cell: (hold) => html`${hold.code} ${rulebook[hold.code]?.title ?? NO_WORDS}` },
    { head: 'Where', cell: (hold) => where(routing, hold.pointer) },
  ],
  routing.holds,
)}</section>
`;
}
