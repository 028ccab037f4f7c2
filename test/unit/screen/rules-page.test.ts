import { describe, expect, it } from 'vitest';
import { filtered, filterOf, rulesPage } from '../../../functions/http/pages/rules.ts';
import { committedPack } from '../../support/pack.ts';

const pack = committedPack();
const rules = [...pack.rules.values()];
const viewer = { displayName: 'A', handle: 'abcd1234', csrf: 'csrf-token-of-this-session' };
const counts = { fired: new Map(), sealed: 0, open: 0, unread: 0 };
const pageOf = (query: Record<string, string>) =>
  rulesPage({ viewer, pack: pack.digest, rules, counts, filter: filterOf(query) });
const entries = (page: string) => [...page.matchAll(/<h3 id="([A-Z]{3}-\d{3})">/g)].map(([, code]) => code);

describe('the page of rules', () => {
  it('begins with a form and an index, and no entry in full', () => {
    const page = pageOf({});
    expect(entries(page)).toEqual([]);
    for (const rule of rules) expect(page).toContain(`href="/rules/${rule.code}"`);
    expect(page).toContain('/rules?dimension=population');
  });

  it('filters by what a rule looks at, what it asks for, and its words, by the address alone', () => {
    const page = pageOf({ dimension: 'population', path: 'committee', text: 'SMALL' });
    const wanted = filtered(rules, filterOf({ dimension: 'population', path: 'committee', text: 'small' }));
    expect(wanted.length).toBeGreaterThan(0);
    expect(entries(page).sort()).toEqual(wanted.map(({ code }) => code).sort());
    for (const rule of wanted) expect([rule.dimension, rule.min_path]).toEqual(['population', 'committee']);
    // The form keeps what was asked, and carries no token: it changes nothing and stands in the address.
    const [form = ''] = /<form method="get"[\s\S]*?<\/form>/.exec(page) ?? [];
    expect(form).toContain('<option value="population" selected>');
    expect(form).toContain('value="SMALL"');
    expect(form).not.toContain('csrf');
  });

  it('a filter it does not know is none; text of the reader is escaped; nothing found says so', () => {
    expect(entries(pageOf({ dimension: 'nothing', path: 'x' }))).toEqual([]);
    expect(filtered(rules, filterOf({ dimension: 'nothing' }))).toHaveLength(rules.length);
    const page = pageOf({ text: '"><b>' });
    expect(page).not.toContain('<b>');
    expect(page).toContain(`0 of ${rules.length} rules`);
  });

  it('every rule in full is one link away', () => expect(entries(pageOf({ full: 'yes' })).length).toBe(rules.length));
});
