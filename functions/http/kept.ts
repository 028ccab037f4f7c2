// A refused form loses nothing that somebody wrote: its page comes back with the refusal above it and the text in it.
// A choice and a tick are not kept: each is made again, knowing of the refusal (R46).
import type { Context, MiddlewareHandler } from 'hono';
import { code, type Html, html, said } from '../approve/screen/markup.ts';
import { entryOf } from '../domain/errors.ts';
import type { Problem } from '../domain/result.ts';
import { wantsPage } from './problem.ts';
import { isOurs, sessionOf } from './session.ts';

type Load = (path: string, headers: Headers) => Promise<Response>;
type Typed = readonly (readonly [name: string, text: string])[];

/** What a form of ours carries beside the words of a person. */
const NOT_WORDS = /^(?:csrf|nonce|screen|choice|state|confirm|to|event|criterion\..*)$/;

export const keepTyped =
  (baseUrl: string, load: Load): MiddlewareHandler =>
  async (c, next) => {
    await next();
    if (c.req.method !== 'POST' || c.res.status < 400 || c.res.status === 413 || !wantsPage(c)) return;
    if (!/^application\/x-www-form-urlencoded/.test(c.req.header('content-type') ?? '') || !isOurs(c, baseUrl)) return;
    const typed = await typedIn(c);
    if (typed.length === 0) return;
    const problems = (c.get('problems') ?? []) as readonly Problem[];
    const page = sessionOf(c) && (await pageWithForm(c, load));
    const told = page ? withRefusal(page, c.req.path, typed, problems) : withWords(await c.res.text(), typed);
    c.res = new Response(told, { status: c.res.status, headers: c.res.headers });
  };

async function typedIn(c: Context): Promise<Typed> {
  const fields = Object.entries(await c.req.parseBody());
  return fields.flatMap(([name, text]) =>
    typeof text === 'string' && text.trim() !== '' && !NOT_WORDS.test(name) ? [[name, text] as const] : [],
  );
}

/** The page whose form this was: where the browser says it came from, else the page above it. */
async function pageWithForm(c: Context, load: Load): Promise<string | undefined> {
  const above = c.req.path.replace(/\/[^/]+$/, '');
  const from = c.req.header('referer');
  const cameFrom = from !== undefined && URL.canParse(from) ? [new URL(from).pathname] : [];
  const headers = new Headers(c.req.raw.headers);
  for (const name of ['content-type', 'content-length', 'origin']) headers.delete(name);
  headers.set('accept', 'text/html');
  for (const path of new Set([...cameFrom, above, `${above}/ledger`])) {
    const page = await load(path, headers);
    const text = page.status === 200 ? await page.text() : '';
    if (text.includes(opening(c.req.path))) return text;
  }
  return undefined;
}

const opening = (path: string): string => html`<form method="post" action="${path}"`.toString();

function withRefusal(page: string, path: string, typed: Typed, problems: readonly Problem[]): string {
  const start = page.indexOf(opening(path));
  const end = page.indexOf('</form>', start);
  const form = typed.reduce(filled, page.slice(start, end));
  return `${page.slice(0, start)}${refusalOf(problems)}${form}${page.slice(end)}`;
}

function lineOf({ code: named, detail }: Problem): Html {
  const { title, remedy } = entryOf(named);
  return html`<li>${code(named)} ${detail || title}. ${remedy}</li>`;
}

const refusalOf = (problems: readonly Problem[]): Html => html`<div class="notice bad" role="alert">
<p><strong>Not done.</strong> What you wrote is kept below; choose and tick again.</p>
<ul>${problems.map(lineOf)}</ul></div>
`;

/** Into the one field of that name; a line break after the tag is not part of its text (HTML §13.1.2.5). */
function filled(form: string, [name, text]: Typed[number]): string {
  const escaped = html`${text}`.toString();
  const named = ` name="${html`${name}`}"`;
  return form
    .split(/(<textarea[^>]*>|<input[^>]*type="text"[^>]*>)/)
    .map((part) => {
      if (!part.includes(named)) return part;
      return part.startsWith('<textarea') ? `${part}\n${escaped}` : part.replace(/>$/, () => ` value="${escaped}">`);
    })
    .join('');
}

/** The form is gone, or nobody is signed in any more: the words at least, to be copied. */
const withWords = (page: string, typed: Typed): string =>
  page.replace('</main>', () =>
    html`<h2>What you wrote</h2>
<p>Nothing of it was stored. Copy it before you leave this page.</p>
${typed.map(([name, text]) => html`<h3>${name}</h3>${said(text)}`)}</main>`.toString(),
  );
