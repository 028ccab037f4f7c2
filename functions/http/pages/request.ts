import { code, type Html, html, list, type Pair, pairs, table, time } from '../../approve/screen/markup.ts';
import type { Digest, EventHash } from '../../domain/digest.ts';
import type { Instant } from '../../domain/text.ts';
import type { Choice, Vote } from '../../domain/vote.ts';
import { decisionForm, rationaleForm } from './decision-form.ts';
import { dueCell, type InboxRow, missing } from './inbox.ts';
import { csrfField, layout, STATUS_WORDS, signInAgain, type Viewer } from './layout.ts';

type CastVote = {
  readonly handle: string;
  /** Overlaid by the shell for whoever may see names; never from the vault. */
  readonly name?: string;
  readonly role: string;
  readonly choice: Choice;
  readonly castAt: Instant;
};

export type RequestPageView = InboxRow & {
  readonly viewer: Viewer;
  readonly screenDigest: Digest | null;
  readonly nonce: string;
  readonly findings: readonly { readonly code: string; readonly title: string }[];
  readonly choices: readonly Choice[];
  readonly timeline: readonly { readonly at: Instant; readonly what: string }[];
  readonly votes: readonly CastVote[];
  readonly myVote: Vote | null;
  readonly canVote: boolean;
  /** Why this person may not decide, or not now. */
  readonly whyNot: string | null;
  /** The path asks for a fresh sign-in: until when this one counts; `again` when it does not, or nobody can tell. */
  readonly signIn: { readonly minutes: number; readonly until: Instant | null; readonly again: boolean } | null;
  readonly canWriteRationale: boolean;
  /** The owner of record, looking at a request that is parked. */
  readonly canLetPass: boolean;
  readonly eventHash: EventHash | null;
  /** Commands that fetch the screen's bytes and hash them without this page. */
  readonly checkCommands: readonly string[];
};

function frame(view: RequestPageView, digest: Digest): Html {
  const source = `/requests/${view.requestId}/screen`;
  return html`<section aria-labelledby="screen-title">
<h2 id="screen-title">What you decide on</h2>
<p>Screen ${code(digest)} <button type="button" class="plain" data-copy="${digest}" hidden>Copy</button></p>
<p class="notice" role="status" data-match="${digest}" data-screen="${source}">Compare this hash with the bytes you were sent, as
said under “How to check this”.</p>
<iframe sandbox="" src="${source}" title="Frozen screen of ${view.model} ${view.version}"></iframe>
<p><a href="${source}">Open the screen alone</a></p>
<h2>How to check this</h2>
<p>The screen was stored under its hash before anybody was asked, and everybody gets the same bytes. With the script on, this
browser computes the hash itself. To check without this page:</p>
<pre>${view.checkCommands.join('\n')}</pre>
</section>
`;
}

function decide(view: RequestPageView): Html {
  const { screenDigest, requestId } = view;
  if (view.myVote) {
    return html`<p class="notice">You decided: <strong>${view.myVote.choice}</strong>, ${time(view.myVote.castAt)}.
<a href="/requests/${requestId}/receipt">Receipt</a></p>`;
  }
  if (view.state === 'needsRationale') {
    return view.canWriteRationale
      ? rationaleForm(view)
      : html`<p>It waits for a written rationale. Somebody with a role here writes it; who writes it may not decide.</p>`;
  }
  if (view.canLetPass) {
    return html`<form method="post" action="/requests/${requestId}/let-pass">
${csrfField(view.viewer)}<p>It is parked while people judge another request for the same head. As owner of record you may let it pass:
then theirs is returned, with your handle in its sealed record, and must be announced again.</p>
<p><button type="submit">Let it pass</button></p>
</form>
`;
  }
  if (!view.canVote || screenDigest === null) {
    return html`<p class="notice">You cannot decide here: ${view.whyNot ?? STATUS_WORDS[view.state]}.</p>`;
  }
  if (view.signIn?.again) return signInAgain(view.signIn.minutes, `/requests/${requestId}`);
  const until = view.signIn?.until;
  return html`${until && html`<p class="quiet">Your sign-in counts until ${time(until)}; after that sign in again before you decide.</p>`}
${decisionForm({ ...view, screen: screenDigest })}`;
}

/** Nobody is asked before the rationale is written; until then that is what it waits for. */
function waitingFor({ outstanding, state }: RequestPageView): Html {
  if (outstanding.length > 0) return list(outstanding.map(missing));
  return html`<p>${state === 'needsRationale' ? 'A written rationale.' : 'Nobody.'}</p>`;
}

function aside(view: RequestPageView): Html {
  return html`<aside>
<h2>${view.state === 'needsRationale' ? 'Rationale' : 'Decide'}</h2>
${decide(view)}
<h2>Waiting for</h2>
${waitingFor(view)}
${table(
  'Decisions so far',
  [
    { head: 'Who', cell: (vote) => html`${vote.name && html`${vote.name}<br>`}${code(vote.handle)}` },
    { head: 'Role', cell: (vote) => vote.role },
    { head: 'Choice', cell: (vote) => vote.choice, as: 'words' },
    { head: 'When', cell: (vote) => time(vote.castAt), as: 'words' },
  ],
  view.votes,
)}
<h2>Timeline</h2>
<ol>${view.timeline.map((entry) => html`<li>${time(entry.at)}<br>${entry.what}</li>\n`)}</ol>
</aside>
`;
}

/** A machine is at work: seconds at most, and nobody has to guess that the page would change by itself. */
const WORKING: ReadonlySet<string> = new Set(['received', 'compared', 'automated', 'explained', 'settling', 'decided']);

const noScreen = ({ requestId, state, eventHash }: RequestPageView): Html => {
  if (WORKING.has(state))
    return html`<p class="notice" role="status">Being worked on: ${STATUS_WORDS[state]}. This page loads itself again every few seconds.
<a href="/requests/${requestId}">Load it again now</a></p>`;
  if (state === 'needsRationale')
    return html`<p>The page to decide on is made once the rationale is written; nobody is asked before.</p>`;
  return html`<p>It ended before a page to decide on was made, so there is nothing to show.${eventHash && html` <a href="/events/${eventHash}">Its event</a> says why.`}</p>`;
};

/** The frozen screen in its frame, and beside it what the shell adds: the decision, who is outstanding, what happened. */
export function requestPage(view: RequestPageView): string {
  const rows: Pair[] = [
    ['Request', code(view.requestId)],
    ['Line', html`<a href="/lines/${view.line}/${view.environment}">${view.line} into ${view.environment}</a>`],
    ['Path', view.path ?? (WORKING.has(view.state) ? 'not routed yet' : 'not routed')],
    ['State', html`<strong>${STATUS_WORDS[view.state]}</strong>`],
    ['Due', dueCell(view)],
    ...(view.escalated
      ? ([['Escalated', 'to you, as nobody answered in time; you decide only where you hold a seat']] as Pair[])
      : []),
    ...(view.eventHash ? ([['Event', html`<a href="/events/${view.eventHash}">${code(view.eventHash)}</a>`]] as Pair[]) : []),
  ];
  const body = html`${pairs(rows)}
<div class="desk${view.screenDigest && html` two`}">${
    view.screenDigest ? frame(view, view.screenDigest) : html`<section>${noScreen(view)}</section>`
  }
${aside(view)}</div>
`;
  const again = WORKING.has(view.state) ? 5 : undefined;
  return layout({ title: `${view.model} ${view.version}`, viewer: view.viewer, body, wide: true, again });
}
