import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPpm } from '../../../functions/approve/screen/figures.ts';
import { html, visible } from '../../../functions/approve/screen/markup.ts';
import { renderScreen } from '../../../functions/approve/screen/screen.ts';
import type { ScreenView } from '../../../functions/approve/screen/view.ts';
import { handleOf } from '../../../functions/domain/actor.ts';
import { sha256 } from '../../../functions/domain/crypto.ts';
import { DIMENSIONS } from '../../../functions/domain/diff.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import { PERSON, PNG, viewOf } from './fixture.ts';

const text = (view: ScreenView): string => new TextDecoder('utf-8', { fatal: true }).decode(renderScreen(view));
const escaped = (words: string): string => html`${words}`.toString();

function withText(words: string): ScreenView {
  const view = viewOf();
  const rationale = view.approvalRequest.rationale;
  if (rationale === null) throw new Error('the fixture has a rationale');
  return { ...view, approvalRequest: { ...view.approvalRequest, rationale: { ...rationale, text: words } } };
}

describe('the frozen screen is inert and self-contained (people.md §3)', () => {
  const page = text(viewOf());

  it('has no script, no event attribute, no form, nothing closed, no frame', () => {
    expect(page).not.toMatch(/<(script|form|input|button|iframe|object|embed|details|base|link)\b/i);
    expect(page).not.toMatch(/<[^>]*\son[a-z]+\s*=/i);
    expect(page).not.toMatch(/<[^>]*\sstyle\s*=/i);
    expect(page).not.toContain(':hover');
  });

  it('loads nothing: each reference is a fragment of the page or a data: picture', () => {
    for (const [, value] of page.matchAll(/<[^>]*\s(?:href|src|action|xlink:href|srcset)="([^"]*)"/gi)) {
      expect(value).toMatch(/^(#[a-z]+|data:image\/(png|jpeg);base64,[A-Za-z0-9+/=]+)$/);
    }
    expect(page).not.toMatch(/url\(|@import/i);
  });

  it('states a content security policy whose style hash is that of its own style', () => {
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
    const hash = Buffer.from(sha256(style)).toString('base64');
    expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'; img-src data:;`);
    expect(page.match(/<style/g)).toHaveLength(1);
  });

  it('is UTF-8 with LF only, says its language, and has each id once', () => {
    expect(page).not.toContain('\r');
    expect(page.startsWith('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">')).toBe(true);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives each table a caption and scopes, and each chart a title, a description and a table after it (WCAG 1.1.1, 1.3.1)', () => {
    for (const [table] of page.matchAll(/<table[\s\S]*?<\/table>/g)) {
      expect(table).toMatch(/<caption>[^<]+/);
      expect(table).toContain('scope="col"');
      expect(table).toContain('scope="row"');
    }
    const charts = [...page.matchAll(/<svg role="img"[\s\S]*?<title id[\s\S]*?<desc id[\s\S]*?<\/figure>\s*<table/g)];
    expect(charts.length).toBeGreaterThan(3);
    expect(charts).toHaveLength(page.match(/<svg role="img"/g)?.length ?? 0);
  });
});

describe('same view, same bytes', () => {
  it('renders twice the same', () => expect(renderScreen(viewOf())).toEqual(renderScreen(viewOf())));

  it('does not depend on time zone or language', () => {
    const source = `
      const { renderScreen } = await import(${JSON.stringify(new URL('../../../functions/approve/screen/screen.ts', import.meta.url).href)});
      const { viewOf } = await import(${JSON.stringify(new URL('./fixture.ts', import.meta.url).href)});
      const { createHash } = await import('node:crypto');
      console.log('sha256:' + createHash('sha256').update(renderScreen(viewOf())).digest('hex'));`;
    const run = (env: Record<string, string>) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', source], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
      });
    const here = `${digestOf(renderScreen(viewOf()))}\n`;
    expect(run({ TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
    expect(run({ TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C' })).toBe(here);
  });

  it('prints millionths as the decimals they are', () => {
    expect([100_000, 1, -7900, 12_345_678, 0].map(fromPpm)).toEqual([
      '0.100000',
      '0.000001',
      '-0.007900',
      '12.345678',
      '0.000000',
    ]);
    fc.assert(fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ppm) => Math.round(Number(fromPpm(ppm)) * 1e6) === ppm));
  });
});

describe('the screen says all that decides', () => {
  const view = viewOf();
  const page = text(view);

  it('R31 names every rule that fired in words, with figure and limit', () => {
    const why = page.slice(page.indexOf('id="why"'), page.indexOf('id="changes"'));
    for (const finding of view.routing.findings) {
      expect(why).toContain(`${finding.code} ${escaped(view.rulebook[finding.code]?.title ?? '?')}`);
      for (const figure of [finding.observed, finding.limit]) {
        if (figure === null) continue;
        expect(why).toContain(`<div>${typeof figure === 'number' && finding.unit === 'ppm' ? fromPpm(figure) : figure}</div>`);
      }
    }
    expect(why).toContain('(decides the path)');
    expect(why.indexOf('FEA-003')).toBeLessThan(why.indexOf('POP-001'));
  });

  it('names every rule that did not fire with its smallest headroom, what was not judged, and holds', () => {
    expect(page).toContain('<div>0.001000</div>');
    expect(page).toContain('2 times');
    expect(page).toContain('foreign = no');
    expect(page).toContain('EVI-003 A fairness report is missing');
  });

  it('R54 lists every digest the request names, the records and the pack', () => {
    const digests = JSON.stringify([
      view.request,
      view.approvalRequest.request,
      view.approvalRequest.diff,
      view.approvalRequest.routing,
    ]);
    const named = new Set(digests.match(/sha256:[0-9a-f]{64}/g));
    expect(named.size).toBeGreaterThan(25);
    for (const digest of named) expect(page, digest).toContain(digest);
    for (const digest of [view.routing.pack, view.routing.wasm, view.routing.data, view.routing.rulebook])
      expect(page).toContain(digest);
  });

  it('shows each dimension of the closed list', () => {
    const changes = page.slice(page.indexOf('id="changes"'), page.indexOf('id="comparison"'));
    expect(changes.match(/<th role="rowheader"/g)).toHaveLength(DIMENSIONS.length);
    expect(changes).toContain('UNKNOWN</span>: the sealed event of the baseline cannot be read');
  });

  it('R4a R6b says what became of the files, one row for each dimension', () => {
    const changes = (of: string) => of.slice(of.indexOf('id="changes"'), of.indexOf('id="comparison"'));
    expect(changes(page)).toContain('file added: embeddings.bin (other)');
    expect(changes(page)).toContain('role of preprocess.json: other → preprocessor');
    expect(changes(page)).toContain('other bytes: model.json (weights)');
    expect(changes(page)).toContain('library: scikit-learn 1.7.1 → scikit-learn 1.7.2');
    expect(changes(page).match(/<th role="rowheader"/g)).toHaveLength(DIMENSIONS.length);
  });

  it('says of each metric whether it was recomputed or stated', () => {
    const compared = page.slice(page.indexOf('id="comparison"'), page.indexOf('id="explanation"'));
    const rows = [
      ...compared.matchAll(/<tr role="row"><th role="rowheader" scope="row">(auc|ks|approval_rate)[\s\S]*?<\/tr>/g),
    ];
    expect(rows.length).toBeGreaterThan(15);
    for (const [row] of rows) expect(row).toMatch(/data-label="Source"[^>]*><div>(recomputed|stated)<\/div>/);
  });

  it('R8b says on which slice an explanation was made, and says when it is another than that of the metrics', () => {
    expect(page).toContain('the evaluation slice, the same as the metrics');
    const [explanation] = view.request.explanation;
    if (!explanation) throw new Error('the fixture has an explanation');
    const other = { ...view, request: { ...view.request, explanation: [{ ...explanation, slice: digestOf('last quarter') }] } };
    expect(text(other)).toContain('NOT the evaluation slice');
  });

  it('R7 prints handles, never an issuer, a subject or a name', () => {
    expect(page).toContain(`Written by person <code>${handleOf(PERSON)}</code>`);
    expect(page).not.toContain(PERSON.sub);
    expect(page).not.toContain(PERSON.iss);
  });

  it('says where bytes are that are not in the vault, and when they may vanish', () => {
    expect(page).toContain('NOT in the vault');
    expect(page).toContain('<time datetime="2027-03-31T00:00:00.000Z">');
  });

  it('renders the automated path and a first promotion too (R34)', () => {
    const first: ScreenView = {
      ...view,
      approvalRequest: { ...view.approvalRequest, rationale: null, expiresAt: null },
      routing: { ...view.routing, path: 'automated', findings: [], groups: [], holds: [] },
      line: null,
      incumbent: null,
      lastHumanApproved: null,
    };
    expect(text(first)).toContain('shown to nobody');
    expect(text(first)).toContain('Nothing sealed is there to roll back to');
  });
});

describe('a first version', () => {
  const view = viewOf();
  const none = Object.fromEntries(
    DIMENSIONS.map((name) => [
      name,
      { ...view.diff[name], against: { incumbent: { state: 'none' }, lastHumanApproved: { state: 'none' } } },
    ]),
  );
  const metrics = view.metrics.map((one) => ({ ...one, incumbent: null }));
  const first = { ...view, diff: { ...view.diff, ...none }, metrics, incumbent: null, lastHumanApproved: null } as ScreenView;

  it('says once, at the top, that there is nothing to compare with, and leaves those columns out', () => {
    const page = text(first);
    expect(page.match(/A first version\./g)).toHaveLength(1);
    expect(page.indexOf('A first version.')).toBeLessThan(page.indexOf('<section>'));
    expect(page).not.toMatch(
      /no such baseline|Against the incumbent|Against the last human|Rank in the incumbent|Compared with</,
    );
    for (const name of view.request.features.slice(0, 3)) expect(page).toContain(name.name);
  });

  it('with an incumbent the comparison stands in full', () => {
    const page = text(view);
    expect(page).not.toContain('A first version.');
    expect(page).toContain('Against the incumbent');
  });
});

describe('pictures', () => {
  const view = viewOf();
  const [explanation] = view.request.explanation;
  if (!explanation) throw new Error('the fixture has an explanation');
  const picture = (bytes: Uint8Array, size = bytes.length) => ({
    name: 'p.png',
    mediaType: 'image/png' as const,
    size,
    digest: digestOf(bytes),
    alt: 'words',
  });
  const show = (pictures: Uint8Array[], images = new Map<Digest, Uint8Array>(pictures.map((one) => [digestOf(one), one]))) =>
    text({
      ...view,
      images,
      request: { ...view.request, explanation: [{ ...explanation, artefacts: pictures.map((one) => picture(one)) }] },
    });

  it('R8c what is no picture is named as kept, with size and digest', () => {
    const json = { ...picture(PNG, 321), name: 'shap_summary.json', mediaType: 'application/json' as const };
    const page = text({ ...view, request: { ...view.request, explanation: [{ ...explanation, artefacts: [json] }] } });
    expect(page).toContain(
      `Kept in the vault, not drawn here: shap_summary.json, application/json, 321 bytes, <code>${json.digest}`,
    );
    expect(page).not.toContain('Not shown in full');
  });
  const big = (bytes: number, last: number) => {
    const out = new Uint8Array(bytes);
    out.set([0x89, 0x50, 0x4e, 0x47]);
    out[bytes - 1] = last;
    return out;
  };

  it('are embedded byte for byte, with alt text and digest', () => {
    const page = show([PNG]);
    expect(page).toContain(`src="data:image/png;base64,${PNG.toString('base64')}" alt="words"`);
    expect(page).toContain(digestOf(PNG));
  });

  it('are named, not shown, when too large, too many, missing, or not what they claim', () => {
    expect(show([big(1_000_000, 1)])).toContain('<img');
    expect(show([big(1_000_001, 1)])).toContain('larger than 1000000 bytes');
    const four = [1, 2, 3, 4].map((last) => big(900_000, last));
    expect(show(four).match(/<img/g)).toHaveLength(3);
    expect(show(four)).toContain('3000000 bytes together');
    expect(show([PNG], new Map())).toContain('not at hand');
    expect(show([Buffer.from('<svg onload=alert(1)>')])).toContain('not of the type it claims');
  });

  it('with other bytes than their digest are a bug, never shown', () => {
    expect(() => show([PNG], new Map([[digestOf(PNG), big(100, 1)]]))).toThrow('digest');
  });
});

describe('hostile text', () => {
  const hostile = [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '</style><base href=//evil.example>',
    '</title></svg><form action=/x>',
    '&lt;b&gt; &amp;',
  ];

  it.each(hostile)('is text wherever it stands: %s', (words) => {
    const view = viewOf(['duration', words]);
    const everywhere: ScreenView = {
      ...withText(`${words} and some more words of a person`),
      request: {
        ...view.request,
        model: { ...view.request.model, version: words, library: words },
        challenger: { ...view.request.challenger, metrics: [] },
      },
      diff: view.diff,
      rulebook: { 'POP-001': { title: words, description: words, owner: words, remedy: words } },
      line: view.line && { ...view.line, purpose: words },
    };
    const page = text(everywhere);
    expect(page).toContain(escaped(words));
    expect(page).not.toContain(words);
    expect(page.replace(/<style>[\s\S]*<\/style>/, '')).not.toMatch(
      /<(script|form|base)\b|<[^>"]*("[^"]*"[^>"]*)*\son[a-z]+=/i,
    );
  });

  it('shows characters that hide or turn text round', () => {
    const page = text(
      withText('safe\u202Eelbarenmuv\u2066 \u200Bzero \u0007bell \uD800 half z\u0301\u0301\u0301\u0301\u0301\u0301'),
    );
    for (const mark of ['[U+202E]', '[U+2066]', '[U+200B]', '[U+0007]', '[U+D800]', '[U+0301][U+0301]'])
      expect(page).toContain(mark);
    expect(page).not.toMatch(/\p{Cf}|[^\P{Cc}\n\t]/u);
  });

  it('keeps ordinary languages as they are', () => {
    for (const words of ['Übergröße – naïve', 'مرحبا بالعالم', 'ชื่อที่ดี', '模型', 'line\nline\ttab'])
      expect(visible(words)).toBe(words);
    expect(visible('a\r\nb')).toBe('a\nb');
  });

  it('never leaves a live character for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => !/[<>"']|&(?!lt;|gt;|quot;|#39;|amp;)/.test(escaped(words))),
    );
  });

  it('R19 shows links as text and says that a link is not evidence', () => {
    const page = text(withText('See https://wiki.example/x for the whole story of it.'));
    expect(page).toContain('A link is not evidence');
    expect(page).not.toMatch(/<a [^>]*href="https?:/);
    expect(page).toContain('https://wiki.example/x');
  });

  it('takes 2 000 features and a word of 10 000 letters', () => {
    const names = Array.from({ length: 2000 }, (_, i) => `feature_${i}`);
    const page = text({ ...withText('x'.repeat(10_000)), ...pick(viewOf(names)) });
    for (const name of ['feature_0', 'feature_1999']) expect(page).toContain(name);
    expect(page).toContain('overflow-wrap:anywhere');
    expect(page.length).toBeLessThan(5_000_000);
  });
});

const pick = ({ request, diff }: ScreenView) => ({ request, diff });
