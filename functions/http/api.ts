// What pipelines, deployers and verifiers call: bearer tokens, JSON, no pages.
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { decide } from '../approve/decide.ts';
import { readEvent, readPromotion } from '../baseline.ts';
import { withCompanions } from '../companions.ts';
import { sameActor } from '../domain/actor.ts';
import { Digest, EventHash, type EventHash as Hash } from '../domain/digest.ts';
import { factsOf } from '../domain/dossier.ts';
import { stateOf } from '../domain/flow.ts';
import { parseBytes } from '../domain/parse.ts';
import { Profile } from '../domain/profile.ts';
import { RequestId } from '../domain/request.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import type { Head } from '../domain/rows.ts';
import { Name } from '../domain/text.ts';
import type { Trust, Verdict } from '../domain/trust.ts';
import { blobKey, isVaultKey } from '../domain/vault-keys.ts';
import { exportKeys } from '../export.ts';
import { judge } from '../gate/gate.ts';
import { MAX_BLOB_BYTES, storeBlob } from '../intake/blob.ts';
import { approvedStages, type Registered, receive } from '../intake/intake.ts';
import type { DriveWorld } from '../packs.ts';
import type { Direct, Erasable, Identified, Identity } from '../ports.ts';
import { standingHashes, standingOf } from '../standing.ts';
import { readDossier, readHead, readJsonBlob } from '../store.ts';
import { boundedBody } from './body.ts';
import { refusal } from './problem.ts';
import { NOT_CONCERNED, seesRequest, seesToday, shownTo } from './sees.ts';
import { sessionOf } from './session.ts';
import { statusJson, statusOf } from './status.ts';

export type ApiWorld = DriveWorld & {
  readonly identity: Identity;
  readonly erasable: Erasable;
  /** One trust per environment this server guards; its own configuration. */
  readonly gates: ReadonlyMap<string, Trust>;
  /** What a connected registry has to say to a request; without one nothing is asked. */
  readonly registered?: Registered;
  /** Keys whose policy releases may be put into force; without it none may. */
  readonly releases?: Trust;
  /** Absent where every object goes through this process. */
  readonly direct?: Direct;
};

type Env = { Variables: { caller: Identified } };

export function apiRoutes(world: ApiWorld): Hono<Env> {
  const app = new Hono<Env>();
  const bearer = bearerOnly(world);

  app.get('/lines/:line/:environment/baselines', bearer, async (c) => {
    const { line, environment } = c.req.param();
    if (!(await seesToday(world, line, c.get('caller')))) return refusal(c, [NOT_CONCERNED]);
    const { head } = await readHead(world.index, line, environment);
    const { drift, suspension } = await standingOf(world, line, environment);
    const stands = standingHashes({ drift, suspension });
    return c.json({ ...(await baselines(world, head)), standing: stands, answerable: drift.map(({ event }) => event) });
  });

  // What `plan` asks where a line has stages: in which of them this very model was approved before.
  app.get('/lines/:line/stages/:root', bearer, async (c) => {
    const root = Digest.safeParse(c.req.param('root'));
    if (!root.success) return refusal(c, [problem('INVALID_VALUE', '', 'not a digest')]);
    return c.json({ approvedIn: await approvedStages(world.index, c.req.param('line'), root.data) });
  });

  // GET, because hono answers HEAD by the GET route. Whether it is here; the bytes themselves are under /vault.
  app.on(['GET', 'PUT'], '/blobs/:digest', bearer, async (c) => {
    const digest = Digest.safeParse(c.req.param('digest'));
    if (!digest.success) return refusal(c, [problem('INVALID_VALUE', '', 'not a digest')]);
    if (c.req.method !== 'PUT') {
      const size = await world.vault.size(blobKey(digest.data));
      return c.body(null, size === undefined ? 404 : 204);
    }
    const body = await boundedBody(c.req.raw, MAX_BLOB_BYTES);
    const stored = body.ok ? await storeBlob(world.vault, digest.data, body.value) : body;
    return stored.ok ? c.json({ digest: stored.value }, 201) : refusal(c, stored.problems);
  });

  app.post('/requests', bearer, async (c) => {
    const sender = c.get('caller');
    const body = await boundedBody(c.req.raw, MAX_BLOB_BYTES);
    const accepted = body.ok ? await receive(world, body.value, sender) : body;
    if (!accepted.ok) return refusal(c, accepted.problems);
    await world.erasable.keep(sender.principal.auth.tokenDigest, sender.token);
    return c.json({ requestId: accepted.value.id, repeated: accepted.value.repeated }, accepted.value.repeated ? 200 : 202);
  });

  app.get('/requests/:id/status', anybody(world), async (c) => {
    const found = await dossierOf(world, c.req.param('id'));
    if (!found.ok) return refusal(c, found.problems);
    if (!(await seesRequest(world, found.value, c.get('caller')))) return refusal(c, [NOT_CONCERNED]);
    return c.json(statusJson(await statusOf(world, found.value)));
  });

  app.post('/requests/:id/withdraw', bearer, async (c) => {
    const found = await dossierOf(world, c.req.param('id'));
    if (!found.ok) return refusal(c, found.problems);
    const dossier = found.value;
    if (!sameActor(dossier.request.requester.actor, c.get('caller').principal.actor)) {
      return refusal(c, [problem('NOT_YOURS', '', 'withdrawn by who announced it')]);
    }
    if (!['needsRationale', 'voting', 'settling'].includes(stateOf(factsOf(dossier)))) {
      return refusal(c, [problem('NOT_WAITING', '', `it is ${stateOf(factsOf(dossier))}`)]);
    }
    const ended = await decide(world, dossier, { outcome: 'withdrawn', reasons: [] });
    world.workflow.wake(dossier.request.id);
    if (!ended) return refusal(c, [problem('NOT_WAITING', '', 'somebody decided at this moment; look again')]);
    return c.json({ requestId: dossier.request.id }, 202);
  });

  app.get('/events/:hash/envelope', anybody(world), async (c) => {
    const event = await shownTo(world, await eventOf(world, c.req.param('hash')), c.get('caller'));
    return event.ok ? bytesResponse(event.value.envelope) : refusal(c, event.problems);
  });

  app.get('/events/:hash/files', anybody(world), async (c) => {
    const event = await shownTo(world, await eventOf(world, c.req.param('hash')), c.get('caller'));
    return event.ok
      ? c.json({ event: event.value.hash, files: await withCompanions(world, await exportKeys(world, event.value)) })
      : refusal(c, event.problems);
  });

  app.get('/vault/:key{.+}', anybody(world), async (c) => {
    const key = c.req.param('key');
    const [, sealed] = /^(?:events|records)\/([0-9a-f]{64})\./.exec(key) ?? [];
    // Every other object is named by a digest that stands in such an envelope, and nowhere public.
    const person = c.get('caller').principal.actor.kind === 'person';
    const mine = sealed && person ? await shownTo(world, await eventOf(world, `sha256:${sealed}`), c.get('caller')) : undefined;
    if (mine && !mine.ok) return refusal(c, mine.problems);
    const bytes = isVaultKey(key) ? await world.vault.get(key) : undefined;
    if (bytes === undefined) return refusal(c, [problem('NOT_FOUND', '', 'no such object')]);
    const { direct } = world;
    return direct && bytes.byteLength > direct.largest ? c.redirect(await direct.download(key), 307) : bytesResponse(bytes);
  });

  // With what only a freeze asks for: somebody's signed intent, and the evidence in case the vault does not answer.
  app.post('/gate/:environment', async (c) => {
    const body = await boundedBody(c.req.raw, MAX_BLOB_BYTES);
    const asked = body.ok ? parseBytes(Presented, body.value, { maxBytes: MAX_BLOB_BYTES, maxDepth: 4 }) : body;
    if (!asked.ok) return refusal(c, asked.problems);
    const { intent, envelope, proof, ...about } = asked.value;
    const environment = c.req.param('environment');
    const bytes = (text: string | undefined, name: string) =>
      text === undefined ? {} : { [name]: Buffer.from(text, 'base64') };
    const presented = { ...bytes(intent, 'intent'), ...bytes(envelope, 'envelope'), ...(proof === undefined ? {} : { proof }) };
    return answerOf(c, await judge(world, { ...about, environment, presented }, world.gates.get(environment)));
  });

  app.get('/gate/:environment', async (c) => {
    const event = EventHash.safeParse(c.req.query('event'));
    const root = Digest.safeParse(c.req.query('root'));
    const manifest = Digest.safeParse(c.req.query('manifest'));
    const line = Name.safeParse(c.req.query('line'));
    if (!event.success || !root.success || !manifest.success || !line.success) {
      const asked = 'give line=…, event=sha256:…, and root=sha256:… and manifest=sha256:… of the bytes to deploy';
      return refusal(c, [problem('INVALID_VALUE', '', asked)]);
    }
    const environment = c.req.param('environment');
    const question = { event: event.data, root: root.data, manifest: manifest.data, line: line.data, environment };
    return answerOf(c, await judge(world, question, world.gates.get(environment)));
  });
  return app;
}

export const Presented = z.strictObject({
  line: Name,
  event: EventHash,
  root: Digest,
  manifest: Digest,
  intent: z
    .base64()
    .max(64 * 1024)
    .optional(),
  envelope: z.base64().optional(),
  proof: z
    .string()
    .max(64 * 1024)
    .optional(),
});

const answerOf = (c: Context, verdict: Verdict) =>
  c.json(verdict, verdict.verdict === 'allow' ? 200 : verdict.verdict === 'deny' ? 403 : 503, { 'cache-control': 'no-store' });

const bytesResponse = (bytes: Uint8Array): Response =>
  new Response(Buffer.from(bytes), {
    headers: { 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' },
  });

/** Evidence is not for everybody who can sign in at the same provider. */
export const NO_ROLE = problem(
  'NOT_YOURS',
  '',
  'your identity provider names no role for you, and any role a policy asks for would do, such as model-risk@retail-credit: ' +
    'have one assigned there, then sign in again',
);

const UNAUTHENTICATED = problem('UNAUTHENTICATED', '', 'a bearer token of a known issuer is needed');

async function callerOf(world: ApiWorld, c: Context): Promise<Result<Identified>> {
  const [, token] = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
  return token === undefined ? fail(UNAUTHENTICATED) : world.identity.verify(token);
}

export const bearerOnly =
  (world: ApiWorld): MiddlewareHandler<Env> =>
  async (c, next) => {
    const caller = await callerOf(world, c);
    if (!caller.ok) return refusal(c, caller.problems);
    c.set('caller', caller.value);
    return next();
  };

/** Who may read: a pipeline or auditor by token, a person by session. */
export const anybody =
  (world: ApiWorld): MiddlewareHandler<Env> =>
  async (c, next) => {
    const session = sessionOf(c);
    if (session) {
      c.set('caller', session);
      return session.principal.auth.roles.length > 0 ? next() : refusal(c, [NO_ROLE]);
    }
    return bearerOnly(world)(c, next);
  };

export async function dossierOf(world: DriveWorld, id: string) {
  const parsed = RequestId.safeParse(id);
  const dossier = parsed.success ? await readDossier(world.index, parsed.data) : undefined;
  return dossier === undefined ? fail(problem('NOT_FOUND', '', 'no such request')) : ok(dossier);
}

export async function eventOf(world: DriveWorld, hash: string) {
  const parsed = EventHash.safeParse(hash);
  const event = parsed.success ? await readEvent(world, parsed.data) : undefined;
  return event === undefined ? fail(problem('NOT_FOUND', '', 'no such event')) : ok(event);
}

/** What a pipeline needs to bin at sealed edges and to name what it compares with (design §9 Baselines). */
async function baselines(world: ApiWorld, head: Head) {
  const one = async (hash: Hash | null) => {
    if (hash === null) return null;
    const { request } = await readPromotion(world.vault, hash);
    const scoring = new Set(request.dataset.filter((slice) => slice.role === 'scoring').map((slice) => slice.digest));
    const profiles = await Promise.all(
      request.profiles.map(async (digest) => ({ digest, body: await readJsonBlob(world.vault, digest, Profile) })),
    );
    const profile = profiles.find(({ body }) => scoring.has(body.slice)) ?? null;
    return { event: hash, modelRoot: request.model.root, profile, terms: request.terms };
  };
  return {
    incumbent: await one(head.incumbent),
    lastHumanApproved: await one(head.lastHumanApproved),
    automatedSinceHuman: head.automatedSinceHuman,
  };
}
