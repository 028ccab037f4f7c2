// A refused form keeps the words that were typed into it, and nothing that was chosen or ticked.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appOf, type TestApp } from '../../support/app.ts';
import { LINE, OWNER, twoVersions } from '../../support/brakes.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let app: TestApp;
beforeEach(async () => {
  world = await openWorld();
  app = appOf(world);
  await twoVersions(world);
});
afterEach(() => world.close());

// Refused for its mail address; the rest would end the field, or run.
const WORDS = 'Ask ann@example.com </textarea><script>alert(1)</script> & "now".\nSecond line.';
const KEPT = 'Ask ann@example.com &lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;now&quot;.\nSecond line.';

const refused = async (path: string, form: Record<string, string>, csrf?: string) => {
  const answer = await app.as(OWNER).post(path, form, csrf, 'text/html');
  return { status: answer.status, page: await answer.text() };
};

it.each([
  ['suspension', { state: 'suspended', reason: WORDS }],
  ['rollback', { to: 'nothing', reason: WORDS }],
])('R46 %s: the page with the form comes back, the refusal above it', async (act, form) => {
  const { status, page } = await refused(`/lines/${LINE}/sandbox/${act}`, form);
  expect(status).toBe(422);
  expect(page).not.toContain('<script>alert');
  expect(page).toContain('What you wrote is kept below');
  expect(page.indexOf('role="alert"')).toBeLessThan(page.indexOf(KEPT));
  expect(page.split(KEPT), 'in its own form only').toHaveLength(2);
  expect(page).toMatch(new RegExp(`action="/lines/${LINE}/sandbox/${act}"`));
});

it('a form that is no longer there, or not of this session: the words at least', async () => {
  const gone = await refused(`/lines/${LINE}/sandbox/archive`, { reason: WORDS, from: 'nothing' });
  expect(gone.page).toContain('<h2>What you wrote</h2>');
  expect(gone.page).toContain(KEPT);
  const elsewhere = await app.ask(`/lines/${LINE}/sandbox/suspension`, {
    method: 'POST',
    headers: { origin: 'https://elsewhere.example', accept: 'text/html' },
    body: new URLSearchParams({ reason: WORDS }),
  });
  expect(await elsewhere.text(), 'another site puts no words on our page').not.toContain('ann@');
});
