// Cases of docs/threats.md that no other test has. The numbers are the table's.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { castVote } from '../../functions/approve/vote.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { verifyEvent } from '../../functions/domain/event/verify.ts';
import { parseBytes } from '../../functions/domain/parse.ts';
import { PromotionRequest } from '../../functions/domain/request.ts';
import type { Result } from '../../functions/domain/result.ts';
import { drive } from '../../functions/drive.ts';
import { receive } from '../../functions/intake/intake.ts';
import { journalled } from '../../functions/journal.ts';
import { packsFrom } from '../../functions/packs.ts';
import { storeEnvelope } from '../../functions/seal/seal.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { appOf } from '../support/app.ts';
import { evidenceOf, failed, trustIn } from '../support/evidence.ts';
import { announced, asking, LINE_01, manifestOf, shownTo } from '../support/faults-races.ts';
import { MemoryIndex } from '../support/memory/index-rows.ts';
import { ballotFor, built, dossierOf, explain, promote, upload, vote } from '../support/promote.ts';
import { type MemoryWorld, openMemoryWorld } from '../support/sim/base.ts';
import { ALICE, BOB, CAROL, PIPELINE } from '../support/world.ts';

const COMMITTEE = '01-in-band-retrain/1-v01.yaml';
const codesOf = (result: Result<unknown>): string[] => (result.ok ? ['ok'] : result.problems.map(({ code }) => code));

let world: MemoryWorld;
beforeEach(async () => {
  world = await openMemoryWorld();
});
afterEach(() => world.close());

const encoded = (text: string) => new TextEncoder().encode(text);

describe('case 7: other bytes under an event’s name', () => {
  it('R12 R14 nothing is sealed over them, and the sealer stops', async () => {
    const { promotion } = await evidenceOf(world, await promote(world, await manifestOf(COMMITTEE)));
    const other = { ...promotion, reasons: [{ code: 'GATE_FAILED', pointer: '', detail: 'another event' }] };
    const { key } = await storeEnvelope({ ...world, vault: (await openMemoryWorld()).vault }, other);
    await world.vault.putOnce(key, encoded('put there before'));
    await expect(storeEnvelope(world, other)).rejects.toThrow('holds other bytes than its name says');
  });
});

describe('case 9: sent again long after', () => {
  it.each([11 * 60_000, 30 * 86_400_000])('R13 %i ms later: the first request, the first vote, one event', async (later) => {
    const { request, blobs } = await built(world, await manifestOf(COMMITTEE));
    await upload(world, blobs);
    const id = await asking(world, COMMITTEE);
    const ballots = new Map(
      await Promise.all([ALICE, BOB, CAROL].map(async (one) => [one, await ballotFor(world, id)] as const)),
    );
    const first = await Promise.all([...ballots.keys()].map((voter) => vote(world, id, voter)));
    expect(first.every(({ ok }) => ok)).toBe(true);
    const before = await dossierOf(world, id);
    world.later(later);
    const again = await receive(
      world,
      canonicalBytes({ ...request, pipelineRun: { ...request.pipelineRun, id: 'asking' } }),
      PIPELINE,
    );
    expect(again).toEqual({ ok: true, value: { id, repeated: true } });
    for (const [voter, ballot] of ballots)
      expect(await castVote(world, before, await readRouting(world, before), ballot, voter)).toMatchObject({
        ok: true,
        value: { repeated: true },
      });
    await world.run();
    expect(await dossierOf(world, id)).toEqual(before);
  });
});

describe('case 12: every link is opened', () => {
  it('R7 R13 GET and HEAD of every route there is, as anybody: only that a screen was served is written', async () => {
    const id = await asking(world, COMMITTEE);
    const sealed = await promote(world, { ...(await manifestOf(COMMITTEE)), line: 'german-credit-09-model-class' });
    const app = appOf(world);
    const values: Record<string, string> = {
      ':id': id,
      ':hash': sealed.seal?.eventHash ?? '',
      ':digest': sealed.screen?.screen ?? '',
      ':line': LINE_01,
      ':environment': 'sandbox',
      ':root': digestOf('a model'),
      ':key{.+}': sealed.seal?.key ?? '',
    };
    const paths = [...new Set(app.routes.map(({ path }) => path))].map((path) =>
      Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(name, value), path),
    );
    expect(paths.length).toBeGreaterThan(25);
    // That somebody was shown a screen is written, in the journal first; nothing else is.
    const kept = () => [
      [...world.rows.rows()].filter(({ key }) => !key.sk.startsWith('served#') && key.pk !== 'JOURNAL'),
      [...world.objects.keys()].filter((key) => !key.startsWith('journal/')),
    ];
    const before = kept();
    for (const path of paths)
      for (const method of ['GET', 'HEAD'])
        for (const headers of [app.headersOf(ALICE).session, app.headersOf(PIPELINE).bearer, {}])
          for (const query of ['', '?choice=approve&screen=x&csrf=x&confirm=yes'])
            await (await app.ask(path + query, { method, headers })).arrayBuffer();
    expect(kept()).toEqual(before);
  });
});

describe('case 15: the explanation is swapped between the view and the click', () => {
  it('R8 a vote names the bytes that were read; over any others it is refused, and the event keeps the old digest', async () => {
    const id = await asking(world, COMMITTEE);
    const { explanation } = (await built(world, await manifestOf(COMMITTEE))).request;
    await shownTo(world, id, ALICE);
    const ballot = await ballotFor(world, id);
    const dossier = await dossierOf(world, id);
    // Another page, as it would look with other pictures; the vault cannot be made to hold it under the old name.
    const shown = (await world.vault.get(`blobs/${ballot.screen.slice(7)}`)) ?? new Uint8Array();
    const swapped = encoded(`${new TextDecoder().decode(shown)}<!-- another plot -->`);
    expect((await world.vault.putOnce(`blobs/${ballot.screen.slice(7)}`, swapped)).kind).toBe('already');
    const other = { ...ballot, screen: digestOf(swapped) };
    expect(codesOf(await castVote(world, dossier, await readRouting(world, dossier), other, ALICE))).toContain(
      'SCREEN_MISMATCH',
    );
    for (const voter of [ALICE, BOB, CAROL]) await vote(world, id, voter);
    const { promotion } = await evidenceOf(world, await dossierOf(world, id));
    expect(promotion.explanation).toEqual(explanation);
  });
});

describe('case 36: what two parsers would read differently', () => {
  const twins: readonly (readonly [string, (text: string) => string])[] = [
    ['a key twice', (text) => text.replace('{', '{"line":"another",')],
    ['an integer that is none in a double', (text) => text.replace(/"rows":\d+/, '"rows":9007199254740993')],
    ['a lone surrogate', (text) => text.replace(LINE_01, '\\ud800')],
    ['a bomb of brackets', (text) => text.replace('{', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},`)],
    ['ten megabytes of text', (text) => text.replace('{', `{"x":"${'a'.repeat(10_000_000)}",`)],
    ['bytes after the end', (text) => `${text}{}`],
  ];
  it.each(twins)('R6 %s is refused before anything is stored', async (_, change) => {
    const { request } = await built(world, await manifestOf(COMMITTEE));
    const before = world.objects.size;
    const answer = await receive(world, encoded(change(JSON.stringify(request))), PIPELINE);
    expect(answer.ok).toBe(false);
    expect(world.objects.size).toBe(before);
  });

  it('R6 one name in two normal forms is two requests, never one', async () => {
    const { request } = await built(world, await manifestOf(COMMITTEE));
    const [nfc, nfd] = ['M\u00fcller', 'Mu\u0308ller'].map((name) =>
      canonicalBytes({ ...request, code: { ...request.code, commit: name } }),
    );
    const parsed = [nfc, nfd].map((bytes) => parseBytes(PromotionRequest, bytes ?? new Uint8Array()));
    expect(digestOf(nfc ?? '')).not.toBe(digestOf(nfd ?? ''));
    // A commit is hexadecimal, so neither gets in; where free text may hold them, each keeps its own bytes.
    expect(parsed.map(({ ok }) => ok)).toEqual([false, false]);
  });
});

describe('case 37: an explanation that is a program', () => {
  it.each([
    ['SVG', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'],
    ['HTML', 'text/html', '<html><body onload="alert(1)"><script>alert(2)</script></body></html>'],
    ['HTML that says it is a picture', 'image/png', '<html><script>alert(2)</script></html>'],
  ])('R8a R8c %s is kept as bytes, named with its digest, and never part of the page', async (_, mediaType, text) => {
    const { request, blobs } = await built(world, await manifestOf(COMMITTEE));
    await upload(world, blobs);
    const digest = digestOf(encoded(text));
    await world.vault.putOnce(`blobs/${digest.slice(7)}`, encoded(text));
    const [first, ...rest] = request.explanation;
    if (first === undefined) throw new Error('no explanation');
    const artefacts = [
      { ...first.artefacts[0], mediaType, digest, size: encoded(text).byteLength },
      ...first.artefacts.slice(1),
    ];
    const hostile = { ...request, explanation: [{ ...first, artefacts }, ...rest] };
    const answer = await receive(world, canonicalBytes(hostile), PIPELINE);
    // Either the closed list of media types keeps it out, or it is never rendered.
    if (!answer.ok) return expect(codesOf(answer)).not.toContain('ok');
    await world.run();
    await explain(world, answer.value.id);
    const { screen } = await dossierOf(world, answer.value.id);
    const page = new TextDecoder().decode(await world.vault.get(`blobs/${screen?.screen.slice(7)}`));
    expect(page).toContain(digest.slice(7, 20));
    expect(page).not.toMatch(/<script|onload=|alert\(/);
    expect(page).not.toContain(Buffer.from(text).toString('base64'));
  });
});

describe('case 43: somebody asks to be forgotten', () => {
  it('R15 R7 what names them is erased where it may be; the event still verifies, and no page ever had a name', async () => {
    const directory = new MemoryIndex();
    const dossier = await promote(world, await manifestOf(COMMITTEE));
    const { tokenDigest } = ALICE.principal.auth;
    await directory.keep(tokenDigest, 'raw token of Alice Sample <alice@example.test>');
    await directory.erase(tokenDigest);
    expect(directory.kept()).toEqual([]);
    const { files, key, event } = await evidenceOf(world, dossier);
    const read = async (name: string) => files.get(name);
    const { checks } = await verifyEvent(files.get(key) ?? new Uint8Array(), event, trustIn(world), read);
    expect(failed(checks)).toEqual([]);
    const page = await (await appOf(world).as(BOB).get(`/events/${event}`)).text();
    for (const name of ['Alice', 'alice@', ALICE.principal.actor.sub]) expect(page).not.toContain(name);
    for (const bytes of world.objects.values()) expect(Buffer.from(bytes).includes('Alice Sample')).toBe(false);
  });
});

describe('case 39: a server is replaced while people decide', () => {
  it('R13 R18 stopped after the first vote; another process takes the others, over the same screen', async () => {
    const id = await announced(world, COMMITTEE, 'replaced');
    await world.run();
    await explain(world, id);
    await vote(world, id, ALICE);
    const before = await dossierOf(world, id);
    const next = { ...world, index: journalled(world.vault, world.rows), packs: packsFrom(world.vault) };
    for (const voter of [BOB, CAROL]) await vote(next, id, voter);
    await drive(next, id);
    const after = await dossierOf(next, id);
    expect(after.screen).toEqual(before.screen);
    expect(after.votes).toEqual(expect.arrayContaining([...before.votes]));
    expect(after.decision?.outcome).toBe('approved');
  });
});
