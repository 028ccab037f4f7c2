// The page of rules of a real server, after three promotions: its counts are those of the store.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuleCounts } from '../../functions/http/rule-counts.ts';
import type { Vault } from '../../functions/ports.ts';
import { valueText } from '../../functions/route/rule-text.ts';
import { committedPack } from '../support/pack.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { approved, startTestServer, type TestServer } from '../support/server.ts';
import { openWorld } from '../support/world.ts';

describe('R52 the rule book page', () => {
  let server: TestServer;
  let fired: Record<string, number>;
  beforeAll(async () => {
    server = await startTestServer();
    // Two sealed by people, one left waiting for them.
    const folder = 'scenarios/08-population-psi';
    const first = await approved(server, `${folder}/1-v01.yaml`);
    const second = await server.announced(`${folder}/2-v08.yaml`);
    const other = await approved(server, 'scenarios/12-no-incumbent/1-v01.yaml');
    fired = {};
    for (const { status } of [first, second, other]) {
      const { findings } = status as unknown as { findings: { code: string }[] };
      for (const code of new Set(findings.map((one) => one.code))) fired[code] = (fired[code] ?? 0) + 1;
    }
  }, 120_000);
  afterAll(() => server?.stop());

  it('counts what is sealed and what is open, once per promotion and rule', async () => {
    const page = await (await server.as('alice')).get('/rules?full=yes');
    expect(page.status).toBe(200);
    const html = await page.text();
    const today = new Date().toISOString().slice(0, 10);
    expect(Object.keys(fired).sort()).toEqual(['HIS-001', 'POP-002']);
    expect(fired).toEqual({ 'HIS-001': 2, 'POP-002': 1 });
    expect(html).toContain('Counted over 2 sealed and 1 open promotions');
    const entryOf = (code: string) => html.slice(html.indexOf(`<h3 id="${code}">`)).split('<h3')[1] ?? '';
    expect(entryOf('HIS-001')).toContain(`in 2 promotions, last on ${today}`);
    expect(entryOf('POP-002')).toContain(`in 1 promotion, last on ${today}`);
    expect(entryOf('POP-003')).toContain('<dt>Fired</dt><dd>never</dd>');
    const rule = committedPack().rules.get('POP-002');
    const [figure] = rule?.figures ?? [];
    expect(entryOf('POP-002')).toContain(`<strong>${figure && valueText(figure)}</strong>`);
    expect(entryOf('POP-002')).toContain(rule?.examples?.fires.case);
  });

  it('is linked from the inbox and by code; needs a person with a role, or a token for the JSON', async () => {
    const browser = await server.as('alice');
    expect(await (await browser.get('/')).text()).toContain('<a href="/rules">Rules</a>');
    const linked = await browser.get('/rules/POP-002');
    expect([linked.status, linked.headers.get('location')]).toEqual([303, '/rules?text=POP-002#POP-002']);
    const found = await (await browser.get('/rules?text=POP-002')).text();
    expect(found).toContain('<h3 id="POP-002">');
    expect(await (await browser.get('/rules')).text()).not.toContain('<h3');
    const nobody = await fetch(`${server.baseUrl}/rules`, { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect([nobody.status, nobody.headers.get('location')]).toEqual([303, '/sign-in?next=%2Frules']);
    expect((await fetch(`${server.baseUrl}/rulebook`)).status).toBe(401);
    const json = await fetch(`${server.baseUrl}/rulebook`, { headers: { authorization: `Bearer ${server.token}` } });
    const { counted, rules } = (await json.json()) as {
      counted: object;
      rules: { code: string; fired: { promotions: number } }[];
    };
    expect(counted).toEqual({ sealed: 2, open: 1, unread: 0 });
    expect(rules.find(({ code }) => code === 'HIS-001')?.fired.promotions).toBe(2);
  });
});

describe('the counts', () => {
  it('read each sealed envelope once, in portions, and say how many are left', async () => {
    const world = await openWorld();
    try {
      for (const file of ['1-v01', '2-v02']) {
        await promote(world, await manifestAt(`scenarios/01-in-band-retrain/${file}.yaml`));
      }
      const read: string[] = [];
      const vault: Vault = {
        list: (prefix) => world.vault.list(prefix),
        get: (key) => {
          read.push(key);
          return world.vault.get(key);
        },
        size: (key) => world.vault.size(key),
        putOnce: (key, bytes) => world.vault.putOnce(key, bytes),
      };
      const count = createRuleCounts({ ...world, vault }, 2);
      // start, activation, and two promotions
      const seen = [await count(), await count(), await count()].map(({ sealed, unread }) => ({ sealed, unread }));
      expect(seen.at(0)?.unread).toBe(2);
      expect(seen.at(1)).toEqual({ sealed: 2, unread: 0 });
      expect(seen.at(2)).toEqual({ sealed: 2, unread: 0 });
      expect(read).toHaveLength(4);
      expect((await count()).fired.get('HIS-001')?.promotions).toBe(1);
    } finally {
      await world.close();
    }
  });
});
