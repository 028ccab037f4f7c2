import { type Html, html } from '../../approve/screen/markup.ts';
import type { State } from '../../domain/flow.ts';
import type { Outcome } from '../../domain/rows.ts';
import { SHELL, STYLE } from './assets.ts';

/** Who is signed in. The name is for this page's corner only: sealed bytes carry the handle. */
export type Viewer = { readonly displayName: string; readonly handle: string; readonly csrf: string };

export type Status = State | Outcome;

export const STATUS_WORDS: Record<Status, string> = {
  received: 'received, being compared',
  compared: 'compared, being routed',
  automated: 'on the automated path',
  needsRationale: 'waits for a written rationale',
  explained: 'the page to decide on is being made',
  settling: 'being settled by policy',
  voting: 'waits for decisions',
  decided: 'decided, being sealed',
  sealed: 'sealed',
  approved: 'approved',
  rejected: 'rejected',
  refused: 'refused by a binding rule',
  returned: 'returned for changes',
  expired: 'expired without a decision',
  superseded: 'superseded by a later request',
  withdrawn: 'withdrawn',
  stale: 'stale: the incumbent moved meanwhile',
};

export const csrfField = (viewer: Viewer): Html => html`<input type="hidden" name="csrf" value="${viewer.csrf}">`;

/** Where a fresh sign-in begins. It ends on the page it began on; `next` is a path of ours. */
export const signInUrl = (next: string): string => `/sign-in/start?next=${encodeURIComponent(next)}`;

/** Instead of a form that would be refused. */
export const signInAgain = (minutes: number, next: string): Html =>
  html`<p class="notice">A decision here needs a sign-in of the last ${minutes} minutes, and yours is older or does not say when it was.
You come back to this page.</p>
<p><a class="button" href="${signInUrl(next)}">Sign in again to decide</a></p>
`;

type Page = {
  readonly title: string;
  readonly viewer: Viewer | null;
  readonly body: Html;
  readonly wide?: boolean;
  /** Load the page again after so many seconds, with or without the script: only while a machine works, never over a form. */
  readonly again?: number | undefined;
};

/** Every page of the console. */
export function layout({ title, viewer, body, wide, again }: Page): string {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${again !== undefined && html`<meta http-equiv="refresh" content="${again}">\n`}<title>${title} – Countersign</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLE.path}" integrity="${STYLE.integrity}">
<script src="${SHELL.path}" integrity="${SHELL.integrity}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar"><a class="home" href="/">Countersign</a>${
    viewer &&
    html`<nav aria-label="Console"><a href="/">Inbox</a> <a href="/rules">Rules</a> <a href="/policy">Policy</a> <a href="/acts">Acts</a></nav>
<span>${viewer.displayName} <span class="quiet">(<code>${viewer.handle}</code>)</span></span>
<form method="post" action="/sign-out">${csrfField(viewer)}<button class="plain" type="submit">Sign out</button></form>`
  }</header>
<main id="main"${!wide && html` class="narrow"`}>
<h1>${title}</h1>
${body}</main>
</body>
</html>
`.toString();
}
