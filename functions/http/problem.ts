import type { Context } from 'hono';
import { entryOf, InfrastructureError } from '../domain/errors.ts';
import { type Problem, problem } from '../domain/result.ts';
import { pageHeaders } from './pages/headers.ts';
import { signInUrl, type Viewer } from './pages/layout.ts';
import { problemPage } from './pages/plain.ts';
import { sessionOf, viewerOf } from './session.ts';

/** Problems that reach nobody's ears are the most urgent: the most severe status of the list wins. */
const worst = (problems: readonly Problem[]): Problem => {
  const [first, ...rest] = problems;
  if (first === undefined) return problem('INTERNAL', '', 'refused without a reason');
  return rest.reduce((a, b) => (RANK.indexOf(entryOf(b.code).status) < RANK.indexOf(entryOf(a.code).status) ? b : a), first);
};

/** First what the sender must mend before anything else makes sense. */
const RANK = [500, 503, 401, 413, 410, 403, 409, 404, 422];

export const wantsPage = (c: Context): boolean => (c.req.header('accept') ?? '').includes('text/html');

/** Who is signed in keeps the way to the other pages, also where something is refused. */
function viewerAt(c: Context): Viewer | null {
  const session = sessionOf(c);
  return session === undefined ? null : viewerOf(session);
}

/** RFC 9457 problem details with the catalogue's codes; a page for browsers. All problems at once. */
export function refusal(
  c: Context,
  problems: readonly Problem[],
  extra: Record<string, unknown> = {},
  viewer: Viewer | null = viewerAt(c),
): Response {
  const first = worst(problems);
  const { code, status, title, remedy } = entryOf(first.code);
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  // 401 is uniform: whoever probes learns nothing from it.
  // A sign-in that is only too old says so (RFC 9470), and leads to a fresh one and back to the page above the form.
  const stale = code === 'STEP_UP_REQUIRED';
  const back = stale ? c.req.path.replace(/\/[^/]*$/, '') : undefined;
  if (status === 401) headers['www-authenticate'] = stale ? 'Bearer error="insufficient_user_authentication"' : 'Bearer';
  if (wantsPage(c)) {
    c.set('problems', problems);
    return new Response(problemPage({ viewer, problems: [first, ...problems.filter((one) => one !== first)], back }), {
      status,
      headers: { ...headers, ...pageHeaders(c.get('providerOrigin')) },
    });
  }
  const body = {
    type: `https://countersign.dev/errors#${code}`,
    title,
    status,
    detail: first.detail,
    remedy,
    code,
    problems,
    ...(back === undefined ? {} : { signIn: signInUrl(back) }),
    ...extra,
  };
  return new Response(JSON.stringify(body), { status, headers: { ...headers, 'content-type': 'application/problem+json' } });
}

/** A thrown fault in the same form: infrastructure says 503 and "treat as refused", a bug says 500 and nothing of itself. */
export function problemOfError(error: unknown): Problem {
  if (!(error instanceof InfrastructureError)) return problem('INTERNAL', '', 'see the log under this request id');
  return error.code === 'CANNOT_TELL'
    ? problem('CANNOT_TELL', '', 'the evidence store did not answer; nothing was decided')
    : problem(error.code, '', 'nothing was sealed; what was decided is kept and is sealed afterwards');
}
