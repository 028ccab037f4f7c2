import { type Html, html, list } from '../../approve/screen/markup.ts';
import type { Digest } from '../../domain/digest.ts';
import type { RequestId } from '../../domain/request.ts';
import type { Path } from '../../domain/routing.ts';
import { type Choice, meaningOf } from '../../domain/vote.ts';
import { csrfField, type Viewer } from './layout.ts';

export type Ask = {
  readonly viewer: Viewer;
  readonly requestId: RequestId;
  readonly screen: Digest;
  readonly nonce: string;
  readonly choices: readonly Choice[];
  readonly path: Path | null;
  /** One per rule that fired: a rule may fire in many places and is answered once. */
  readonly findings: readonly { readonly code: string; readonly title: string }[];
};

const CHOICE_WORDS: Record<Choice, string> = {
  approve: 'Approve',
  reject: 'Reject',
  return: 'Return for changes',
  abstain: 'Abstain',
  recuse: 'Recuse myself',
};

/** `sha256:` and 64 digits are too long to compare by eye; both ends are not. */
const ends = (digest: Digest): string => `${digest.slice(7, 15)} … ${digest.slice(-8)}`;

const wordsOf = (one: Choice, path: Path): string =>
  one === 'approve' && path === 'automated' ? 'Acknowledge' : CHOICE_WORDS[one];

const choice = (
  one: Choice,
  path: Path,
): Html => html`<label class="choice"><input type="radio" name="choice" value="${one}" required
data-words="${wordsOf(one, path)}: “${meaningOf(one, path)}”"><span>${wordsOf(one, path)}<small>${meaningOf(one, path)}</small></span></label>
`;

/**
 * Outside the frame, and plain HTML: it works without the script, which adds the hash check and the step to confirm.
 * Nothing is selected or filled in beforehand. Fields: choice, criterion.<code>, rationale, conditions, screen, nonce, csrf.
 */
export function decisionForm(ask: Ask): Html {
  return html`<form method="post" action="/requests/${ask.requestId}/votes" data-decision autocomplete="off">
<input type="hidden" name="screen" value="${ask.screen}">
<input type="hidden" name="nonce" value="${ask.nonce}">
${csrfField(ask.viewer)}
<fieldset>
<div data-edit>
<fieldset><legend>Your decision</legend>
${ask.choices.map((one) => choice(one, ask.path ?? 'committee'))}</fieldset>
<fieldset><legend>Rules that fired</legend>
<p class="quiet">Tick each one you have checked. To approve, tick all.</p>
${
  ask.findings.length === 0
    ? html`<p>None.</p>`
    : ask.findings.map(
        (
          finding,
        ) => html`<label class="choice"><input type="checkbox" name="criterion.${finding.code}" value="checked" data-criterion>
<span>${finding.code} ${finding.title}</span></label>
`,
      )
}</fieldset>
<div class="field"><label for="rationale">Your reason</label>
<textarea id="rationale" name="rationale" minlength="10" maxlength="10000" aria-describedby="rationale-help"></textarea>
<p class="quiet" id="rationale-help">At least 10 characters when given. It is sealed and cannot be erased: name roles, not people.</p></div>
<div class="field"><label for="conditions">Conditions, one on each line</label>
<textarea id="conditions" name="conditions" maxlength="20000" aria-describedby="conditions-help"></textarea>
<p class="quiet" id="conditions-help">Sealed with your decision. Leave it empty if there are none.</p></div>
<noscript><label class="choice"><input type="checkbox" name="confirm" value="yes" required>
<span>I have read the screen ${ends(ask.screen)} and this is my decision.</span></label></noscript>
<p><button type="submit">Decide</button></p>
</div>
<div class="notice" data-confirm tabindex="-1" role="group" aria-labelledby="confirm-title" hidden>
<h2 id="confirm-title">Confirm</h2>
<p><strong data-say></strong></p>
<p>On the screen with hash <code>${ends(ask.screen)}</code>. The decision is sealed in your name and cannot be taken back.</p>
<p><button type="button" data-yes>Yes, send it</button> <button type="button" class="plain" data-back>Go back</button></p>
</div>
</fieldset>
</form>
`;
}

const AREAS = [
  {
    name: 'text',
    label: 'Why should this model be promoted?',
    min: 30,
    max: 20000,
    help: 'What changed and why, and an answer to each rule above.',
  },
  {
    name: 'scope',
    label: 'Scope: where will it be used?',
    min: 3,
    max: 5000,
    help: 'Products, regions, channels; and where not.',
  },
  { name: 'intendedUse', label: 'Intended use', min: 3, max: 5000, help: 'Which decisions it makes or supports, about whom.' },
  {
    name: 'limitations',
    label: 'Known limitations',
    min: 3,
    max: 20000,
    help: 'Where it is weak or untested. “None known” is an answer that approvers will ask about.',
  },
] as const;

/** Written by a person in their own words, never filled in beforehand (R46). */
export function rationaleForm({ requestId, viewer, findings }: Pick<Ask, 'requestId' | 'viewer' | 'findings'>): Html {
  return html`<form method="post" action="/requests/${requestId}/rationale" autocomplete="off">
${csrfField(viewer)}
<p>This request needs a written rationale before anybody is asked. It becomes part of the screen, with your handle
<code>${viewer.handle}</code>. It is sealed and cannot be erased: no names, no addresses. Links are shown as text and prove nothing.</p>
<p>Who writes it may not decide. Rules that fired, which it should answer:</p>
${list(findings.map((finding) => html`<a href="/rules/${finding.code}">${finding.code}</a> ${finding.title}`))}
${AREAS.map(
  ({ name, label, min, max, help }) => html`<div class="field"><label for="${name}">${label}</label>
<p class="quiet" id="${name}-help">${help} At least ${min} characters.</p>
<textarea id="${name}" name="${name}" required minlength="${min}" maxlength="${max}" aria-describedby="${name}-help"></textarea></div>
`,
)}<p><button type="submit">Send the rationale</button></p>
</form>
`;
}
