// The ledger of a line: JSON for services and the command, a page for people, who also start the brakes there.
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { problemsOfProposer } from '../domain/act-asked.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import { Day, Instant } from '../domain/text.ts';
import { policyInForce } from '../in-force.ts';
import { ledgerOf } from '../ledger.ts';
import type { Identified } from '../ports.ts';
import { registeredLine } from '../suspend.ts';
import { anybody } from './api.ts';
import { type ConsoleWorld, personOf, signedIn } from './console.ts';
import { pageHeaders } from './pages/headers.ts';
import { ledgerPage } from './pages/ledger.ts';
import { refusal, wantsPage } from './problem.ts';
import { NOT_CONCERNED, seesToday } from './sees.ts';
import { sessionOf, viewerOf } from './session.ts';

type Env = { Variables: { caller: Identified } };

export function ledgerRoutes(world: ConsoleWorld): Hono<Env> {
  const app = new Hono<Env>();
  const json = anybody(world);
  const reader: MiddlewareHandler<Env> = (c, next) => (wantsPage(c) ? signedIn(c, next) : json(c, next));
  app.get('/lines/:line/:environment/ledger', reader, async (c) => {
    const place = { line: c.req.param('line'), environment: c.req.param('environment') };
    if (!(await seesToday(world, place.line, sessionOf(c) ?? c.get('caller')))) return refusal(c, [NOT_CONCERNED]);
    const asOf = asOfIn(c);
    if (!asOf.ok) return refusal(c, asOf.problems);
    const ledger = await ledgerOf(world, place, world.clock.now(), asOf.value);
    // A line that is no longer registered keeps its past.
    const line = await registeredLine(world, place);
    if (!line.ok && ledger.entries.length === 0) return refusal(c, line.problems);
    if (!wantsPage(c)) return c.json(ledger);
    const session = personOf(c);
    const active = await policyInForce(world);
    const pack = active.ok ? await world.packs.load(active.value.pack) : undefined;
    const wrong = pack && line.ok ? problemsOfProposer(pack.layered, line.value, 'rollback', session.principal) : [];
    const whyNot =
      active.ok && line.ok ? wrong.map(({ detail }) => detail).join('; ') : 'it is not registered, or no policy is in force';
    const page = ledgerPage({ viewer: viewerOf(session), ledger, asOf: asOf.value, whyNot });
    return c.body(page, 200, pageHeaders(world.providerOrigin));
  });
  return app;
}

/** A day means its last moment. */
function asOfIn(c: Context): Result<Instant | undefined> {
  const said = c.req.query('as-of');
  if (said === undefined) return ok(undefined);
  const day = Day.safeParse(said);
  const instant = Instant.safeParse(day.success ? `${said}T23:59:59.999Z` : said);
  return instant.success ? ok(instant.data) : fail(problem('INVALID_VALUE', '/as-of', 'expected a day such as 2026-11-21'));
}
