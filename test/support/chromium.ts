// A real browser for the tests of the pages and for the screenshots: the machine's own Chromium, driven over its debugging
// protocol. Nothing is downloaded; where there is none, whoever needs it says so.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** What CHROMIUM names is taken as it is: a wrong name must fail, not fall back on another browser. */
export const CHROMIUM: string | undefined = process.env['CHROMIUM'] || USUAL.find((path) => existsSync(path));

export const NO_CHROMIUM =
  'no Chromium was found: `sudo apt-get install chromium` on Debian, or set CHROMIUM to the path of a Chromium or Chrome';

/** `--no-sandbox`: Chromium's own sandbox does not start as root, as in most containers. It only ever opens our own pages. */
export function launch(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** One person's browser. A page that never comes is known after ten seconds. */
export async function contextFor(browser: Browser, baseUrl: string, cookie?: string): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: baseUrl, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' });
  context.setDefaultTimeout(10_000);
  const [name, value] = cookie?.split('=') ?? [];
  if (name !== undefined && value !== undefined) await context.addCookies([{ name, value, url: baseUrl }]);
  return context;
}
