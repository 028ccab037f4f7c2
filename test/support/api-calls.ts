// For every operation of the API: a call that is answered and one that is refused, over a store in which each has its place.

import { proposeAct, serveAct } from '../../functions/acts/acts.ts';
import { readAct } from '../../functions/acts/seal.ts';
import { createMlflow } from '../../functions/adapters/registries/mlflow.ts';
import { readEvent } from '../../functions/baseline.ts';
import { digestOf, EventHash, hexOf } from '../../functions/domain/digest.ts';
import { isAbsent } from '../../functions/domain/event/statement.ts';
import { storeBlob } from '../../functions/intake/blob.ts';
import { firstKeys } from '../../functions/keys/changes.ts';
import { finishKeys } from '../../functions/keys/keys.ts';
import { appendToLog } from '../../functions/log/append.ts';
import { readPublished } from '../../functions/log/log.ts';
import type { Direct, Identified } from '../../functions/ports.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { createShadow } from '../../functions/whatif/shadow.ts';
import { deskOf, value } from './activation.ts';
import { appOf, type TestApp } from './app.ts';
import { trustIn } from './evidence.ts';
import { requestedTag, signedHook } from './hooks.ts';
import { KIM } from './key-folder.ts';
import { announce, built, explain, manifestAt, promote, upload } from './promote.ts';
import { nameOf, packWithExpiry, signed } from './release.ts';
import { driftReport, MONITOR, OLIVIA, PLACE, REASON, STEPS } from './standing.ts';
import { ALICE, openWorld, PIPELINE } from './world.ts';

type By = { readonly bearer: Identified } | { readonly session: Identified } | 'nobody';

export type Call = {
  readonly path: string;
  readonly by: By;
  /** An object is JSON with a token and a form with a session. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** `no`: what is refused, with its status, code and pointer. `nothing`: this cannot be called wrongly. */
type Calls = {
  readonly yes: Call;
  readonly no: (Call & { readonly answer: readonly [number, string, string] }) | 'nothing';
};

const NONE = digestOf('nothing that was ever stored');
const NO_ID = `req-${'a'.repeat(26)}`;
const [bearer, session] = [{ bearer: PIPELINE }, { session: ALICE }];
const HELLO = new TextEncoder().encode('hello');

async function setUp() {
  const world = deskOf(await openWorld());
  const first = await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
  const earlier = (await promote(world, await manifestAt(STEPS[0] ?? ''))).seal?.eventHash;
  await promote(world, await manifestAt(STEPS[1] ?? ''));
  await firstKeys(world, world.tlog);
  await finishKeys(world, [world.signer]);
  const suspicion = { keyid: world.signer.keyid, since: world.clock.now() };
  const event = EventHash.parse(first.seal?.eventHash);
  const routing = await readRouting(world, first);
  Object.assign(world, {
    shadow: createShadow(
      routing.pack,
      () => routing,
      () => undefined,
    ),
  });
  const sent = async (path: string, more = {}) => {
    const { request, blobs } = await built(world, { ...(await manifestAt(path)), ...more });
    await upload(world, blobs);
    return announce(world, request);
  };
  const judged = await sent('scenarios/09-model-class/2-v09.yaml', { line: first.request.line });
  await explain(world, judged);
  const parked = await sent('scenarios/01-in-band-retrain/2-v02.yaml');
  const waiting = await sent('scenarios/12-no-incumbent/1-v01.yaml');
  const next = await built(world, await manifestAt(STEPS[2] ?? ''));
  await upload(world, next.blobs);
  const stored = await readEvent(world, event);
  if (stored?.predicate.kind !== 'promotion' || isAbsent(stored.predicate.model)) throw new Error('not promoted');
  const report = await driftReport(world);
  const wish = { what: 'archive' as const, ...PLACE, from: report.event, reason: REASON };
  const archive = value(await proposeAct(world, wish, PIPELINE));
  await serveAct(world, archive, ALICE);
  const files = await signed(packWithExpiry(7), world.signer);
  for (const bytes of files.values()) await storeBlob(world.vault, digestOf(bytes), bytes);
  await appendToLog(world);
  const screen = (await readAct(world, archive))?.row.screen;
  const { root, manifest } = stored.predicate.model;
  const release = {
    pack: nameOf(files),
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, digestOf(bytes)])),
  };
  const { line } = first.request;
  const logged = (await readPublished(world.index))?.size;
  return {
    world,
    logged,
    event,
    earlier,
    line,
    judged,
    parked,
    waiting,
    suspicion,
    request: next.request,
    report,
    archive,
    screen,
    release,
    root,
    manifest,
  };
}

export async function playApi() {
  const at = await setUp();
  const { world, event, line, parked, waiting, archive } = at;
  const gates = new Map([['sandbox', trustIn(world)]]);
  const secrets = ['a-secret-of-this-test-1'];
  const mlflow = createMlflow({ name: 'mlflow', url: 'http://127.0.0.1:1', keys: { secrets } });
  const direct: Direct = {
    largest: 1_000_000,
    upload: async (digest) => ({ url: `https://store.example.test/${digest}`, headers: { 'if-none-match': '*' } }),
    download: async (key) => `https://store.example.test/${key}`,
  };
  const app = appOf(world, { gates, direct, connections: new Map([['mlflow', { registry: mlflow, models: [] }]]) });
  const hook = signedHook(requestedTag('stranger', '1', 'sandbox'), secrets[0] ?? '', world.clock.now());
  const artefact = `line=${line}&event=${event}&root=${at.root}&manifest=${at.manifest}`;
  const envelope = `events/${hexOf(event)}.dsse.json`;
  const place = `/lines/${PLACE.line}/${PLACE.environment}`;
  const stop = { state: 'suspended', reason: REASON };
  const unknown = [404, 'NOT_FOUND', ''] as const;
  const noOne = [401, 'UNAUTHENTICATED', ''] as const;
  const no = (path: string, by: By, answer: readonly [number, string, string], body?: unknown) => ({ path, by, answer, body });
  const calls: Record<string, Calls> = {
    'GET /lines/{line}/{environment}/baselines': {
      yes: { path: `${place}/baselines`, by: bearer },
      no: no(`${place}/baselines`, 'nobody', noOne),
    },
    'GET /lines/{line}/stages/{root}': {
      yes: { path: `/lines/${line}/stages/${at.root}`, by: bearer },
      no: no(`/lines/${line}/stages/latest`, bearer, [422, 'INVALID_VALUE', '']),
    },
    'GET /blobs/{digest}': {
      yes: { path: `/blobs/${at.report.report}`, by: bearer },
      no: no('/blobs/latest', bearer, [422, 'INVALID_VALUE', '']),
    },
    'PUT /blobs/{digest}': {
      yes: { path: `/blobs/${digestOf(HELLO)}`, by: bearer, body: HELLO },
      no: no(`/blobs/${NONE}`, bearer, [403, 'DIGEST_MISMATCH', ''], HELLO),
    },
    'POST /blobs/{digest}/upload': {
      yes: { path: `/blobs/${digestOf(HELLO)}/upload`, by: bearer, body: { size: HELLO.length } },
      no: no(`/blobs/${NONE}/upload`, bearer, [422, 'INVALID_VALUE', '/size'], { size: 0 }),
    },
    'POST /hooks/{registry}': {
      yes: { path: '/hooks/mlflow', by: 'nobody', body: hook.text, headers: hook.headers },
      no: { path: '/hooks/none', by: 'nobody', body: hook.text, headers: hook.headers, answer: noOne },
    },
    'POST /requests': {
      yes: { path: '/requests', by: bearer, body: at.request },
      no: no('/requests', bearer, [422, 'UNKNOWN_KEY', '/misspelt'], { ...at.request, misspelt: true }),
    },
    'GET /requests/{id}/status': {
      yes: { path: `/requests/${parked}/status`, by: session },
      no: no(`/requests/${NO_ID}/status`, bearer, unknown),
    },
    'POST /requests/{id}/withdraw': {
      yes: { path: `/requests/${waiting}/withdraw`, by: bearer, body: '' },
      no: no(`/requests/${NO_ID}/withdraw`, bearer, unknown, ''),
    },
    'POST /requests/{id}/let-pass': {
      yes: { path: `/requests/${parked}/let-pass`, by: { session: OLIVIA }, body: {} },
      no: no(`/requests/${parked}/let-pass`, session, [403, 'NOT_YOURS', ''], {}),
    },
    'POST /lines/{line}/{environment}/archive': {
      yes: { path: `/lines/${line}/sandbox/archive`, by: bearer, body: { reason: REASON } },
      no: no(`/lines/${line}/sandbox/archive`, bearer, [422, 'MISSING_KEY', '/reason'], {}),
    },
    'POST /lines/{line}/{environment}/rollback': {
      yes: { path: `${place}/rollback`, by: { session: OLIVIA }, body: { to: at.earlier, reason: REASON } },
      no: no(`${place}/rollback`, { session: OLIVIA }, [422, 'MISSING_KEY', '/to'], { reason: REASON }),
    },
    'POST /lines/{line}/{environment}/revocation': {
      yes: { path: `${place}/revocation`, by: { session: OLIVIA }, body: { event: at.earlier, reason: REASON } },
      no: no(`${place}/revocation`, bearer, [403, 'PERSON_ONLY', ''], { event: at.earlier, reason: REASON }),
    },
    'POST /lines/{line}/{environment}/break-glass': {
      yes: {
        path: `${place}/break-glass`,
        by: { session: OLIVIA },
        body: { root: at.root, manifest: at.manifest, hours: '24', reason: REASON },
      },
      no: no(`${place}/break-glass`, { session: OLIVIA }, [422, 'INVALID_VALUE', '/hours'], {
        root: at.root,
        manifest: at.manifest,
        hours: '73',
        reason: REASON,
      }),
    },
    'GET /lines/{line}/{environment}/ledger': {
      yes: { path: `${place}/ledger`, by: bearer },
      no: no('/lines/none/sandbox/ledger', session, unknown),
    },
    'GET /acts': { yes: { path: '/acts', by: session }, no: no('/acts', 'nobody', noOne) },
    'GET /acts/{id}': { yes: { path: `/acts/${archive}`, by: session }, no: no(`/acts/${NONE}`, session, unknown) },
    'POST /acts/{id}/approve': {
      yes: { path: `/acts/${archive}/approve`, by: session, body: { screen: at.screen } },
      no: no(`/acts/${NONE}/approve`, session, unknown, { screen: at.screen }),
    },
    'GET /lines/{line}/{environment}': { yes: { path: place, by: bearer }, no: no('/lines/none/sandbox', session, unknown) },
    'POST /lines/{line}/{environment}/suspension': {
      yes: { path: `${place}/suspension`, by: { session: OLIVIA }, body: stop },
      no: no(`${place}/suspension`, { session: OLIVIA }, [422, 'INVALID_VALUE', '/state'], { ...stop, state: 'off' }),
    },
    'POST /drift-findings': {
      yes: { path: '/drift-findings', by: { bearer: MONITOR }, body: at.report },
      no: no('/drift-findings', { bearer: MONITOR }, [422, 'INVALID_VALUE', '/measured/0/n'], {
        ...at.report,
        measured: [{ ...at.report.measured[0], n: 0 }],
      }),
    },
    'GET /keys.json': { yes: { path: '/keys.json', by: 'nobody' }, no: 'nothing' },
    'POST /keys/consents': {
      yes: { path: '/keys/consents', by: { bearer: KIM }, body: at.suspicion },
      no: no('/keys/consents', { bearer: KIM }, [422, 'INVALID_VALUE', '/keyid'], { ...at.suspicion, keyid: 'mine' }),
    },
    'GET /stats': { yes: { path: '/stats', by: session }, no: no('/stats', 'nobody', noOne) },
    'GET /rulebook': { yes: { path: '/rulebook', by: session }, no: no('/rulebook', 'nobody', noOne) },
    'GET /policy': { yes: { path: '/policy', by: 'nobody' }, no: 'nothing' },
    'POST /policy/releases': {
      yes: { path: '/policy/releases', by: bearer, body: at.release },
      no: no('/policy/releases', bearer, [422, 'INVALID_VALUE', '/pack'], { ...at.release, pack: 'latest' }),
    },
    'GET /policy/shadow': { yes: { path: '/policy/shadow', by: bearer }, no: no('/policy/shadow', 'nobody', noOne) },
    'GET /gate/{environment}': {
      yes: { path: `/gate/sandbox?${artefact}`, by: 'nobody' },
      no: no('/gate/sandbox?event=latest', 'nobody', [422, 'INVALID_VALUE', '']),
    },
    'POST /gate/{environment}': {
      yes: {
        path: '/gate/sandbox',
        by: 'nobody',
        body: { line, event, root: at.root, manifest: at.manifest },
      },
      no: no('/gate/sandbox', 'nobody', [422, 'INVALID_VALUE', '/event'], {
        line,
        event: 'latest',
        root: at.root,
        manifest: at.manifest,
      }),
    },
    'GET /events/{hash}/envelope': {
      yes: { path: `/events/${event}/envelope`, by: bearer },
      no: no(`/events/${NONE}/envelope`, bearer, unknown),
    },
    'GET /events/{hash}/files': {
      yes: { path: `/events/${event}/files`, by: bearer },
      no: no(`/events/${NONE}/files`, bearer, unknown),
    },
    'GET /events/{hash}/proof': {
      yes: { path: `/events/${event}/proof`, by: 'nobody' },
      no: no(`/events/${NONE}/proof`, 'nobody', [503, 'NOT_LOGGED', '']),
    },
    'GET /vault/{key}': { yes: { path: `/vault/${envelope}`, by: bearer }, no: no('/vault/etc/passwd', bearer, unknown) },
    'GET /log/checkpoint': { yes: { path: '/log/checkpoint', by: 'nobody' }, no: 'nothing' },
    'GET /log/tile/{rest}': {
      yes: { path: `/log/tile/0/000.p/${at.logged}`, by: 'nobody' },
      no: no('/log/tile/latest', 'nobody', unknown),
    },
    'GET /log/keys': { yes: { path: '/log/keys', by: 'nobody' }, no: 'nothing' },
    'GET /log/timestamps/{size}': {
      yes: { path: '/log/timestamps/1', by: 'nobody' },
      no: no('/log/timestamps/all', 'nobody', [422, 'INVALID_VALUE', '']),
    },
    'GET /openapi.json': { yes: { path: '/openapi.json', by: 'nobody' }, no: 'nothing' },
    'GET /healthz': { yes: { path: '/healthz', by: 'nobody' }, no: 'nothing' },
    'GET /readyz': { yes: { path: '/readyz', by: 'nobody' }, no: 'nothing' },
  };
  return { world, app, calls, artefact };
}

/** As the caller would send it: JSON with a token, a form of our page with a session. */
export function send(app: TestApp, method: string, { path, by, body, headers }: Call): Promise<Response> {
  if (by === 'nobody') {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return app.ask(path, { method, ...(body === undefined ? {} : { body: text, headers: headers ?? {} }) });
  }
  if ('session' in by) {
    const form = typeof body === 'object' ? { body: new URLSearchParams({ ...body, csrf: app.csrf }) } : {};
    return app.ask(path, { method, headers: app.headersOf(by.session).session, ...form });
  }
  const bytes = body instanceof Uint8Array ? Buffer.from(body) : typeof body === 'object' ? JSON.stringify(body) : undefined;
  return app.ask(path, { method, headers: app.headersOf(by.bearer).bearer, ...(bytes ? { body: bytes } : {}) });
}
