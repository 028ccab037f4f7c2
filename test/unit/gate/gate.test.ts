import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevSigner } from '../../../functions/adapters/local/dev-signer.ts';
import { type Digest, digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import type { Dossier } from '../../../functions/domain/dossier.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { isAbsent, type Promotion } from '../../../functions/domain/event/statement.ts';
import { omsManifestBytes, omsRootOf } from '../../../functions/domain/oms.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { envelopeKey } from '../../../functions/domain/vault-keys.ts';
import { judge } from '../../../functions/gate/gate.ts';
import type { Index, Vault } from '../../../functions/ports.ts';
import { evidenceOf, resigned, type TestEvidence, trustIn } from '../../support/evidence.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload, vote } from '../../support/promote.ts';
import { ALICE, BOB, DAVE, openWorld, type TestWorld } from '../../support/world.ts';

const RETRAIN = 'scenarios/01-in-band-retrain';

let world: TestWorld;
/** Approved by a committee and active; approved by policy and active; approved once and replaced since. */
let committee: TestEvidence;
let automated: TestEvidence;
let replaced: TestEvidence;

beforeAll(async () => {
  world = await openWorld();
  committee = await evidenceOf(world, await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml')));
  replaced = await evidenceOf(world, await promote(world, await manifestAt(`${RETRAIN}/1-v01.yaml`)));
  automated = await evidenceOf(world, await promote(world, await manifestAt(`${RETRAIN}/2-v02.yaml`)));
});
afterAll(() => world.close());

type Offered = { readonly root: Digest; readonly manifest: Digest; readonly line: string };
/** What a deployer of this promotion would offer: bytes, names, and the use. */
const offerOf = ({ promotion: { model, scope } }: TestEvidence): Offered =>
  isAbsent(model)
    ? { root: digestOf(''), manifest: digestOf(''), line: scope.line }
    : { root: model.root, manifest: model.manifest, line: scope.line };
const ask = (
  event: EventHash,
  offered: Offered,
  more: { environment?: string; trust?: object; store?: { vault: Vault; index: Index } } = {},
) =>
  judge(
    { ...world, ...more.store },
    { event, ...offered, environment: more.environment ?? 'sandbox' },
    trustIn(world, more.trust),
  );
const brief = ({ verdict, code }: { verdict: string; code: string }) => `${verdict} ${code}`;

describe('R22 the gate allows', () => {
  it.each([
    ['a committee', () => committee],
    ['policy', () => automated],
  ])('what was approved by %s', async (_, evidence) => {
    const verdict = await ask(evidence().event, offerOf(evidence()));
    expect(brief(verdict)).toBe('allow OK');
    expect(verdict.checks.every((check) => check.ok)).toBe(true);
    expect(verdict.checks.map((check) => check.name)).toEqual([
      'signature',
      'event hash',
      'outcome',
      'artefact',
      'scope',
      'path',
      'active',
    ]);
  });
});

describe('R22 the gate denies', () => {
  it('a development key where production is guarded', async () => {
    const trust = { class: 'prod' as const, environment: 'production' };
    expect(brief(await ask(committee.event, offerOf(committee), { environment: 'production', trust }))).toBe(
      'deny KEY_UNTRUSTED',
    );
  });

  it('another environment, whichever of the three differs', async () => {
    const offered = offerOf(committee);
    expect(brief(await ask(committee.event, offered, { environment: 'production' }))).toBe('deny OUT_OF_SCOPE');
    expect(
      brief(await ask(committee.event, offered, { environment: 'production', trust: { environment: 'production' } })),
    ).toBe('deny OUT_OF_SCOPE');
    expect(brief(await ask(committee.event, offered, { trust: { environment: 'production' } }))).toBe('deny OUT_OF_SCOPE');
  });

  it('R4 another artefact, and the artefact of another version', async () => {
    expect(brief(await ask(committee.event, { ...offerOf(committee), root: digestOf('other bytes') }))).toBe(
      'deny ARTEFACT_MISMATCH',
    );
    expect(brief(await ask(automated.event, offerOf(replaced)))).toBe('deny ARTEFACT_MISMATCH');
  });

  it('R4b the same bytes under other names, and says that it is the names', async () => {
    const { event, promotion } = committee;
    const files = isAbsent(promotion.model) ? [] : promotion.model.files;
    const [a] = files;
    // A name that keeps its place in the order keeps the root.
    const renamed = files.map((file) => (file === a ? { ...file, path: `${file.path}0` } : file));
    expect(omsRootOf(renamed)).toBe(omsRootOf(files));
    const manifest = digestOf(omsManifestBytes(renamed, 'german-credit-pd'));
    const verdict = await ask(event, { ...offerOf(committee), manifest });
    expect(brief(verdict)).toBe('deny ARTEFACT_MISMATCH');
    expect(verdict.checks.at(-1)?.detail).toContain('same bytes, other names');
  });

  it('R22 a pipeline of another line: approved for one use is not approved for another', async () => {
    const verdict = await ask(committee.event, { ...offerOf(committee), line: 'another-line' });
    expect(brief(verdict)).toBe('deny OUT_OF_SCOPE');
    expect(verdict.checks.at(-1)?.detail).toContain('another-line');
  });

  it('what a later event replaced', async () => {
    expect(brief(await ask(replaced.event, offerOf(replaced)))).toBe('deny NOT_ACTIVE');
  });

  it('what is not sealed here, and what is no promotion', async () => {
    expect(brief(await ask(digestOf('nothing') as string as EventHash, offerOf(committee)))).toBe('deny NOT_FOUND');
    const { event } = ((await world.index.get(keys.activation))?.body ?? {}) as { event: EventHash };
    expect(brief(await ask(event, offerOf(committee)))).toBe('deny NOT_APPROVED');
  });

  it('R57 human approvals without their own signature, where it is required', async () => {
    const trust = { humanSignature: 'required' as const };
    expect(brief(await ask(committee.event, offerOf(committee), { trust }))).toBe('deny HUMAN_SIGNATURE_MISSING');
    expect(brief(await ask(automated.event, offerOf(automated), { trust }))).toBe('allow OK');
  });

  it.each(['committee', 'automated'])('approvals of an issuer that is not trusted: %s', async (which) => {
    const evidence = which === 'committee' ? committee : automated;
    const trust = { issuers: ['https://other.example'] };
    expect(brief(await ask(evidence.event, offerOf(evidence), { trust }))).toBe('deny NOT_APPROVED');
  });
});

describe('R21 every other outcome is denied', () => {
  type End = (manifest: string) => Promise<Dossier>;
  const begun = async (manifest: string) => {
    const { request, blobs } = await built(world, await manifestAt(manifest));
    await upload(world, blobs);
    return announce(world, request);
  };
  const cases: [string, string, End][] = [
    [
      'refused',
      'scenarios/13-explanation-other-slice',
      async (line) => {
        await promote(world, await manifestAt(`${line}/1-v01.yaml`));
        return promote(world, await manifestAt(`${line}/2-v10.yaml`));
      },
    ],
    ...(['reject', 'return'] as const).map((choice, i): [string, string, End] => [
      `${choice}ed`.replace('returned', 'returned'),
      ['scenarios/02-threshold-moved', 'scenarios/03-feature-known-family'][i] ?? '',
      async (line) => {
        const id = await begun(`${line}/1-v01.yaml`);
        await explain(world, id);
        await vote(world, id, ALICE, 'approve');
        await vote(world, id, BOB, choice);
        return dossierOf(world, id);
      },
    ]),
    [
      'stale',
      'scenarios/04-feature-dropped',
      async (line) => {
        await promote(world, await manifestAt(`${line}/1-v01.yaml`));
        const first = await begun(`${line}/2-v05.yaml`);
        const other = await manifestAt(`${line}/2-v05.yaml`);
        const second = await built(world, { ...other, pipelineRun: { ...other.pipelineRun, id: 'another-run' } });
        await upload(world, second.blobs);
        const overtaking = await announce(world, second.request);
        for (const id of [first, overtaking]) await explain(world, id);
        await vote(world, overtaking, DAVE);
        await vote(world, first, DAVE);
        return dossierOf(world, first);
      },
    ],
    [
      'expired',
      'scenarios/06-segment-share-moved',
      async (line) => {
        const id = await begun(`${line}/1-v01.yaml`);
        await explain(world, id);
        await vote(world, id, ALICE);
        world.later(400 * 86_400_000);
        world.workflow.wake(id);
        await world.run();
        return dossierOf(world, id);
      },
    ],
  ];
  it.each(cases)('%s', async (outcome, line, end) => {
    const dossier = await end(line);
    const evidence = await evidenceOf(world, dossier);
    expect(evidence.promotion.outcome).toBe(outcome);
    expect(evidence.key).toMatch(/^records\//);
    expect(brief(await ask(evidence.event, offerOf(evidence)))).toBe('deny NOT_APPROVED');
  });
});

/** A store that holds what a signer should never have signed, indexed and active. */
async function storeWith(promotion: Promotion, change: (promotion: Promotion) => void, signer = world.signer) {
  const { envelope, event } = await resigned(signer, promotion, change);
  const key = envelopeKey(event, 'approved');
  const { line, environment } = promotion.scope;
  const vault: Vault = { ...over(world.vault), get: async (path) => (path === key ? envelope : world.vault.get(path)) };
  const index: Index = {
    ...over(world.index),
    get: async (row) => {
      if (row.pk === keys.event(event).pk && row.sk === keys.event(event).sk)
        return { key: row, body: { request: null, key, kind: 'promotion', outcome: 'approved' }, revision: 1 };
      const found = await world.index.get(row);
      return found && row.pk === keys.head(line, environment).pk
        ? { ...found, body: { ...(found.body as object), incumbent: event } }
        : found;
    },
  };
  return { event, store: { vault, index } };
}
/** The adapters are classes: their methods by name. */
function over<T extends Vault | Index>(port: T): T {
  const names = ['get', 'putOnce', 'size', 'list', 'commit'] as const;
  return Object.fromEntries(names.flatMap((name) => (name in port ? [[name, (port as never)[name]]] : []))) as unknown as T;
}

describe('R22a a valid signature is not enough: the path its own routing asked for must be complete', () => {
  const approvals = (promotion: Promotion) => (isAbsent(promotion.approvals) ? [] : promotion.approvals);
  const cases: [string, string, () => TestEvidence, (promotion: Promotion) => void][] = [
    ['nothing changed', 'allow OK', () => committee, () => undefined],
    ['one vote short', 'deny NOT_APPROVED', () => committee, (p) => void approvals(p).pop()],
    [
      'one person three times',
      'deny NOT_APPROVED',
      () => committee,
      (p) => {
        const [one] = approvals(p);
        if (one) p.approvals = [one, one, one];
      },
    ],
    [
      'roles that were not asked',
      'deny NOT_APPROVED',
      () => committee,
      (p) => {
        for (const one of approvals(p)) one.auth.roles = ['model-developer'];
      },
    ],
    [
      'an abstention counted',
      'deny NOT_APPROVED',
      () => committee,
      (p) => void Object.assign(approvals(p)[0] ?? {}, { choice: 'abstain' }),
    ],
    [
      'a rejection beside the quorum',
      'deny NOT_APPROVED',
      () => committee,
      (p) => {
        const [one] = approvals(p);
        if (one) p.approvals = [...approvals(p), { ...one, choice: 'reject' } as typeof one];
      },
    ],
    [
      'approvals on sign-ins that were too old',
      'deny NOT_APPROVED',
      () => committee,
      (p) => {
        for (const one of approvals(p)) one.auth = { ...one.auth, authTime: (one.auth.authTime ?? 0) - 3601 };
      },
    ],
    [
      'a committee path without groups',
      'deny NOT_APPROVED',
      () => committee,
      (p) => {
        if (!isAbsent(p.routing)) p.routing.groups = [];
      },
    ],
    [
      'no approvals',
      'deny NOT_APPROVED',
      () => committee,
      (p) => {
        p.approvals = { absent: 'lost' };
      },
    ],
    [
      'no routing',
      'deny NOT_APPROVED',
      () => committee,
      (p) => {
        p.routing = { absent: 'lost' };
      },
    ],
    [
      'no model',
      'deny NOT_APPROVED',
      () => committee,
      (p) => {
        p.model = { absent: 'lost' };
      },
    ],
    [
      'people on the path of policy',
      'deny NOT_APPROVED',
      () => automated,
      (p) => {
        p.approvals = committee.promotion.approvals;
      },
    ],
    [
      'the approval of another policy',
      'deny NOT_APPROVED',
      () => automated,
      (p) => void Object.assign(approvals(p)[0] ?? {}, { pack: digestOf('another') }),
    ],
  ];
  it.each(cases)('%s: %s', async (_, expected, evidence, change) => {
    const { event, store } = await storeWith(evidence().promotion, change);
    expect(brief(await ask(event, offerOf(evidence()), { store }))).toBe(expected);
  });

  it('a signer nobody trusts', async () => {
    const stranger = await openDevSigner(join(world.folder, 'stranger.pem'));
    for (const [signer, code] of [
      [stranger, 'KEY_UNTRUSTED'],
      [{ ...stranger, keyid: world.signer.keyid }, 'SIGNATURE_INVALID'],
    ] as const) {
      const { event, store } = await storeWith(committee.promotion, () => undefined, signer);
      expect(brief(await ask(event, offerOf(committee), { store }))).toBe(`deny ${code}`);
    }
  });

  it('another event’s envelope under this event’s name', async () => {
    const vault: Vault = {
      ...over(world.vault),
      get: async (key) => world.vault.get(key === committee.key ? automated.key : key),
    };
    expect(brief(await ask(committee.event, offerOf(committee), { store: { vault, index: world.index } }))).toBe(
      'deny EVENT_HASH_MISMATCH',
    );
  });

  it('bytes that are no envelope', async () => {
    const vault: Vault = { ...over(world.vault), get: async () => new TextEncoder().encode('{}') };
    expect(brief(await ask(committee.event, offerOf(committee), { store: { vault, index: world.index } }))).toBe(
      'deny ENVELOPE_INVALID',
    );
  });
});

describe('R23 a doubt is not an allow', () => {
  const down = async (): Promise<never> => {
    throw new InfrastructureError('no answer', { retryable: true });
  };
  it.each([
    ['the index is down', () => ({ vault: world.vault, index: { ...over(world.index), get: down } as Index })],
    ['the vault is down', () => ({ vault: { ...over(world.vault), get: down } as Vault, index: world.index })],
    [
      'the vault lost the envelope',
      () => ({ vault: { ...over(world.vault), get: async () => undefined } as Vault, index: world.index }),
    ],
    [
      'a row does not read',
      () => ({
        vault: world.vault,
        index: { ...over(world.index), get: async (key) => ({ key, body: {}, revision: 1 }) } as Index,
      }),
    ],
  ])('%s: cannot tell', async (_, store) => {
    expect(brief(await ask(committee.event, offerOf(committee), { store: store() }))).toBe('unknown CANNOT_TELL');
  });

  it('no trust: cannot tell', async () => {
    const question = { event: committee.event, ...offerOf(committee), environment: 'sandbox' };
    expect(brief(await judge(world, question, undefined))).toBe('unknown NO_TRUST');
  });
});
