import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Account } from './passwords.ts';

/** Says how the person proved who they are; sealed with the vote, so it says itself that it is a sample. */
export const SAMPLE_ACR = 'urn:countersign:acr:sample-password';

const MAX_FORM_BYTES = 4096;

const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** One plain page, no script. `body` is HTML already. */
export function providerPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}
label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}input,button{padding:.5rem;margin:.25rem 0 1rem}
[role=alert]{border-left:.3rem solid #a00;padding-left:.6rem}</style></head>
<body><main><h1>${escaped(title)}</h1>${body}</main></body></html>
`;
}

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const;

const SAMPLE_NOTE =
  '<p>This provider knows sample people only. Their sample passwords were printed when the server started.</p>';

// One sentence for every cause, so that it does not tell which names exist.
const FAILED =
  '<p role="alert">That did not work: the name or the password is not right, or there were too many attempts. Wait a minute after five.</p>';

const form = (failed: boolean) => `${failed ? FAILED : ''}${SAMPLE_NOTE}
<form method="post">
<label for="username">User name</label><input id="username" name="username" autocomplete="username" required autofocus>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button></form>`;

function send(res: ServerResponse, status: number, title: string, body: string): void {
  res.writeHead(status, PAGE_HEADERS).end(providerPage(title, body));
}

async function fieldsOf(req: IncomingMessage): Promise<URLSearchParams | undefined> {
  let text = '';
  for await (const chunk of req) {
    text += String(chunk);
    if (text.length > MAX_FORM_BYTES) return undefined;
  }
  return new URLSearchParams(text);
}

type LoginOptions = {
  readonly provider: Provider;
  readonly check: (username: string, password: string) => Promise<Account | undefined>;
  /** A failure waits this long, on top of the hash. */
  readonly failureDelayMs: number;
};

/** GET shows the form, POST checks it. The signed interaction cookie, bound to this path, ties both to one browser. */
export function loginPage({ provider, check, failureDelayMs }: LoginOptions) {
  return async (req: IncomingMessage, res: ServerResponse, uid: string): Promise<void> => {
    const interaction = await provider.interactionDetails(req, res).catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) return undefined; // no cookie, or too late: the person starts again
      throw error;
    });
    if (interaction?.uid !== uid || interaction.prompt.name !== 'login') {
      return send(
        res,
        400,
        'Start again',
        '<p>This sign-in is over or belongs to another browser. <a href="/sign-in">Start again</a>.</p>',
      );
    }
    if (req.method === 'GET') return send(res, 200, 'Sign in', form(false));
    if (req.method !== 'POST') return send(res, 405, 'Not allowed', '');
    const fields = await fieldsOf(req);
    if (!fields) return send(res, 413, 'Too large', '');
    const account = await check(fields.get('username') ?? '', fields.get('password') ?? '');
    if (!account) {
      await new Promise((resolve) => setTimeout(resolve, failureDelayMs));
      return send(res, 401, 'Sign in', form(true));
    }
    // Not remembered: the cookie goes with the browser, and the console asks for the password at each sign-in anyway.
    const login = { accountId: account.sub, acr: SAMPLE_ACR, amr: ['pwd'], remember: false };
    await provider.interactionFinished(req, res, { login }, { mergeWithLastSubmission: false });
  };
}
