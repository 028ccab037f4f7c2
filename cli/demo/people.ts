// The sample people of the demo, acting through the same pages and forms as anybody.
import { browser, signIn } from './sign-in.ts';

/** Erin writes why; the others decide. Roles are the identity provider's to say, not ours. */
const WRITER = 'erin';
const DECIDERS = ['alice', 'bob', 'carol', 'dave'] as const;

export class People {
  readonly #baseUrl: string;
  readonly #sessions = new Map<string, Promise<string>>();

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  async writeRationale(requestId: string, model: string): Promise<void> {
    const page = await this.#browser(WRITER);
    const form = formOf(await text(page, `/requests/${requestId}`), `/requests/${requestId}/rationale`);
    if (!form) throw new Error(`no rationale form for ${requestId}`);
    await posted(page, form.action, {
      ...form.fields,
      text: `${model} was trained by the scheduled pipeline on the named slices; this is the example's own statement of why it should run.`,
      scope: 'The sandbox of the German credit example, nothing else',
      intendedUse: 'Trying out approval paths on public data',
      limitations: 'A thousand rows of 1994, partly miscoded; no statement about people can be drawn from them',
    });
  }

  /** Those who are still asked read the screen, tick what fired, and approve. Answers how many decided. */
  async approve(requestId: string): Promise<number> {
    let decided = 0;
    for (const person of DECIDERS) {
      const page = await this.#browser(person);
      const html = await text(page, `/requests/${requestId}`);
      const form = formOf(html, `/requests/${requestId}/votes`);
      if (!form) continue;
      await text(page, `/requests/${requestId}/screen`);
      const ticks = [...html.matchAll(/name="(criterion\.[A-Z]{3}-\d{3})"/g)].map(([, name = '']): [string, string] => [
        name,
        'checked',
      ]);
      const said = { choice: 'approve', rationale: 'I read the screen and checked every rule that fired.', conditions: '' };
      await posted(page, form.action, { ...form.fields, ...Object.fromEntries(ticks), ...said });
      decided++;
    }
    return decided;
  }

  async #browser(person: string) {
    const session = this.#sessions.get(person) ?? signIn(this.#baseUrl, person, `sample-password-${person}`);
    this.#sessions.set(person, session);
    return browser(this.#baseUrl, await session);
  }
}

type Page = ReturnType<typeof browser>;

async function text(page: Page, path: string): Promise<string> {
  const { response } = await page.load(path);
  const body = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${body.replace(/<[^>]*>/g, ' ').slice(0, 300)}`);
  return body;
}

async function posted(page: Page, path: string, fields: Record<string, string>): Promise<void> {
  const { response } = await page.load(path, fields);
  if (!response.ok)
    throw new Error(`${path} answered ${response.status}: ${(await response.text()).replace(/<[^>]*>/g, ' ').slice(0, 600)}`);
}

/** The form with this action, with its hidden fields; undefined when the page does not offer it. */
function formOf(html: string, action: string): { action: string; fields: Record<string, string> } | undefined {
  const start = html.indexOf(`action="${action}"`);
  if (start < 0) return undefined;
  const form = html.slice(start, html.indexOf('</form>', start));
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return { action, fields: Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value])) };
}
