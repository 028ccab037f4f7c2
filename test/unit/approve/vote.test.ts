import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemsOfAuthority } from '../../../functions/approve/authority.ts';
import { giveRationale } from '../../../functions/approve/rationale.ts';
import { serveScreen } from '../../../functions/approve/serve-screen.ts';
import { castVote } from '../../../functions/approve/vote.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { entryOf } from '../../../functions/domain/errors.ts';
import { ModelLine } from '../../../functions/domain/line.ts';
import { parseValue } from '../../../functions/domain/parse.ts';
import { Rationale, type RequestId } from '../../../functions/domain/request.ts';
import type { Result } from '../../../functions/domain/result.ts';
import type { Routing } from '../../../functions/domain/routing.ts';
import { Ballot, voteKeyOf } from '../../../functions/domain/vote.ts';
import { receive } from '../../../functions/intake/intake.ts';
import type { Identified } from '../../../functions/ports.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { announce, ballotFor, built, dossierOf, explain, manifestAt, upload, WHY } from '../../support/promote.ts';
import {
  ALICE,
  BOB,
  CAROL,
  DAVE,
  ERIN,
  identified,
  MALLORY,
  openWorld,
  PIPELINE,
  signedInNow,
  type TestWorld,
} from '../../support/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

let run = 0;
/** A first promotion that waits for its rationale; each call is another request on the same line. */
async function waiting(sender = PIPELINE): Promise<RequestId> {
  const manifest = await manifestAt('scenarios/12-no-incumbent/1-v01.yaml');
  const { request, blobs } = await built(world, { ...manifest, pipelineRun: { ...manifest.pipelineRun, id: `run-${run++}` } });
  await upload(world, blobs);
  return announce(world, request, sender);
}
const codes = (result: Result<unknown>) => (result.ok ? [] : result.problems.map((one) => `${one.code} ${one.pointer}`));
async function cast(id: RequestId, voter: Identified, change: Partial<Ballot> = {}) {
  const dossier = await dossierOf(world, id);
  return castVote(
    world,
    dossier,
    await readRouting(world, dossier),
    { ...(await ballotFor(world, id)), ...change },
    signedInNow(world, voter),
  );
}
const look = async (id: RequestId, reader: Identified) => serveScreen(world, await dossierOf(world, id), reader);

describe('R7a authority, at the moment of the act', () => {
  it('holds who has the asked role in the asked committee, as the token says now', async () => {
    const id = await waiting();
    const dossier = await dossierOf(world, id);
    const routing = await readRouting(world, dossier);
    const told = ({ principal }: Identified, asked: Routing = routing) =>
      problemsOfAuthority(principal.actor, principal.auth, dossier, asked).map((one) => one.code);
    expect(told(ALICE)).toEqual([]);
    expect(told(MALLORY)).toEqual(['NOT_YOURS']);
    expect(told(DAVE)).toEqual(['NOT_YOURS']);
    expect(told(identified('person', 'x', ['model-risk']))).toEqual(['NOT_YOURS']);
    expect(told(identified('person', 'x', ['model-risk@mortgages']))).toEqual(['NOT_YOURS']);
    expect(told(identified('service', 'robot', ['model-risk@retail-credit']))).toEqual(['PERSON_ONLY']);
    expect(told(ALICE, { ...routing, groups: [] })).toEqual(['NOT_YOURS']);
    expect(told(identified('person', 'pipeline', ['model-risk@retail-credit']))).toEqual(['SEPARATION']);
  });

  it('who wrote the rationale does not judge it, whatever their roles', async () => {
    const id = await waiting();
    const both = identified('person', 'person-both', ['model-developer', 'model-risk@retail-credit']);
    expect((await giveRationale(world, await dossierOf(world, id), WHY, both)).ok).toBe(true);
    await world.run();
    await look(id, both);
    expect(codes(await cast(id, both))).toEqual(['SEPARATION ']);
  });
});

describe('R46 a rationale, before anybody is asked', () => {
  it('waits for it, takes one, and keeps the first', async () => {
    const id = await waiting();
    const give = async (author: Identified, text = WHY) => giveRationale(world, await dossierOf(world, id), text, author);
    expect(codes(await cast(id, ALICE, { screen: digestOf('none') }))).toContain('RATIONALE_MISSING ');
    expect(codes(await give(PIPELINE))).toEqual(['PERSON_ONLY ']);
    expect(codes(await give(MALLORY))).toEqual(['NOT_YOURS ']);
    const first = await give(ERIN);
    expect(first.ok).toBe(true);
    expect(await give(ERIN)).toEqual(first);
    expect(codes(await give(ERIN, { ...WHY, text: `${WHY.text} Or not.` }))).toEqual(['OTHER_ANSWER_STORED /text']);
    expect(codes(await give(ERIN, { ...WHY, scope: 'everywhere' }))).toEqual(['OTHER_ANSWER_STORED /text']);
    expect(codes(await give(BOB))).toEqual(['OTHER_ANSWER_STORED /text']);
  });

  it('R19 refuses a bare link, an address, and too few words, all at once', () => {
    const said = (more: object) => codes(parseValue(Rationale, { ...WHY, ...more }));
    expect(said({})).toEqual([]);
    expect(said({ text: 'https://tickets.example/RISK-4711?view=all&and=more' })).toEqual(['LINK_IS_NOT_EVIDENCE /text']);
    expect(said({ text: '  https://a.example  http://b.example ' })).toEqual(['LINK_IS_NOT_EVIDENCE /text']);
    expect(said({ text: 'see https://tickets.example/RISK-4711-a-very-long-link' })).toEqual(['INVALID_VALUE /text']);
    expect(said({ text: `${WHY.text} See https://tickets.example/1 too.` })).toEqual([]);
    expect(said({ text: 'short', scope: 'ask first.last@bank.example', limitations: undefined })).toEqual([
      'INVALID_VALUE /text',
      'PERSONAL_DATA /scope',
      'MISSING_KEY /limitations',
    ]);
  });

  it('R19 the same holds for a vote’s own words', () => {
    const ballot = { screen: digestOf('x'), choice: 'approve', criteria: [], conditions: [], nonce: 'n'.repeat(16) };
    const said = (more: object) => codes(parseValue(Ballot, { ...ballot, ...more }));
    expect(said({})).toEqual([]);
    expect(said({ rationale: 'https://x.example/1' })).toEqual(['LINK_IS_NOT_EVIDENCE /rationale']);
    expect(said({ conditions: ['mail me@x.example when done'] })).toEqual(['PERSONAL_DATA /conditions/0']);
    expect(said({ choice: 'yes', nonce: 'x', screen: 'https://x.example', more: 1 })).toEqual([
      'LINK_IS_NOT_EVIDENCE /screen',
      'INVALID_VALUE /choice',
      'INVALID_VALUE /nonce',
      'UNKNOWN_KEY /more',
    ]);
  });
});

describe('a vote', () => {
  let id: RequestId;
  beforeAll(async () => {
    id = await waiting();
    await explain(world, id);
  });

  it('names everything that is wrong with it at once', async () => {
    const result = await cast(id, MALLORY, { screen: digestOf('other bytes'), criteria: [] });
    expect(codes(result)).toEqual([
      'NOT_YOURS ',
      'SCREEN_NOT_SERVED /screen',
      'SCREEN_MISMATCH /screen',
      'CRITERIA_INCOMPLETE /criteria',
    ]);
  });

  it('needs the screen to have been served to this person, and to no other', async () => {
    await look(id, BOB);
    expect(codes(await cast(id, ALICE))).toEqual(['SCREEN_NOT_SERVED /screen']);
    expect(codes(await look(id, PIPELINE))).toEqual(['PERSON_ONLY ']);
  });

  it('R18 serves the very bytes on record, and keeps the first time', async () => {
    const first = await look(id, ALICE);
    const { screen, served } = await dossierOf(world, id);
    expect(first.ok && digestOf(first.value)).toBe(screen?.screen);
    world.later(1000);
    expect(await look(id, ALICE)).toEqual(first);
    expect((await dossierOf(world, id)).served).toEqual(served);
  });

  it('needs those bytes, and no others', async () => {
    expect(codes(await cast(id, ALICE, { screen: digestOf('other bytes') }))).toEqual(['SCREEN_MISMATCH /screen']);
  });

  it('R57 to approve ticks every rule that fired; to say no needs none', async () => {
    const { findings } = await readRouting(world, await dossierOf(world, id));
    expect(findings.length).toBeGreaterThan(0);
    const all = (await ballotFor(world, id)).criteria;
    expect(codes(await cast(id, ALICE, { criteria: all.map((one) => ({ ...one, checked: false })) }))).toEqual(
      all.map(() => 'CRITERIA_INCOMPLETE /criteria'),
    );
    expect(codes(await cast(id, ALICE, { criteria: all.slice(1) }))).toEqual(['CRITERIA_INCOMPLETE /criteria']);
    expect(codes(await cast(id, ALICE, { criteria: [{ code: 'ABC-999', checked: true }] }))).toContain(
      'CRITERIA_INCOMPLETE /criteria',
    );
  });

  it('a hold is no approval, and does not silence a no', async () => {
    const dossier = await dossierOf(world, id);
    const routing: Routing = {
      ...(await readRouting(world, dossier)),
      holds: [{ code: 'EVI-001', artefact: 'predictions', pointer: '' }],
    };
    const ballot = await ballotFor(world, id);
    expect(codes(await castVote(world, dossier, routing, ballot, ALICE))).toEqual(['HOLD ']);
  });

  it('R13 is one per request and person: again the same, otherwise the first stands', async () => {
    const first = await cast(id, ALICE);
    expect(first).toMatchObject({ ok: true, value: { repeated: false } });
    world.later(60_000);
    const again = await cast(id, ALICE, { nonce: 'nonce-of-another-page' });
    expect(again).toEqual({ ok: true, value: { vote: first.ok && first.value.vote, repeated: true } });
    expect(codes(await cast(id, ALICE, { choice: 'reject' }))).toEqual(['OTHER_ANSWER_STORED /choice']);
    expect(codes(await cast(id, ALICE, { rationale: 'I thought about it again.' }))).toEqual(['OTHER_ANSWER_STORED /choice']);
    expect((await dossierOf(world, id)).votes).toHaveLength(1);
  });

  it('comes too late after the time, and after the end', async () => {
    const late = await waiting();
    await explain(world, late);
    await look(late, ALICE);
    await look(late, BOB);
    world.later(400 * 86_400_000);
    expect(codes(await cast(late, ALICE))).toEqual(['TOO_LATE ']);
    world.workflow.wake(late);
    await world.run();
    expect((await dossierOf(world, late)).decision?.outcome).toBe('expired');
    expect(codes(await cast(late, BOB))).toEqual(['TOO_LATE ']);
  });

  it('a request that was returned takes no further votes', async () => {
    const other = await waiting();
    await explain(world, other);
    for (const reader of [ALICE, CAROL]) await look(other, reader);
    // A no has to tick nothing.
    expect(codes(await cast(other, ALICE, { choice: 'return', criteria: [] }))).toEqual([]);
    await world.run();
    expect((await dossierOf(world, other)).decision?.outcome).toBe('returned');
    expect(codes(await cast(other, CAROL))).toEqual(['TOO_LATE ']);
  });
});

describe('R13 the key of a vote', () => {
  const text = fc.string({ minLength: 1, maxLength: 20 });
  const name = fc.record({ iss: text, sub: text });
  const request = fc.constantFrom<RequestId>(`req-${'a'.repeat(26)}` as RequestId, `req-${'b'.repeat(26)}` as RequestId);

  it('property: is one for one request and person, and another for any other', () => {
    fc.assert(
      fc.property(request, name, request, name, (a, who, b, other) => {
        const equal = a === b && who.iss === other.iss && who.sub === other.sub;
        expect(voteKeyOf(a, who) === voteKeyOf(b, other)).toBe(equal);
        expect(voteKeyOf(a, who)).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  it('does not run parts together', () => {
    const id = `req-${'a'.repeat(26)}` as RequestId;
    expect(voteKeyOf(id, { iss: 'ab', sub: 'c' })).not.toBe(voteKeyOf(id, { iss: 'a', sub: 'bc' }));
  });
});

describe('R24 intake', () => {
  it('is for pipelines: a person is refused beside all that is wrong', async () => {
    expect(codes(await receive(world, new TextEncoder().encode('{"a":0.5}'), ALICE))).toEqual([
      'SERVICE_ONLY ',
      'NUMBER_NOT_DECIMAL_STRING /a',
    ]);
    const { request } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    expect(codes(await receive(world, canonicalBytes(request), ALICE))).toEqual(['SERVICE_ONLY ']);
  });

  it('R19 takes no mail address in a caption, a label or a repository', async () => {
    const { request } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    const [artefact] = request.explanation[0]?.artefacts ?? [];
    if (artefact) artefact.alt = 'As ann@bank.example drew it';
    request.model.library = 'built by ann@bank.example';
    request.code.repository = 'git@host.example:team/model.git';
    expect(codes(await receive(world, canonicalBytes(request), PIPELINE)).sort()).toEqual([
      'PERSONAL_DATA /code/repository',
      'PERSONAL_DATA /explanation/0/artefacts/0/alt',
      'PERSONAL_DATA /model/library',
    ]);
  });

  it('R33 R24 a line may list who announces for it: another pipeline is refused, and nothing is stored', async () => {
    const { request, blobs } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    await upload(world, blobs);
    const { iss, sub } = PIPELINE.principal.actor;
    const listing = (requesters: NonNullable<ModelLine['requesters']>): TestWorld => ({
      ...world,
      packs: {
        load: async (digest) => {
          const pack = await world.packs.load(digest);
          const line = ModelLine.parse({ ...pack.lines.get(request.line), requesters });
          return { ...pack, lines: new Map([[request.line, line]]) };
        },
      },
    });
    const before = await world.index.list('OPEN');
    for (const other of [
      { iss, sub: 'another-pipeline' },
      { iss: 'https://other.example', sub },
    ])
      expect(codes(await receive(listing([other]), canonicalBytes(request), PIPELINE))).toEqual(['REQUESTER_NOT_LISTED /line']);
    expect(await world.index.list('OPEN')).toEqual(before);
    expect(entryOf('REQUESTER_NOT_LISTED').status).toBe(403);
    expect(
      codes(
        await receive(
          listing([
            { iss: 'x', sub },
            { iss, sub },
          ]),
          canonicalBytes(request),
          PIPELINE,
        ),
      ),
    ).toEqual([]);
  });

  it('R20 takes nothing before the start', async () => {
    const bare = await openWorld({ begun: false });
    const { request, blobs } = await built(bare, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    expect(codes(await receive(bare, canonicalBytes(request), PIPELINE))[0]).toMatch(/^BYTES_MISSING/);
    await upload(bare, blobs);
    expect(codes(await receive(bare, canonicalBytes(request), PIPELINE))).toEqual(['NOT_INITIALISED ']);
    await bare.close();
  });
});
