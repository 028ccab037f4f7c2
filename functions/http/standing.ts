// What stands against a line: drift that monitors report, and the owner's own stop. JSON for services and the command, one page
// for people.
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { handleOf } from '../domain/actor.ts';
import type { EventHash } from '../domain/digest.ts';
import { parseValue } from '../domain/parse.ts';
import type { Result } from '../domain/result.ts';
import { keys, StandingRow } from '../domain/rows.ts';
import { problemsOfLineOwner, SuspensionTerms } from '../domain/standing.ts';
import { reportDrift } from '../drift.ts';
import type { Identified } from '../ports.ts';
import { readStanding, type Standing, standingOf } from '../standing.ts';
import { readHead } from '../store.ts';
import { registeredLine, suspend } from '../suspend.ts';
import { anybody, bearerOnly } from './api.ts';
import { boundedBody } from './body.ts';
import { type ConsoleWorld, personOf, signedIn } from './console.ts';
import { pageHeaders } from './pages/headers.ts';
import { linePage } from './pages/line.ts';
import { refusal, wantsPage } from './problem.ts';
import { NOT_CONCERNED, seesToday } from './sees.ts';
import { formOf, sessionOf, viewerOf } from './session.ts';

type Env = { Variables: { caller: Identified } };

const MAX_BODY = 256 * 1024;

export function standingRoutes(world: ConsoleWorld): Hono<Env> {
  const app = new Hono<Env>();

  app.post('/drift-findings', bearerOnly(world), async (c) => {
    const monitor = c.get('caller');
    const body = await boundedBody(c.req.raw, MAX_BODY);
    const reported = body.ok ? await reportDrift(world, body.value, monitor) : body;
    if (!reported.ok) return refusal(c, reported.problems);
    const { event, repeated } = reported.value;
    await world.erasable.keep(monitor.principal.auth.tokenDigest, monitor.token);
    return c.json({ event, repeated }, repeated ? 200 : 201);
  });

  const json = anybody(world);
  const reader: MiddlewareHandler<Env> = (c, next) => (wantsPage(c) ? signedIn(c, next) : json(c, next));
  app.get('/lines/:line/:environment', reader, async (c) => {
    const place = placeOf(c);
    const who = sessionOf(c) ?? c.get('caller');
    if (!(await seesToday(world, place.line, who))) return refusal(c, [NOT_CONCERNED]);
    const line = await registeredLine(world, place);
    if (!line.ok) return refusal(c, line.problems);
    const { ownerOfRecord } = line.value;
    const { head } = await readHead(world.index, place.line, place.environment);
    const standing = await standingOf(world, place.line, place.environment);
    if (!wantsPage(c)) {
      const { reservedBy: _, last: __, ...active } = head;
      return c.json({ ...place, ownerOfRecord, ...active, ...standingJson(standing) });
    }
    const session = personOf(c);
    const wrong = problemsOfLineOwner(session.principal, ownerOfRecord);
    const page = linePage({
      ...place,
      viewer: viewerOf(session),
      owner: handleOf(ownerOfRecord),
      head,
      standing,
      records: await recordsOf(world, place),
      whyNot: wrong.map(({ detail }) => detail).join('; '),
    });
    return c.body(page, 200, pageHeaders(world.providerOrigin));
  });

  app.post('/lines/:line/:environment/suspension', async (c) => {
    const sent = await formOf(c, world.baseUrl);
    if (!sent.ok) return refusal(c, sent.problems);
    const { session, form } = sent.value;
    const place = placeOf(c);
    const reason = typeof form['reason'] === 'string' ? form['reason'].replaceAll('\r\n', '\n').trim() : undefined;
    const terms = parseValue(SuspensionTerms, { state: form['state'], reason });
    const sealed: Result<EventHash> = terms.ok ? await suspend(world, place, terms.value, session) : terms;
    if (!sealed.ok) return refusal(c, sealed.problems, {}, wantsPage(c) ? viewerOf(session) : null);
    await world.erasable.keep(session.principal.auth.tokenDigest, session.token);
    if (!wantsPage(c)) return c.json({ event: sealed.value }, 201);
    return c.redirect(`/lines/${place.line}/${place.environment}`, 303);
  });
  return app;
}

type Place = { readonly line: string; readonly environment: string };

const placeOf = (c: Context): Place => ({ line: c.req.param('line') ?? '', environment: c.req.param('environment') ?? '' });

/** For pipelines and the command: hashes, figures and states; no person. */
function standingJson({ drift, suspension }: Standing) {
  return {
    suspended: suspension?.record.state === 'suspended' ? suspension.event : null,
    standing: drift.map(({ event, record }) => ({ event, at: record.at, watched: record.event, measured: record.measured })),
  };
}

/** Everything of these kinds that was ever sealed for the line, the latest first: what was answered stays to be read. */
async function recordsOf(world: ConsoleWorld, { line, environment }: Place) {
  const rows = await world.index.list(keys.headPk(line, environment));
  const named = (prefix: string) => rows.filter(({ key }) => key.sk.startsWith(prefix));
  const answered = new Map(named('answered#').map(({ key, body }) => [key.sk, StandingRow.parse(body).event]));
  const hashes = [...named('drift#'), ...named('suspension#')].map(({ body }) => StandingRow.parse(body).event);
  const records = await readStanding(world.vault, hashes);
  const told = records.map(({ event, record }) => {
    return { event, record, answeredBy: answered.get(keys.answered(line, environment, event).sk) ?? null };
  });
  return told.sort((a, b) => (a.record.at < b.record.at ? 1 : -1));
}
