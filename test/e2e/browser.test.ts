// The pages of a real server in a real browser. Without a Chromium these are skipped, and `npm test` says so in its last lines.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violationsOf } from '../support/axe.ts';
import { CHROMIUM, contextFor, launch } from '../support/chromium.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Shown, type Stage, setStage } from '../support/stage.ts';

let server: TestServer;
let browser: Browser;
let stage: Stage;
const contexts = new Map<string, Promise<BrowserContext>>();

/** A new tab of somebody's browser; everybody has one browser of their own. */
async function tab(person = 'nobody', path?: string): Promise<Page> {
  const cookie = person === 'nobody' ? undefined : (await server.as(person)).cookie;
  const context = contexts.get(person) ?? contextFor(browser, server.baseUrl, cookie);
  contexts.set(person, context);
  const page = await (await context).newPage();
  if (path !== undefined) await page.goto(path);
  return page;
}

/** A sandboxed page runs no script at all, axe included. For this look alone its frame's word `sandbox` is taken off on the way. */
const awaken = (page: Page) =>
  page.route(/\/screen$/, async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/; sandbox$/);
    await route.fulfill({ response, headers: { ...headers, 'content-security-policy': policy.replace('; sandbox', '') } });
  });

const pathOf = (page: Page): string => new URL(page.url()).pathname;
const votesOn = async (id: string) =>
  ((await (await server.client.fetch(`/requests/${id}/status`)).json()) as { votes: number }).votes;

async function wrongIn({ name, person, path, status = 200 }: Shown): Promise<string[]> {
  const wrong: string[] = [];
  const page = await tab(person);
  await awaken(page);
  page.on('pageerror', (error) => void wrong.push(`${name}: ${error.message}`));
  page.on('console', (line) => {
    const expected = status >= 400 && line.text().includes(`status of ${status}`);
    if (line.type() === 'error' && !expected) wrong.push(`${name}: ${line.text()}`);
  });
  expect([name, (await page.goto(path))?.status()]).toEqual([name, status]);
  for (const width of [320, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (over !== 0) wrong.push(`${name} at ${width}: ${over} pixels wider than the window`);
    wrong.push(...(await violationsOf(page)).map((text) => `${name} at ${width}: ${text}`));
  }
  await page.close();
  return wrong;
}

describe.skipIf(CHROMIUM === undefined)('pages in Chromium', () => {
  beforeAll(async () => {
    server = await startTestServer();
    [stage, browser] = await Promise.all([setStage(server), launch()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('are accessible at 320 and 1440 pixels, never wider than the window, and log no error', async () => {
    const queue = stage.pages.filter(({ variant }) => variant === undefined);
    const wrong: string[] = [];
    const look = async () => {
      for (let one = queue.pop(); one !== undefined; one = queue.pop()) wrong.push(...(await wrongIn(one)));
    };
    await Promise.all([look(), look(), look()]);
    expect(wrong).toEqual([]);
  }, 120_000);

  it('run no script but their own', async () => {
    const page = await tab('alice', '/');
    await page.evaluate(`const inline = document.createElement('script');
      inline.textContent = 'document.title = "ran"'; document.head.append(inline)`);
    expect(await page.title()).toContain('Inbox');
  });

  it('lead to the provider, whose own form asks the password, and back to where one wanted to go', async () => {
    const page = await tab('nobody', `/requests/${stage.voting}`);
    await page.getByRole('link', { name: 'Sign in with the identity provider' }).click();
    await page.getByLabel('User name').fill('dave');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('User name').fill('dave');
    await page.getByLabel('Password').fill('sample-password-dave');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Dave Sample').waitFor();
    expect(pathOf(page)).toBe(`/requests/${stage.voting}`);

    await page.getByRole('button', { name: 'Sign out' }).click();
    // The provider knows the person too, and asks on a page of its own.
    const provider = page.getByRole('button', { name: 'Sign out here too' });
    await provider.waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await provider.click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    // What was on the screen before is not to be had again.
    await page.goto(`/requests/${stage.voting}`);
    expect(pathOf(page)).toBe('/sign-in');
  });

  it('R46 take a rationale in words, and the screen appears in its frame', async () => {
    const page = await tab('erin', `/requests/${stage.unexplained}`);
    const send = page.getByRole('button', { name: 'Send the rationale' });
    await send.click();
    expect(await page.locator('textarea:invalid').count()).toBe(4);
    const words = 'Trained by the scheduled pipeline; nothing is active on this line yet.';
    for (const area of await page.getByRole('textbox').all()) await area.fill(words);
    await send.click();
    await page.getByText('waits for decisions').first().waitFor();
    await page.frameLocator('iframe').getByText(words).first().waitFor();
  });

  it('R57 show the frozen screen in a frame without script, and whose hash this browser computed', async () => {
    const page = await tab('alice', '/');
    await page.locator(`a[href="/requests/${stage.voting}"]`).click();
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
    const screen = page.frameLocator('iframe');
    await screen.getByRole('heading', { level: 1, name: /^german-credit-pd .* into sandbox$/ }).waitFor();
    await screen.getByRole('heading', { name: /^MET-002 Worse for a protected segment/ }).waitFor();
    await page.getByText('Match: this browser computed the same hash').waitFor();
    await page.close();
  });

  it('R13 R57 a double click on a decision is one vote, and the way back shows it as made', async () => {
    const page = await tab('alice', `/requests/${stage.voting}`);
    let posted = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST') posted++;
    });
    await page.getByRole('radio', { name: 'Approve' }).check();
    await page.getByRole('button', { name: 'Decide' }).click();
    // Not every rule is ticked: the browser itself says so, and nothing is asked to confirm.
    expect(await page.locator('input:invalid').count()).toBe(1);
    await page.getByRole('checkbox', { name: /^MET-002/ }).check();
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByText('Approve: “I approve this promotion').waitFor();
    expect(posted).toBe(0);
    await page.getByRole('button', { name: 'Yes, send it' }).dblclick();
    await page.getByRole('heading', { name: 'Receipt' }).waitFor();
    expect(posted).toBe(1);
    expect(await votesOn(stage.voting)).toBe(1);

    await page.goBack();
    await page.getByText('You decided: approve').waitFor();
    expect(await page.getByRole('button', { name: 'Decide' }).count()).toBe(0);
  });

  it('R13 work without the script; a double click is one vote there too', async () => {
    const { cookie } = await server.as('carol');
    const [name = '', value = ''] = cookie.split('=');
    const context = await browser.newContext({ baseURL: server.baseUrl, javaScriptEnabled: false });
    await context.addCookies([{ name, value, url: server.baseUrl }]);
    const page = await context.newPage();
    await page.goto(`/requests/${stage.voting}`);
    await page.getByRole('radio', { name: 'Abstain' }).check();
    await page.getByRole('checkbox', { name: /and this is my decision/ }).check();
    await page.getByRole('button', { name: 'Decide' }).dblclick();
    await page.getByRole('heading', { name: 'Receipt' }).waitFor();
    expect(await votesOn(stage.voting)).toBe(2);
    await context.close();
  });

  it('R13 in a second tab the first answer stands: the same one again is the receipt, another is told kindly', async () => {
    const path = `/requests/${stage.voting}`;
    const tabs = [await tab('bob', path), await tab('bob', path), await tab('bob', path)] as const;
    const decide = async (page: Page, choice: string) => {
      await page.getByRole('radio', { name: choice }).check();
      await page.getByRole('button', { name: 'Decide' }).click();
      await page.getByRole('button', { name: 'Yes, send it' }).click();
    };
    await decide(tabs[0], 'Recuse myself');
    await tabs[0].getByRole('heading', { name: 'Receipt' }).waitFor();
    const first = await tabs[0].locator('main').textContent();
    await decide(tabs[1], 'Recuse myself');
    await tabs[1].getByRole('heading', { name: 'Receipt' }).waitFor();
    expect(await tabs[1].locator('main').textContent()).toBe(first);

    const answer = tabs[2].waitForResponse((response) => response.request().method() === 'POST');
    await decide(tabs[2], 'Abstain');
    expect((await answer).status()).toBe(409);
    await tabs[2].getByText(/your answer of .* was recuse; it stands/).waitFor();
    await tabs[2].getByRole('link', { name: 'Inbox', exact: true }).waitFor();
    expect(await votesOn(stage.voting)).toBe(3);
  });

  it('R52 find rules by what they look at and ask for, by an address that can be passed on', async () => {
    const page = await tab('alice', '/rules');
    const all = await page.locator('tbody tr').count();
    await page.getByLabel('About').selectOption({ label: 'Population' });
    await page.getByLabel('Asks for').selectOption('reviewer');
    await page.getByRole('button', { name: 'Find rules' }).click();
    await page.getByText(`of ${all} rules.`).waitFor();
    const found = await page.locator('tbody tr').allTextContents();
    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((row) => !/^POP-\d{3} .*reviewer/s.test(row))).toEqual([]);
    const again = await tab('alice', page.url());
    expect(await again.locator('tbody tr').count()).toBe(found.length);
  });
});
