import { describe, expect, it } from 'vitest';
import { renderScreen } from '../../../functions/approve/screen/screen.ts';
import { handleOf } from '../../../functions/domain/actor.ts';
import { sha256 } from '../../../functions/domain/crypto.ts';
import { digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { MEANINGS, Vote } from '../../../functions/domain/vote.ts';
import { ASSETS, SHELL, STYLE } from '../../../functions/http/pages/assets.ts';
import { eventPage, SIX } from '../../../functions/http/pages/event.ts';
import { pageHeaders, screenHeaders } from '../../../functions/http/pages/headers.ts';
import { type InboxRow, inboxPage } from '../../../functions/http/pages/inbox.ts';
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
  due: screen.approvalRequest.expiresAt,
  outstanding: [{ role: 'model-risk', missing: 2 }],
  decisive: 'FEA-003 A feature comes from a new source',
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
const fields = Object.fromEntries(SIX.map((name) => [name, `${name} sealed`])) as Record<(typeof SIX)[number], string>;

const pages: Record<string, string> = {
  inbox: inboxPage({ viewer, rows: [row] }),
  empty: inboxPage({ viewer, rows: [] }),
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
    fields,
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

  it('shows the receipt instead of the form after voting', () => {
    const voted = requestPage({ ...asked, myVote: vote });
    expect(voted).not.toContain('/votes"');
    expect(voted).toContain('/receipt');
  });

  it('R46 asks for a rationale in empty fields', () => {
    const page = pages['rationale'] ?? '';
    for (const name of ['text', 'scope', 'intendedUse', 'limitations']) expect(page).toContain(`name="${name}" required`);
    expect(page).not.toMatch(/<textarea[^>]*>[^<]/);
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

  it('inbox: an empty one says so; a full one says why and for whom it waits', () => {
    expect(pages['empty']).toContain('Nothing waits for you');
    expect(pages['inbox']).toContain('model-risk: 2');
    expect(pages['inbox']).toContain(row.decisive);
  });

  it('event: a rejection is not an approval', () => {
    expect(pages['event']).toContain('not an approval');
    for (const name of SIX) expect(pages['event']).toContain(`${name} sealed`);
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
