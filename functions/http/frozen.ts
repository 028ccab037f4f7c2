// While the evidence store is frozen (R23): what would start or decide a deployment is 503, what people say is still taken, and
// every page says so, since when and until when.
import type { MiddlewareHandler } from 'hono';
import { html } from '../approve/screen/markup.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { frozenProblem, type Warden } from '../health.ts';
import { refusal } from './problem.ts';

/** Beside these: votes, rationales, consents, drift, suspensions, revocations and break-glass are taken if the store takes them. */
const STARTS: readonly RegExp[] = [
  /^\/requests$/,
  /^\/requests\/[^/]+\/(?:let-pass|withdraw)$/,
  /^\/lines\/[^/]+\/[^/]+\/(?:archive|rollback)$/,
  /^\/policy\//,
];

export const whileFrozen =
  (world: { readonly health?: Warden }): MiddlewareHandler =>
  async (c, next) => {
    const starts = c.req.method === 'POST' && STARTS.some((path) => path.test(c.req.path));
    // Where nobody can tell whether it is frozen nothing starts, and everything can still be read.
    const frozen = await frozenProblem(world).catch((error) => {
      if (starts || !(error instanceof InfrastructureError)) throw error;
      return undefined;
    });
    if (frozen === undefined) return next();
    if (starts) return refusal(c, [frozen]);
    await next();
    if (!c.res.headers.get('content-type')?.startsWith('text/html')) return;
    const page = await c.res.text();
    const banner = html`<p class="notice bad" role="status"><strong>Frozen</strong> ${frozen.detail.replace(/[^.!?]$/, '$&.')} Nothing is decided now; votes are kept.</p>`;
    // Only our own pages have a place for it: a frozen screen is sealed bytes and stays as it is.
    c.res = new Response(page.replace(/(<main id="main"[^>]*>\n)(?=<h1>)/, `$1${String(banner)}\n`), c.res);
  };
