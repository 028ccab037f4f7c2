import { code, html, list, pairs, said, time } from '../../approve/screen/markup.ts';
import { handleOf } from '../../domain/actor.ts';
import type { Vote } from '../../domain/vote.ts';
import { layout, type Viewer } from './layout.ts';

/** What one person decided, and exactly what that proves: auditors respect a limit more than a claim. */
export function receiptPage({ viewer, vote }: { viewer: Viewer | null; vote: Vote }): string {
  const roles = vote.auth.roles.join(', ') || 'none';
  const ticked = vote.criteria.map((one) => `${one.code}: ${one.checked ? 'checked' : 'NOT checked'}`);
  const body = html`${pairs([
    ['Request', html`<a href="/requests/${vote.request}">${code(vote.request)}</a>`],
    ['Who', html`${vote.actor.kind} ${code(handleOf(vote.actor))}`],
    ['Roles held then', `${roles} (from ${vote.auth.roleSource})`],
    ['Choice', html`<strong>${vote.choice}</strong>`],
    ['Meaning', `“${vote.meaning}”`],
    ['Screen', code(vote.screen)],
    ['First shown', time(vote.servedAt)],
    ['Decided', time(vote.castAt)],
    [
      'Signed in with',
      [vote.auth.acr, ...(vote.auth.amr ?? [])].filter(Boolean).join(', ') || 'method not stated by the provider',
    ],
    ['Own signature', vote.assertion === null ? 'not signed by the approver' : 'signed by the approver'],
  ])}
<h2>Rules answered</h2>
${ticked.length > 0 ? list(ticked) : html`<p>None.</p>`}
${vote.rationale !== undefined && html`<h2>Reason</h2>${said(vote.rationale)}`}
${vote.conditions.length > 0 && html`<h2>Conditions</h2>${list(vote.conditions)}`}
<h2>What this proves, and what it does not</h2>
<p>It proves that these bytes existed before they were shown, that the session of this signed-in person was sent them before the
decision, and that the decision names their hash.</p>
<p>It does not prove that eyes read them, how far somebody scrolled, or which pixels a device drew.${
    vote.assertion === null &&
    ' It was not signed by the approver: that this person decided rests on the record of this service.'
  }</p>`;
  return layout({ title: 'Receipt', viewer, body });
}
