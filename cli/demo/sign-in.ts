// Signs in the way a person does, by following the redirects and posting the forms that are served: the demo has no other way.
import { cookieName } from '../../functions/http/cookie-name.ts';

type PageForm = { readonly action: string; readonly fields: Readonly<Record<string, string>> };

/** The first form of a page of ours, with its hidden fields. Enough for pages we render; not a parser for others. */
export function firstForm(html: string): PageForm | undefined {
  const [, attributes, inside] = /<form\b([^>]*)>(.*?)<\/form>/s.exec(html) ?? [];
  if (attributes === undefined || inside === undefined) return undefined;
  const hidden = [...inside.matchAll(/<input\b([^>]*type="hidden"[^>]*)>/g)].map(([, input = '']): [string, string] => [
    attribute(input, 'name') ?? '',
    attribute(input, 'value') ?? '',
  ]);
  return { action: attribute(attributes, 'action') ?? '', fields: Object.fromEntries(hidden) };
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

function split(cookie: string): [name: string, value: string] {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
  return [name, value];
}

/** A browser's memory for one server: cookies by name, those that expire forgotten. */
export function browser(baseUrl: string, cookie = '') {
  const cookies = new Map(cookie === '' ? [] : [split(cookie)]);
  const cookieHeader = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

  const load = async (path: string, form?: Readonly<Record<string, string>>): Promise<{ response: Response; url: URL }> => {
    let url = new URL(path, baseUrl);
    let body = form;
    for (let hops = 0; hops < 10; hops++) {
      // Cookies of this server go to this server only.
      if (url.origin !== new URL(baseUrl).origin) throw new Error(`sign-in left ${baseUrl} for ${url.origin}`);
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: cookieHeader(), accept: 'text/html', origin: url.origin },
        ...(body ? { method: 'POST', body: new URLSearchParams(body) } : {}),
      });
      for (const line of response.headers.getSetCookie()) {
        const [name, value] = split(line);
        if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) return { response, url };
      await response.body?.cancel();
      url = new URL(location, url);
      body = undefined;
    }
    throw new Error('too many redirects while signing in');
  };
  return { load, cookies };
}

/** Answers the `Cookie` header of a signed-in session; throws when the provider or the console says no. `cookie`: one held before. */
export async function signIn(baseUrl: string, username: string, password: string, cookie = ''): Promise<string> {
  const { load, cookies } = browser(baseUrl, cookie);
  const login = await load('/sign-in/start?next=/sign-in');
  const form = firstForm(await login.response.text());
  if (!form) throw new Error(`no sign-in form at ${login.url.pathname} (${login.response.status})`);
  const { response } = await load(new URL(form.action, login.url).href, { ...form.fields, username, password });
  await response.body?.cancel();
  const name = cookieName('session', baseUrl);
  const session = cookies.get(name);
  if (session === undefined) throw new Error(`${username} could not sign in (${response.status})`);
  return `${name}=${session}`;
}
