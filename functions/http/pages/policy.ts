import { code, type Html, html, list, pairs, time } from '../../approve/screen/markup.ts';
import { CONFIRM, POLICY_OWNER, PROPOSE, type Proposal } from '../../domain/activation.ts';
import { handleOf } from '../../domain/actor.ts';
import type { Digest, EventHash } from '../../domain/digest.ts';
import { isAbsent, type PolicyActivation } from '../../domain/event/statement.ts';
import { csrfField, layout, type Viewer } from './layout.ts';

export type PolicyPageView = {
  readonly viewer: Viewer;
  readonly active: PolicyActivation;
  readonly event: EventHash;
  readonly mayPropose: boolean;
  /** `whyNot`: why this person may not confirm it; empty when they may. */
  readonly waiting: readonly { readonly id: Digest; readonly proposal: Proposal; readonly whyNot: string }[];
};

/** The policy in force, what is proposed instead, and the two forms. Nothing is filled in beforehand. */
export function policyPage(view: PolicyPageView): string {
  const body = html`<h2>In force</h2>
${inForce(view)}
<h2>Proposed</h2>
${view.waiting.length > 0 ? view.waiting.map((one) => proposed(one, view.viewer)) : html`<p>Nothing is proposed.</p>`}
<h2>Propose a release</h2>
${view.mayPropose ? proposeForm(view.viewer) : html`<p class="notice">Only ${code(POLICY_OWNER)} may propose or confirm.</p>`}`;
  return layout({ title: 'Policy', viewer: view.viewer, body });
}

function inForce({ active, event }: PolicyPageView): Html {
  const { change } = active;
  const told = change === undefined || isAbsent(change) ? undefined : change;
  const by = told?.approvals.map(({ actor, act }) => html`${act} by ${code(handleOf(actor))}`) ?? [
    'whoever started this store',
  ];
  return pairs([
    ['Pack', code(active.pack)],
    ['Version', told?.version ?? 'the first one'],
    ['Since', time(active.at)],
    ['Put into force', list(by)],
    ['Sealed as', html`<a href="/events/${event}">${code(event)}</a>`],
  ]);
}

function proposed({ id, proposal, whyNot }: PolicyPageView['waiting'][number], viewer: Viewer): Html {
  return html`<section>
${pairs([
  ['Pack', code(proposal.pack)],
  ['Version', proposal.version],
  ['Commit', code(proposal.commit)],
  ['Written by', list(proposal.authors.map(code))],
  ['What-if report', proposal.whatIf === null ? 'none was named' : code(proposal.whatIf)],
  ['Proposed', html`by ${code(handleOf(proposal.actor))}, ${time(proposal.at)}`],
])}
${
  whyNot === ''
    ? html`<form method="post" action="/policy/proposals/${id}/confirm" autocomplete="off">
${csrfField(viewer)}
<p>“${CONFIRM}”</p>
<p>From then on it routes every new request; requests that wait keep the policy they were routed under. It is sealed in your name
and cannot be taken back, only followed by another release.</p>
<p><button type="submit">Put ${proposal.version} into force</button></p>
</form>
`
    : html`<p class="notice">You cannot confirm it: ${whyNot}.</p>`
}</section>
`;
}

const FIELDS = [
  ['pack', 'Digest of the release', 'sha256: and 64 digits, as printed when it was uploaded', true],
  [
    'version',
    'Version by its effect',
    'such as 1.4.0: major if anything gets lighter, minor if only heavier, else patch',
    true,
  ],
  ['commit', 'Commit', 'the full git commit it was built from', true],
  ['authors', 'Written by', 'handles or subjects of all who wrote the change; no names, no addresses', true],
  ['whatIf', 'Digest of the what-if report', 'empty when there is none; that is sealed too', false],
] as const;

function proposeForm(viewer: Viewer): Html {
  return html`<form method="post" action="/policy/proposals" autocomplete="off">
${csrfField(viewer)}
<p>“${PROPOSE}”. Somebody else then confirms it; one of the two must not have written it.</p>
${FIELDS.map(
  ([name, label, help, required]) => html`<div class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="text" aria-describedby="${name}-help"${required && html` required`}>
<p class="quiet" id="${name}-help">${help}</p></div>
`,
)}<p><button type="submit">Propose</button></p>
</form>
`;
}
