import { DIMENSION_WORDS } from '../../approve/screen/figures.ts';
import { code, html, list, pairs, table } from '../../approve/screen/markup.ts';
import { DIMENSIONS } from '../../domain/diff.ts';
import type { Digest } from '../../domain/digest.ts';
import { askedText, exampleText, layerText, PREFACE, valueText } from '../../route/rule-text.ts';
import type { Rule } from '../../route/rulebook.ts';
import type { RuleCounts } from '../rule-counts.ts';
import { layout, type Viewer } from './layout.ts';

const MIN_PATHS = ['automated', 'reviewer', 'committee', 'hold', 'obligation'] as const satisfies readonly Rule['min_path'][];
const GROUPS = [...DIMENSIONS, 'engine' as const];
type Group = (typeof GROUPS)[number];

/** What the address asks for. A word it does not know is no filter, so that an old link still shows the book. */
export type RuleFilter = {
  readonly dimension: Group | null;
  readonly path: Rule['min_path'] | null;
  readonly text: string;
  /** Every entry written out, as for printing. */
  readonly full: boolean;
};

export function filterOf(query: Readonly<Record<string, string | undefined>>): RuleFilter {
  return {
    dimension: GROUPS.find((one) => one === query['dimension']) ?? null,
    path: MIN_PATHS.find((one) => one === query['path']) ?? null,
    text: (query['text'] ?? '').trim().slice(0, 100),
    full: query['full'] === 'yes',
  };
}

const groupOf = (rule: Rule): Group => rule.dimension ?? 'engine';

export function filtered(rules: readonly Rule[], { dimension, path, text }: RuleFilter): Rule[] {
  const wanted = text.toLowerCase();
  return rules.filter(
    (rule) =>
      (dimension === null || groupOf(rule) === dimension) &&
      (path === null || rule.min_path === path) &&
      [rule.code, rule.title, rule.description, rule.remedy].some((words) => words.toLowerCase().includes(wanted)),
  );
}

export type RulesPageView = {
  readonly viewer: Viewer;
  readonly pack: Digest;
  readonly rules: readonly Rule[];
  readonly counts: RuleCounts;
  readonly filter: RuleFilter;
};

/** The rule book of the active policy, with how often each rule fired here: an index first, entries in full when asked for. */
export function rulesPage({ viewer, pack, rules, counts, filter }: RulesPageView): string {
  const shown = filtered(rules, filter);
  const narrowed = filter.dimension !== null || filter.path !== null || filter.text !== '';
  const groups = GROUPS.map((name) => ({
    title: DIMENSION_WORDS[name],
    rules: shown.filter((rule) => groupOf(rule) === name),
  }));
  const gone = [...counts.fired].filter(([fired]) => !rules.some((rule) => rule.code === fired));
  const body = html`${filterForm(filter)}
${
  narrowed
    ? html`<p role="status">${shown.length} of ${rules.length} rules. <a href="/rules">All rules</a></p>`
    : html`${index(rules)}<details><summary>How to read the book</summary>${PREFACE.map((text) => html`<p>${text}</p>\n`)}</details>`
}
<p class="notice">${countedText(counts)} The rules are those of the active policy ${code(pack)}.</p>
${table(
  narrowed ? 'Rules found' : 'All rules',
  [
    { head: 'Rule', cell: (rule) => html`<a href="/rules/${rule.code}">${rule.code}</a> ${rule.title}` },
    { head: 'Asks for', cell: (rule) => rule.min_path, as: 'words' },
    { head: 'Fired', as: 'number', cell: (rule) => counts.fired.get(rule.code)?.promotions ?? 0 },
    { head: 'Last', as: 'words', cell: (rule) => counts.fired.get(rule.code)?.lastDay ?? 'never' },
  ],
  groups.flatMap((group) => group.rules),
)}
${
  narrowed || filter.full
    ? groups.flatMap((group) =>
        group.rules.length > 0 ? [html`<h2>${group.title}</h2>\n${group.rules.map((rule) => entry(rule, counts))}`] : [],
      )
    : html`<p><a href="/rules?full=yes">Every rule in full, on one long page</a></p>`
}
${
  gone.length > 0 &&
  html`<h2>Rules of earlier policies</h2>
${list(gone.map(([name, fired]) => `${name}: fired in ${fired.promotions}, last on ${fired.lastDay}`))}`
}`;
  return layout({ title: 'Rule book', viewer, body, wide: true });
}

const option = (value: string, words: string, chosen: boolean) =>
  html`<option value="${value}"${chosen && html` selected`}>${words}</option>\n`;

/** A plain form that asks by its address: it works without the script, and a filtered book can be linked to. */
const filterForm = ({
  dimension,
  path,
  text,
}: RuleFilter) => html`<form method="get" action="/rules" role="search" class="filter">
<div class="field"><label for="dimension">About</label>
<select id="dimension" name="dimension">${option('', 'everything', dimension === null)}${GROUPS.map((one) =>
  option(one, DIMENSION_WORDS[one], one === dimension),
)}</select></div>
<div class="field"><label for="path">Asks for</label>
<select id="path" name="path">${option('', 'anything', path === null)}${MIN_PATHS.map((one) =>
  option(one, one, one === path),
)}</select></div>
<div class="field"><label for="text">With the words</label>
<input id="text" name="text" type="search" maxlength="100" value="${text}"></div>
<p><button type="submit">Find rules</button></p>
</form>
`;

const index = (rules: readonly Rule[]) => html`<nav aria-label="Rules by what they look at"><ul class="index">${GROUPS.flatMap(
  (name) => {
    const count = rules.filter((rule) => groupOf(rule) === name).length;
    return count === 0 ? [] : [html`<li><a href="/rules?dimension=${name}">${DIMENSION_WORDS[name]}</a> (${count})</li>\n`];
  },
)}</ul></nav>
`;

/** What the figures rest on: nobody should take them for more. */
const countedText = ({ sealed, open, unread }: RuleCounts): string =>
  `Counted over ${sealed} sealed and ${open} open promotions of this server, all lines together, each once per rule.` +
  (unread > 0 ? ` ${unread} more sealed records are not counted yet: load the page again to go on.` : '');

const firedText = (fired: { readonly promotions: number; readonly lastDay: string } | undefined): string =>
  fired === undefined
    ? 'never'
    : `in ${fired.promotions} ${fired.promotions === 1 ? 'promotion' : 'promotions'}, last on ${fired.lastDay}`;

function entry(rule: Rule, counts: RuleCounts) {
  const { examples } = rule;
  return html`<h3 id="${rule.code}">${rule.code} ${rule.title}</h3>
<p>${rule.description}</p>
${pairs([
  ['Asks for', askedText(rule)],
  [
    'Present figure',
    rule.figures?.length
      ? list(
          rule.figures.map(
            (figure) =>
              html`<strong>${valueText(figure)}</strong>${layerText(figure)} (${code(`policies/${figure.file}`)} ${code(figure.pointer)})`,
          ),
        )
      : 'none: it asks yes or no',
  ],
  ['Fired', firedText(counts.fired.get(rule.code))],
  ['Fires, for example', examples ? exampleText(examples.fires) : 'not in this pack'],
  ['Stays quiet, for example', examples ? exampleText(examples.quiet) : 'not in this pack'],
  ['What to do', rule.remedy],
  ['Owner', rule.owner],
  ['Controls', rule.controls.join(', ')],
  ['Since', rule.since],
])}`;
}
