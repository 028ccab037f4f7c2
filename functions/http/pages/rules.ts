import { DIMENSION_WORDS } from '../../approve/screen/figures.ts';
import { code, html, list, pairs, table } from '../../approve/screen/markup.ts';
import { DIMENSIONS } from '../../domain/diff.ts';
import type { Digest } from '../../domain/digest.ts';
import { askedText, exampleText, layerText, PREFACE, valueText } from '../../route/rule-text.ts';
import type { Rule } from '../../route/rulebook.ts';
import type { RuleCounts } from '../rule-counts.ts';
import { layout, type Viewer } from './layout.ts';

export type RulesPageView = {
  readonly viewer: Viewer;
  readonly pack: Digest;
  readonly rules: readonly Rule[];
  readonly counts: RuleCounts;
};

/** The rule book of the active policy, with how often each rule fired here. */
export function rulesPage({ viewer, pack, rules, counts }: RulesPageView): string {
  const groups = [...DIMENSIONS, 'engine' as const]
    .map((name) => ({ title: DIMENSION_WORDS[name], rules: rules.filter((rule) => (rule.dimension ?? 'engine') === name) }))
    .filter((group) => group.rules.length > 0);
  const gone = [...counts.fired].filter(([fired]) => !rules.some((rule) => rule.code === fired));
  const body = html`${PREFACE.map((text) => html`<p>${text}</p>\n`)}
<p class="notice">${countedText(counts)} The rules are those of the active policy ${code(pack)}.</p>
${table(
  'All rules',
  [
    { head: 'Rule', cell: (rule) => html`<a href="#${rule.code}">${rule.code}</a> ${rule.title}` },
    { head: 'Asks for', cell: (rule) => rule.min_path, as: 'words' },
    { head: 'Fired', as: 'number', cell: (rule) => counts.fired.get(rule.code)?.promotions ?? 0 },
    { head: 'Last', as: 'words', cell: (rule) => counts.fired.get(rule.code)?.lastDay ?? 'never' },
  ],
  groups.flatMap((group) => group.rules),
)}
${groups.map((group) => html`<h2>${group.title}</h2>\n${group.rules.map((rule) => entry(rule, counts))}`)}
${
  gone.length > 0 &&
  html`<h2>Rules of earlier policies</h2>
${list(gone.map(([name, fired]) => `${name}: fired in ${fired.promotions}, last on ${fired.lastDay}`))}`
}`;
  return layout({ title: 'Rule book', viewer, body, wide: true });
}

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
