import { describe, expect, it } from 'vitest';
import { renderScreen } from '../../../functions/approve/screen/screen.ts';
import { handleOf } from '../../../functions/domain/actor.ts';
import { sha256 } from '../../../functions/domain/crypto.ts';
import { digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { instantOf } from '../../../functions/domain/text.ts';
import { MEANINGS, Vote } from '../../../functions/domain/vote.ts';
import { ASSETS, SHELL, STYLE } from '../../../functions/http/pages/assets.ts';
import { eventPage } from '../../../functions/http/pages/event.ts';
import { pageHeaders, screenHeaders } from '../../../functions/http/pages/headers.ts';
import { ageOf, type DecidedRow, type InboxRow, type InboxView, inboxPage } from '../../../functions/http/pages/inbox.ts';
import { problemPage, signInPage } from '../../../functions/http/pages/plain.ts';
import { receiptPage } from '../../../functions/http/pages/receipt.ts';
import { type RequestPageView, requestPage } from '../../../functions/http/pages/request.ts';
import { PERSON, viewOf } from './fixture.ts';

const screen = viewOf();
const digest = digestOf(renderScreen(screen));
const viewer = { displayName: 'Amira <Haddad>', handle: handleOf(PERSON), csrf: 'csrf-token-of-this-session' };
const row: InboxRow = {
  requestId: screen.requestId,
  line: 'german-credit',
  environment: 'production',
  model: 'german-credit-pd',
  version: '7',
  path: 'committee',
  state: 'voting',
  receivedAt: screen.receivedAt,
  answerBy: null,
  due: screen.approvalRequest.expiresAt,
  outstanding: [{ role: 'model-risk', from: 'retail-credit', missing: 2 }],
  deciding: [{ code: 'FEA-003', title: 'A feature comes from a new source' }],
};
const findings = [
  { code: 'POP-001', title: 'A feature shifted' },
  { code: 'FEA-003', title: 'A feature comes from a new source' },
];
const asked: RequestPageView = {
  ...row,
  viewer,
  screenDigest: digest,
  nonce: 'nonce-of-this-page-0001',
  findings,
  choices: ['approve', 'reject', 'return', 'abstain', 'recuse'],
  timeline: [{ at: screen.receivedAt, what: 'received' }],
  votes: [{ handle: 'abcd1234', role: 'model-risk', choice: 'approve', castAt: screen.routedAt }],
  myVote: null,
  canVote: true,
  whyNot: null,
  signIn: null,
  canWriteRationale: false,
  canLetPass: false,
  eventHash: null,
  checkCommands: ['countersign screen REQ'],
};
const rationale = screen.approvalRequest.rationale;
if (rationale === null) throw new Error('the fixture has a rationale');
const vote = Vote.parse({
  schema: 'vote/v1',
  request: screen.requestId,
  screen: digest,
  choice: 'approve',
  meaning: MEANINGS.approve,
  criteria: [{ code: 'POP-001', checked: true }],
  conditions: [],
  actor: PERSON,
  auth: rationale.auth,
  servedAt: screen.routedAt,
  castAt: screen.routedAt,
  nonce: 'nonce-of-this-page-0001',
  assertion: null,
});
const event = digestOf('event') as string as EventHash;
const fields = [
  {
    field: 'approvals',
    absent: null,
    lines: [{ what: 'approve', text: 'person abcd1234 with model-risk', at: screen.routedAt }],
    object: { key: 'votes/1234.json', digest: digestOf('a vote') },
  },
  { field: 'dataset', absent: 'not-reached', lines: [], object: null },
];

const now = instantOf(Date.parse(screen.receivedAt) + 3 * 86_400_000);
const sealed: DecidedRow = {
  event,
  requestId: screen.requestId,
  line: 'german-credit',
  environment: 'production',
  model: 'german-credit-pd',
  version: '6',
  path: 'reviewer',
  outcome: 'rejected',
  decidedAt: screen.receivedAt,
  rules: ['POP-002'],
};
const empty: InboxView = {
  viewer,
  now,
  acts: [],
  mine: [],
  escalated: [],
  others: [],
  decided: [],
  page: 1,
  pages: 1,
  unread: 0,
  server: 'http://x',
};

const pages: Record<string, string> = {
  inbox: inboxPage({ ...empty, mine: [row], others: [{ ...row, state: 'needsRationale' }], decided: [sealed], pages: 2 }),
  empty: inboxPage(empty),
  request: requestPage(asked),
  rationale: requestPage({ ...asked, state: 'needsRationale', screenDigest: null, canWriteRationale: true }),
  receipt: receiptPage({ viewer, vote }),
  signIn: signInPage({ start: '/sign-in/start?next=%2F' }),
  problem: problemPage({ viewer, problems: [{ code: 'SEPARATION', pointer: '', detail: '<b>you</b> trained it' }] }),
  event: eventPage({
    viewer,
    hash: event,
    outcome: 'rejected',
    kind: 'promotion',
    requestId: screen.requestId,
    scope: 'german-credit into sandbox',
    decidedAt: screen.routedAt,
    fields,
    reasons: [{ code: 'METRIC_MISMATCH', detail: 'auc <b>' }],
    commands: ['x'],
  }),
};

describe('every page', () => {
  it.each(Object.entries(pages))(
    '%s runs only our pinned script and style, names its language, and can be skipped through',
    (_name, page) => {
      expect(page).toContain('<html lang="en">');
      expect(page).toContain('<a class="skip" href="#main">');
      expect(page).toContain(`<script src="${SHELL.path}" integrity="${SHELL.integrity}" defer></script>`);
      expect(page).toContain(`<link rel="stylesheet" href="${STYLE.path}" integrity="${STYLE.integrity}">`);
      expect(page.match(/<script/g)).toHaveLength(1);
      expect(page).not.toMatch(/<[^>]*\s(on[a-z]+|style)=/i);
      expect(page).not.toMatch(/\s(src|href)="(https?:)?\/\//);
      expect(page).not.toContain('<Haddad>');
      expect(page).not.toContain('<b>');
    },
  );

  it.each(Object.entries(pages))(
    '%s: one h1, headings go down one step at a time, each field has a label, each button words',
    (_, page) => {
      const levels = [...page.matchAll(/<h([1-6])[\s>]/g)].map(([, level]) => Number(level));
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
      for (const [tag] of page.matchAll(/<(?:textarea|select|input(?![^>]*type="(?:hidden|radio|checkbox)"))\b[^>]*>/g)) {
        const id = / id="([^"]+)"/.exec(tag)?.[1];
        expect([tag, page.includes(`<label for="${id}">`)]).toEqual([tag, true]);
        for (const help of / aria-describedby="([^"]+)"/.exec(tag)?.[1]?.split(' ') ?? [])
          expect(page).toContain(`id="${help}"`);
      }
      // Ticks and choices lie inside their label.
      for (const [, inside = ''] of page.matchAll(/(<label class="choice">[\s\S]*?)<input type="(?:radio|checkbox)"/g))
        expect(inside).not.toContain('</label>');
      for (const [, words = ''] of page.matchAll(/<button[^>]*>([\s\S]*?)<\/button>/g)) expect(words.trim()).not.toBe('');
      const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  it('text stands out from its ground at least 4.5 to 1 (WCAG 1.4.3), and focus is drawn', () => {
    const light = (hex: string) => {
      const [r = 0, g = 0, b = 0] = (
        hex.length === 4 ? [...hex.slice(1)].map((one) => one + one) : (hex.slice(1).match(/../g) ?? [])
      )
        .map((one) => Number.parseInt(one, 16) / 255)
        .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const inks = new Set([...STYLE.body.matchAll(/[{;]color:(#[0-9a-f]{3,6})/g)].map(([, ink = '']) => ink));
    inks.delete('#fff');
    expect(inks.size).toBeGreaterThan(3);
    // The darkest ground that text of ours stands on.
    for (const ink of inks) expect([ink, (light('#e3e6ea') + 0.05) / (light(ink) + 0.05) >= 4.5]).toEqual([ink, true]);
    expect((light('#fff') + 0.05) / (light('#1d4468') + 0.05)).toBeGreaterThan(4.5);
    expect(STYLE.body).toMatch(/:focus-visible\{outline:3px solid/);
    expect(STYLE.body).not.toMatch(/outline:\s*(0|none)/);
  });

  it('puts the session token into every form, and decides nothing by a GET', () => {
    for (const page of Object.values(pages)) {
      for (const [form] of page.matchAll(/<form[\s\S]*?<\/form>/g)) {
        expect(form).toMatch(/^<form method="post"/);
        expect(form).toContain('name="csrf" value="csrf-token-of-this-session"');
      }
    }
  });

  it('pins assets by the hash of the very bytes served', () => {
    for (const asset of ASSETS) {
      expect(asset.integrity).toBe(`sha256-${Buffer.from(sha256(asset.body)).toString('base64')}`);
    }
    expect(() => new Function(`async () => {${SHELL.body.replace("'use strict';", '')}}`)).not.toThrow();
  });
});

describe('the request page', () => {
  const page = pages['request'] ?? '';
  const form = /<form method="post" action="\/requests[\s\S]*?<\/form>/.exec(page)?.[0] ?? '';

  it('shows the screen in a frame that may do nothing, and the form outside it', () => {
    expect(page).toContain(`<iframe sandbox="" src="/requests/${screen.requestId}/screen"`);
    expect(page).toContain(digest);
    expect(form).toContain(`action="/requests/${screen.requestId}/votes"`);
    expect(form).not.toContain('<iframe');
  });

  it('binds the decision to screen and page (R57), selects and fills in nothing', () => {
    expect(form).toContain(`name="screen" value="${digest}"`);
    expect(form).toContain('name="nonce" value="nonce-of-this-page-0001"');
    expect(form).not.toMatch(/<[^>]*\s(checked|selected)[\s=>]/);
    for (const [, inside] of page.matchAll(/<textarea[^>]*>([\s\S]*?)<\/textarea>/g)) expect(inside).toBe('');
  });

  it('asks for each finding and offers each choice with what it means', () => {
    for (const { code, title } of findings) {
      expect(form).toContain(`name="criterion.${code}"`);
      expect(form).toContain(title);
    }
    for (const choice of asked.choices) {
      expect(form).toContain(`name="choice" value="${choice}" required`);
      expect(form).toContain(MEANINGS[choice]);
    }
  });

  it('has no form for whom may not vote, and says why', () => {
    const barred = requestPage({ ...asked, canVote: false, whyNot: 'You took part in making this.' });
    expect(barred).not.toContain('/votes');
    expect(barred).toContain('You took part in making this.');
  });

  it('while a machine works it loads itself again, without the script; never over a form', () => {
    const working = requestPage({ ...asked, state: 'explained', screenDigest: null, canVote: false });
    expect(working).toContain('<meta http-equiv="refresh" content="5">');
    expect(working).toMatch(/Being worked on: .*<a href="\/requests\/[^"]+">Load it again now<\/a>/s);
    for (const name of ['request', 'rationale', 'inbox']) expect(pages[name]).not.toContain('http-equiv="refresh"');
  });

  it('shows the receipt instead of the form after voting', () => {
    const voted = requestPage({ ...asked, myVote: vote });
    expect(voted).not.toContain('/votes"');
    expect(voted).toContain('/receipt');
  });

  it('R46 asks for a rationale in empty fields', () => {
    const page = pages['rationale'] ?? '';
    for (const name of ['text', 'scope', 'intendedUse', 'limitations']) expect(page).toContain(`name="${name}" required`);
    expect(page).not.toMatch(/<textarea[^>]*>[^<]/);
    expect(page).toContain('At least 30 characters.');
    expect(page).toContain('Who writes it may not decide.');
  });
});

describe('what pages say', () => {
  it('receipt: who, meaning, hash, and the limit of the proof', () => {
    const page = pages['receipt'] ?? '';
    for (const words of [handleOf(PERSON), MEANINGS.approve, digest, 'not signed by the approver', 'eyes', 'pixels']) {
      expect(page).toContain(words);
    }
    expect(page).not.toContain(PERSON.sub);
  });

  it('inbox: an empty one says what to do next', () => {
    expect(pages['empty']).toContain('countersign request FOLDER --manifest FILE --server http://x');
    expect(inboxPage({ ...empty, decided: [sealed] })).toContain('Nothing waits for you');
    expect(inboxPage({ ...empty, unread: 7 })).toContain('7 more sealed records are not read yet');
  });

  it('R51 inbox: mine, others and decided apart; each with line, path, rules, age and who is missing', () => {
    const [, mine = '', others = '', decided = ''] = (pages['inbox'] ?? '').split(/<h2 id=/);
    expect(mine).toContain('Waits for you (1)');
    for (const words of [
      'german-credit into production',
      'committee',
      'FEA-003 A feature comes',
      '3 days ago',
      '2 × model-risk of retail-credit',
    ])
      expect(mine).toContain(words);
    expect(others).toContain('a written rationale');
    for (const words of ['rejected', 'POP-002', `/events/${event}`, 'Page 1 of 2', '/?page=2#decided'])
      expect(decided).toContain(words);
  });

  it('age is rounded down to its largest unit', () => {
    const aged = (ms: number) => ageOf(now, instantOf(Date.parse(now) + ms));
    expect([aged(59_999), aged(60_000), aged(7_199_999), aged(86_400_000)]).toEqual([
      'just now',
      '1 minute ago',
      '1 hour ago',
      '1 day ago',
    ]);
  });

  it('event: a rejection is not an approval', () => {
    expect(pages['event']).toContain('not an approval');
    for (const words of ['person abcd1234 with model-risk', 'missing: not-reached', 'METRIC_MISMATCH'])
      expect(pages['event']).toContain(words);
    expect(pages['event']).toContain(`${digestOf('a vote').slice(7)}\nsha256sum evidence/votes/1234.json`);
  });

  it('problem: code, title and remedy of the catalogue', () => {
    expect(pages['problem']).toContain('SEPARATION');
    expect(pages['problem']).toContain('Somebody else must decide.');
  });
});

describe('headers', () => {
  it('screen: sandboxed, inert, with the style hash of the bytes themselves', () => {
    const bytes = renderScreen(screen);
    const headers = screenHeaders(bytes);
    const csp = headers['content-security-policy'] ?? '';
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(new TextDecoder().decode(bytes)) ?? [];
    expect(csp.split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${Buffer.from(sha256(style)).toString('base64')}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
      'sandbox',
    ]);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('screen: bytes cannot ask for more than a style hash', () => {
    const bytes = new TextEncoder().encode(`style-src 'unsafe-inline' *; script-src *`);
    expect(screenHeaders(bytes)['content-security-policy']).toContain("style-src 'none'");
  });

  it('page: own script, own frame, framed by nobody', () => {
    const csp = pageHeaders()['content-security-policy'] ?? '';
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(csp.split('; ')).toContain(part);
    }
    expect(pageHeaders('https://id.example')['content-security-policy']).toContain("form-action 'self' https://id.example;");
  });
});
