// The verifier page in a real browser, from a file, without network. Without a Chromium these are skipped, and `npm test` says so.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as inBrowser from '../../cli/pack/browser/crypto.ts';
import { openPack } from '../../cli/pack/open.ts';
import * as inNode from '../../functions/domain/crypto.ts';
import { packOf, type TestPack } from '../support/audit-pack.ts';
import { violationsOf } from '../support/axe.ts';
import { CHROMIUM, launch } from '../support/chromium.ts';
import { countersign } from '../support/command.ts';
import { flippedAt } from '../support/evidence.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { openWorld, type TestWorld } from '../support/world.ts';

let world: TestWorld;
let pack: TestPack;
const at = (name: string) => join(world.folder, name);

beforeAll(async () => {
  world = await openWorld();
  await promote(world, await manifestAt('scenarios/02-threshold-moved/1-v01.yaml'));
  pack = await packOf(world, await promote(world, await manifestAt('scenarios/02-threshold-moved/2-v03.yaml')));
}, 60_000);
afterAll(() => world.close());

describe('the page and the command', () => {
  it('`countersign verifier` prints the page that a pack holds', async () => {
    const { exit, bytes } = await countersign(['verifier']);
    expect(exit).toBe(0);
    expect(bytes.equals(readFileSync(join(pack.folder, 'verifier.html')))).toBe(true);
  });

  it('the page allows no address of any kind, and names none in what it could load', () => {
    const page = readFileSync(join(pack.folder, 'verifier.html'), 'utf8');
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[A-Za-z0-9+/=]+'; style-src 'unsafe-inline'; img-src data:/,
    );
    expect(page.replace(/<script>[\s\S]*<\/script>/, '')).not.toMatch(/https?:|src=|href=|@import|url\(/);
  });

  it('its cryptography answers as that of Node does', () => {
    const text = 'bytes to hash';
    expect(inBrowser.sha256Hex(text)).toBe(inNode.sha256Hex(text));
    expect(inBrowser.keyIdOf(world.signer.spki)).toBe(world.signer.keyid);
    expect(inBrowser.ed25519PublicOf(world.tlog.signer.spki)).toEqual(
      new Uint8Array(inNode.ed25519PublicOf(world.tlog.signer.spki) ?? []),
    );
    expect(inBrowser.ed25519PublicOf(world.signer.spki)).toBeUndefined();
  });

  it('both signatures verify there as here, and no other does', async () => {
    const bytes = new TextEncoder().encode('signed');
    const signature = await world.signer.sign(bytes);
    const note = await world.tlog.signer.sign(bytes);
    const publicKey = inNode.ed25519PublicOf(world.tlog.signer.spki) ?? new Uint8Array();
    for (const crypto of [inNode, inBrowser]) {
      expect(crypto.verifyP256(world.signer.spki, bytes, signature)).toBe(true);
      expect(crypto.verifyP256(world.signer.spki, bytes, flippedAt(signature, -1))).toBe(false);
      expect(crypto.verifyP256(world.tlog.signer.spki, bytes, signature)).toBe(false);
      expect(crypto.verifyP256('no key', bytes, signature)).toBe(false);
      expect(crypto.verifyEd25519(publicKey, bytes, note)).toBe(true);
      expect(crypto.verifyEd25519(publicKey, bytes, flippedAt(note, 3))).toBe(false);
      expect(crypto.verifyEd25519(Uint8Array.of(1), bytes, note)).toBe(false);
    }
  });

  it('a pack made here opens, and its recipe agrees', async () => {
    expect((await openPack(pack.zip)).ok).toBe(true);
    expect(spawnSync('sh', ['verify.sh', pack.trust], { cwd: pack.folder }).status).toBe(0);
  });
});

describe.skipIf(CHROMIUM === undefined)('the verifier page in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser;
  const wrong: string[] = [];
  const asked: string[] = [];

  async function opened(): Promise<Page> {
    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    page.on('request', (request) => void asked.push(request.url()));
    page.on('pageerror', (error) => void wrong.push(error.message));
    page.on('console', (line) => void (line.type() === 'error' && wrong.push(line.text())));
    await page.goto(`file://${join(pack.folder, 'verifier.html')}`);
    return page;
  }
  const give = async (page: Page, files: string | string[], trust = pack.trust) => {
    await page.setInputFiles('#pack', files);
    await page.setInputFiles('#trust', trust);
    const answer = () => page.locator('#answer').textContent();
    await expect.poll(answer, { timeout: 20_000 }).not.toMatch(/Waiting|Checking/);
    return answer();
  };

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('verifies a pack, says each check with its reason, and shows the screen in a frame that can do nothing', async () => {
    const page = await opened();
    expect(await give(page, pack.zip)).toBe(`Verifies: ${pack.event}`);
    const told = await page.locator('#checks tbody tr').allInnerTexts();
    const command = await countersign(['verify', pack.zip, '--trust', pack.trust, '--json']);
    const checks = (JSON.parse(command.out) as { checks: { name: string; detail: string }[] }).checks;
    expect(told).toEqual(checks.map(({ name, detail }) => `${name}\tyes\t${detail}`));
    const frame = page.frameLocator('#screen');
    expect(await frame.locator('h1').first().textContent()).not.toBe('');
    expect(await page.getAttribute('#screen', 'sandbox')).toBe('');
    expect(await page.locator('#unproven li').count()).toBeGreaterThan(3);
    for (const width of [320, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    }
  });

  it('refuses a flipped byte and names what broke, and another trust', async () => {
    const bytes = readFileSync(pack.zip);
    const [vote = ''] = readdirSync(join(pack.folder, 'votes'));
    writeFileSync(at('flipped.zip'), flippedAt(bytes, bytes.indexOf(`votes/${vote}{`) + 200));
    expect(await give(await opened(), at('flipped.zip'))).toMatch(
      /^Does not verify: votes\/[0-9a-f]+\.json: its header or its bytes/,
    );
    const trust = JSON.parse(readFileSync(pack.trust, 'utf8'));
    writeFileSync(at('other.json'), JSON.stringify({ ...trust, keys: [] }));
    const page = await opened();
    expect(await give(page, pack.zip, at('other.json'))).toMatch(/^Does not verify/);
    expect(await page.locator('#checks td.no').count()).toBeGreaterThan(0);
    expect(await page.isHidden('#shown')).toBe(true);
    writeFileSync(at('broken.json'), '{');
    expect(await give(await opened(), pack.zip, at('broken.json'))).toMatch(/^Cannot tell: the trust file does not read/);
  });

  it('is usable by keyboard and by a screen reader', async () => {
    // Its own policy forbids the script that looks; for this look alone a copy without policy is opened.
    const page = await browser.newPage();
    const text = readFileSync(join(pack.folder, 'verifier.html'), 'utf8').replace(/<meta http-equiv[^>]*>/, '');
    writeFileSync(at('copy.html'), text);
    await page.goto(`file://${at('copy.html')}`);
    await give(page, pack.zip);
    expect(await violationsOf(page)).toEqual([]);
  });

  it('asked for nothing but itself, and logged no error', () => {
    expect(asked.filter((url) => !/^(file|about|data):/.test(url))).toEqual([]);
    expect(wrong).toEqual([]);
  });
});
