// `npm run screenshots -- --out DIR`: every page of a fresh demo server at three widths, and one sheet to look at them all.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { byHand } from '../../cli/commands/freeze.ts';
import { CHROMIUM, contextFor, launch, NO_CHROMIUM } from '../support/chromium.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Shown, setStage } from '../support/stage.ts';
import { contactSheet } from './contact-sheet.ts';

/** A phone of the smallest kind still in use (and a desktop at 400 %, WCAG 1.4.10), a tablet, a desktop. */
const WIDTHS = [320, 768, 1440] as const;
/** A longer page is cut: what is below looks like what is above. */
const TALLEST = 6000;

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function pictures(browser: Browser, server: TestServer, shown: readonly Shown[], out: string): Promise<void> {
  for (const one of shown) {
    const cookie = one.person === undefined ? undefined : (await server.as(one.person)).cookie;
    const context = await contextFor(browser, server.baseUrl, cookie);
    const page = await context.newPage();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(one.path);
      // The frame is loaded with the page; the browser's own hash of it comes a moment later.
      if ((await page.locator('[data-match]').count()) > 0) await page.getByText(/^(Match|MISMATCH):/).waitFor();
      // In a picture taller than the window the browser sometimes leaves a frame blank that people see: so it has one of its own.
      for (const frame of await page.locator('iframe').all()) {
        await frame.scrollIntoViewIfNeeded();
        await page.screenshot({ path: join(out, `${one.name}-${width}-frame.png`) });
      }
      await page.evaluate('scrollTo(0, 0)');
      const height = await page.evaluate('document.documentElement.scrollHeight');
      const clip = { x: 0, y: 0, width, height: Math.min(Number(height), TALLEST) };
      await page.screenshot({ path: join(out, `${one.name}-${width}.png`), fullPage: true, clip });
    }
    await context.close();
    say(one.name);
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, only: { type: 'string' } } });
  if (values.out === undefined || CHROMIUM === undefined) {
    say(values.out === undefined ? 'Usage: npm run screenshots -- --out DIR [--only NAME]' : NO_CHROMIUM);
    return 1;
  }
  const out = resolve(values.out);
  await mkdir(out, { recursive: true });
  const server = await startTestServer();
  const browser = await launch();
  try {
    const empty: Shown = { name: 'inbox-empty', person: 'alice', path: '/' };
    const wanted = ({ name }: Shown) => values.only === undefined || name.includes(values.only);
    await pictures(browser, server, [empty].filter(wanted), out);
    const { pages } = await setStage(server);
    await pictures(browser, server, pages.filter(wanted), out);
    // Last: nothing is decided on a frozen server.
    await byHand('freeze', { data: server.data, reason: 'The disk is being replaced.', json: true });
    const frozen = ['/', pages.find(({ name }) => name === 'request-to-decide')?.path ?? '/'];
    const banners = frozen.map((path, i): Shown => ({ name: `frozen-${i + 1}`, person: 'alice', path }));
    await pictures(browser, server, banners.filter(wanted), out);
    await writeFile(join(out, 'index.html'), contactSheet([empty, ...pages, ...banners].filter(wanted), WIDTHS));
    say(`${join(out, 'index.html')} shows them all`);
  } finally {
    await browser.close();
    await server.stop();
  }
  return 0;
}

process.exitCode = await main();
