/** Routes for browsers, as hono has them: what they answer is a page, a frozen screen, a redirect or a file of the pages. */
export const PAGE_ROUTES: ReadonlySet<string> = new Set([
  'GET /',
  'GET /requests/:id',
  'GET /requests/:id/screen',
  'GET /requests/:id/receipt',
  'POST /requests/:id/rationale',
  'POST /requests/:id/votes',
  'GET /events/:hash',
  'GET /rules',
  'GET /rules/:code{[A-Z]{3}-[0-9]{3}}',
  'GET /acts/:id/screen',
  'POST /policy/proposals',
  'POST /policy/proposals/:id/confirm',
  'GET /sign-in',
  'GET /sign-in/start',
  'GET /callback',
  'POST /sign-out',
]);
