import { figuresOf, stateOf } from './changes.ts';
import { segmentChart } from './comparison.ts';
import { isFirst } from './figures.ts';
import { heading } from './header.ts';
import { type Html, html, table } from './markup.ts';
import type { ScreenView } from './view.ts';

function against(view: ScreenView, which: 'incumbent' | 'lastHumanApproved', baseline: string): Html {
  const fairness = view.diff.fairness.against[which];
  const figures = figuresOf(fairness);
  if (!figures) return html`<p>State: ${stateOf(fairness)}.</p>`;
  const segments = figuresOf(view.diff.metrics.against[which])?.segments ?? [];
  const guarded = segments.filter((segment) => segment.protected);
  const rates = guarded.flatMap((one) =>
    one.metrics.filter((m) => m.name === 'approval_rate').map((m) => ({ ...m, group: one.segment })),
  );
  return html`<p>State: ${stateOf(fairness)}.</p>
${table(
  'Lowest approval rate over highest, by segment column',
  [
    { head: 'Segment column', cell: (ratio) => ratio.segment },
    { head: 'Protected', cell: (ratio) => (ratio.protected ? 'yes' : 'no') },
    { head: baseline, as: 'number', cell: (ratio) => ratio.baseline },
    { head: 'Candidate', as: 'number', cell: (ratio) => ratio.candidate },
    { head: 'Less equal by', as: 'number', cell: (ratio) => ratio.worse },
    {
      head: 'Direction',
      cell: (ratio) => (Number(ratio.worse) > 0 ? 'LESS equal' : Number(ratio.worse) < 0 ? 'more equal' : 'no change'),
    },
  ],
  figures.ratios ?? [],
)}
${segmentChart(`fairness-${which}`, 'approval_rate', guarded, baseline)}
${table(
  'Approval rate of protected groups',
  [
    { head: 'Group', cell: (rate) => rate.group },
    { head: baseline, as: 'number', cell: (rate) => rate.baseline },
    { head: 'Candidate', as: 'number', cell: (rate) => rate.candidate },
    { head: 'n', as: 'number', cell: (rate) => rate.n },
    { head: 'Source', cell: (rate) => rate.source },
  ],
  rates,
)}`;
}

/** Equality between groups. The ratio is a screen, not a legal limit, and says so. */
export function fairnessSection(view: ScreenView): Html {
  return html`<section>${heading('fairness')}
<p>The ratio is the lowest approval rate over the highest among the judged values of one column. The familiar 0.80 comes from US
employment rules (29 CFR 1607.4(D)); for lending it is a screen, not a limit. Groups below the minimum sample are not judged: they
are listed in sections 2 and 4.</p>
${
  isFirst(view.diff)
    ? html`<p class="none">Ratios are compared with an older version, and there is none: the candidate's own figures stand in section 4.</p>`
    : html`<h3>Against the incumbent</h3>
${against(view, 'incumbent', 'Incumbent')}
<h3>Against the last human-approved version</h3>
${against(view, 'lastHumanApproved', 'Last human-approved')}`
}</section>
`;
}
