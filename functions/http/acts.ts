// What people do together beside promotions (R58, R65): routes that take proposals, and the page where people approve them.
import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import { actJson, consentToAct, proposeAct, serveAct } from '../acts/acts.ts';
import { type ActFile, openActs, readAct } from '../acts/seal.ts';
import { type ActKind, ActTerms, problemsOfConsent } from '../domain/act.ts';
import { Digest } from '../domain/digest.ts';
import { committeesOf } from '../domain/layers.ts';
import { seesLine } from '../domain/line.ts';
import { parseBytes, parseValue } from '../domain/parse.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import { isFresh } from '../domain/step-up.ts';
import type { Identified } from '../ports.ts';
import { lineOf } from '../route/pack.ts';
import { readHead } from '../store.ts';
import { anybody } from './api.ts';
import { boundedBody } from './body.ts';
import { type ConsoleWorld, personOf, signedIn } from './console.ts';
import { actPage, actsPage } from './pages/acts.ts';
import { pageHeaders, screenHeaders } from './pages/headers.ts';
import { refusal, wantsPage } from './problem.ts';
import { NOT_CONCERNED } from './sees.ts';
import { formOf, type Session, sessionOf, viewerOf } from './session.ts';

type Env = { Variables: { caller: Identified } };

const MAX_BODY = 64 * 1024;

const [Archive, Rollback, Revocation, BreakGlass] = ActTerms.options;
const place = { what: true, line: true, environment: true } as const;

/** What each route takes. Without `from` it is the version active now: read once, and from then on it is that one or none. */
export const WISHES = {
  archive: Archive.omit(place).partial({ from: true }),
  rollback: Rollback.omit(place).partial({ from: true }),
  revocation: Revocation.omit(place).partial({ to: true }),
  breakGlass: BreakGlass.omit(place),
} as const satisfies Record<ActKind, z.ZodType>;

const PATHS = { archive: 'archive', rollback: 'rollback', revocation: 'revocation', breakGlass: 'break-glass' } as const;

export function actRoutes(world: ConsoleWorld): Hono<Env> {
  const app = new Hono<Env>();
  const page = (c: Context, html: string) => c.body(html, 200, pageHeaders(world.providerOrigin));

  // A browser sends our form, everybody else a bearer token.
  for (const what of Object.keys(PATHS) as ActKind[])
    app.post(`/lines/:line/:environment/${PATHS[what]}`, anybody(world), async (c) => {
      const session = sessionOf(c);
      const caller = c.get('caller');
      const asked = await askedBy(world, c, what, session);
      const proposed = asked.ok ? await proposeAct(world, asked.value, caller) : asked;
      if (!proposed.ok) return refusal(c, proposed.problems, {}, session ? viewerOf(session) : null);
      await world.erasable.keep(caller.principal.auth.tokenDigest, caller.token);
      return wantsPage(c) ? c.redirect(`/acts/${proposed.value}`, 303) : c.json({ act: proposed.value }, 202);
    });

  // Its name before there were other acts; typed from memory, or from an old link.
  app.get('/archive', (c) => c.redirect('/acts', 303));

  app.get('/acts', signedIn, async (c) => {
    const session = personOf(c);
    const seen = await Promise.all(
      (await openActs(world)).map(async (file) => [file, await sees(world, file, session)] as const),
    );
    const rows = seen.flatMap(([file, mine]) => (mine ? [actJson(file)] : []));
    return wantsPage(c) ? page(c, actsPage({ viewer: viewerOf(session), rows })) : c.json({ acts: rows });
  });

  app.get('/acts/:id', signedIn, async (c) => {
    const session = personOf(c);
    const found = await actFor(world, c, session);
    if (!found.ok) return refusal(c, found.problems, {}, viewerOf(session));
    const { principal } = session;
    const told = actJson(found.value);
    if (!wantsPage(c)) return c.json(told);
    const blocked = problemsOfConsent(found.value.proposal, principal).map(({ detail }) => detail);
    const { stepUpMinutes: minutes } = found.value.proposal;
    const again = minutes !== undefined && !isFresh(minutes, principal.auth, world.clock.now()) ? minutes : undefined;
    return page(c, actPage({ ...told, viewer: viewerOf(session), whyNot: blocked.join('; '), again }));
  });

  app.get('/acts/:id/screen', signedIn, async (c) => {
    const session = personOf(c);
    const found = await actFor(world, c, session);
    const bytes = found.ok ? await serveAct(world, found.value.row.id, session) : found;
    return bytes.ok ? c.body(Buffer.from(bytes.value), 200, screenHeaders(bytes.value)) : refusal(c, bytes.problems);
  });

  app.post('/acts/:id/approve', async (c) => {
    const sent = await formOf(c, world.baseUrl);
    if (!sent.ok) return refusal(c, sent.problems);
    const { session, form } = sent.value;
    const found = await actFor(world, c, session);
    const screen = typeof form['screen'] === 'string' ? form['screen'] : undefined;
    const approved = found.ok ? await consentToAct(world, found.value.row.id, screen, session) : found;
    if (!approved.ok) return refusal(c, approved.problems, {}, viewerOf(session));
    await world.erasable.keep(session.principal.auth.tokenDigest, session.token);
    if (approved.value.event !== null) world.heard?.();
    return wantsPage(c) ? c.redirect(`/acts/${c.req.param('id')}`, 303) : c.json(approved.value);
  });
  return app;
}

async function askedBy(
  world: ConsoleWorld,
  c: Context,
  what: ActKind,
  session: Session | undefined,
): Promise<Result<ActTerms>> {
  const said = session ? await saidInForm(world, c) : await boundedBody(c.req.raw, MAX_BODY);
  const wish: z.ZodType<Record<string, unknown>> = WISHES[what];
  const asked = !said.ok
    ? said
    : said.value instanceof Uint8Array
      ? parseBytes(wish, said.value)
      : parseValue(wish, said.value);
  if (!asked.ok) return asked;
  const [line, environment] = [c.req.param('line') ?? '', c.req.param('environment') ?? ''];
  const { head } = await readHead(world.index, line, environment);
  if (what === 'archive' && head.incumbent === null && asked.value['from'] === undefined)
    return fail(problem('NOT_WAITING', '/environment', 'no version is active there'));
  const unsaid = what === 'revocation' ? { to: null } : what === 'breakGlass' ? {} : { from: head.incumbent };
  return parseValue(ActTerms, { what, line, environment, ...unsaid, ...asked.value });
}

/** A form says nothing by an empty field, and cannot say a number. */
async function saidInForm(world: ConsoleWorld, c: Context): Promise<Result<unknown>> {
  const sent = await formOf(c, world.baseUrl);
  if (!sent.ok) return sent;
  const { csrf: _, reason, hours, ...rest } = sent.value.form;
  const given = Object.fromEntries(Object.entries(rest).filter(([, text]) => text !== ''));
  return ok({
    ...given,
    reason: typeof reason === 'string' ? reason.replaceAll('\r\n', '\n').trim() : reason,
    ...(typeof hours === 'string' ? { hours: /^\d{1,3}$/.test(hours) ? Number(hours) : hours } : {}),
  });
}

async function sees(world: ConsoleWorld, { proposal }: ActFile, { principal }: Session): Promise<boolean> {
  const pack = await world.packs.load(proposal.pack);
  // Who is asked sees it, also who has no other business with the line.
  const asked = proposal.groups.some(({ role, from }) => principal.auth.roles.includes(`${role}@${from}`));
  return asked || seesLine(lineOf(pack, proposal.line), committeesOf(pack.layered, proposal.line), principal);
}

async function actFor(world: ConsoleWorld, c: Context, session: Session): Promise<Result<ActFile>> {
  const id = Digest.safeParse(c.req.param('id'));
  const file = id.success ? await readAct(world, id.data) : undefined;
  if (file === undefined) return fail(problem('NOT_FOUND', '', 'no such proposal'));
  return (await sees(world, file, session)) ? ok(file) : fail(NOT_CONCERNED);
}
