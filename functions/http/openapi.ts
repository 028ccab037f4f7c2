import { Hono } from 'hono';
import { openApi } from './openapi/document.ts';

/** The API described for tools; the same for everybody, so no sign-in is asked for. */
export function openApiRoutes(): Hono {
  const app = new Hono();
  let text: string | undefined;
  app.get('/openapi.json', (c) => {
    text ??= JSON.stringify(openApi());
    return c.body(text, 200, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
  });
  return app;
}
