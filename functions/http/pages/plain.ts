import { code, html, table } from '../../approve/screen/markup.ts';
import { entryOf } from '../../domain/errors.ts';
import type { Problem } from '../../domain/result.ts';
import { layout, signInUrl, type Viewer } from './layout.ts';

/** One button. A link and not a form: `form-action` would also have to allow the provider it leads to. */
export const signInPage = ({ start, notice }: { start: string; notice?: string }): string =>
  layout({
    title: 'Sign in',
    viewer: null,
    body: html`${notice && html`<p class="notice">${notice}</p>`}
<p>Your organisation's identity provider says who you are and which roles you hold. Countersign knows no password.</p>
<p><a class="button" href="${start}">Sign in with the identity provider</a></p>
<p class="quiet">One person, one browser: a decision is sealed in the name of whoever is signed in. On a shared machine use a private
window, and sign out after.</p>`,
  });

/** What is wrong, in the catalogue's words: the same code as in logs and in the API's answer. */
export function problemPage({
  viewer,
  problems,
  back,
}: {
  viewer: Viewer | null;
  /** The page whose form asked for a fresh sign-in. */
  back?: string | undefined;
  problems: readonly [Problem, ...Problem[]];
}): string {
  const entry = entryOf(problems[0].code);
  const body = html`<p class="notice bad"><strong>${entry.title}</strong> (${code(entry.code)}, ${entry.status}). ${entry.remedy}</p>
${table(
  'Details',
  [
    { head: 'Code', cell: (problem) => code(problem.code) },
    { head: 'What', cell: (problem) => problem.detail || entryOf(problem.code).title },
    { head: 'Where', cell: (problem) => (problem.pointer === '' ? 'the whole request' : code(problem.pointer)) },
    { head: 'What to do', cell: (problem) => entryOf(problem.code).remedy },
  ],
  problems,
)}${back !== undefined && html`<p><a class="button" href="${signInUrl(back)}">Sign in again</a></p>\n`}<p><a href="/">To the inbox</a></p>`;
  return layout({ title: entry.status >= 500 ? 'Not now' : 'Not done', viewer, body });
}
