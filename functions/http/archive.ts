// Ending a version (R65): a route that takes proposals from pipelines and people, and the page where people approve them.
import { type Context, Hono } from 'hono';
import { archiveJson, consentToArchive, proposeArchive, serveArchive } from '../archive.ts';
import { type ArchiveFile, openArchives, readArchive } from '../archive-seal.ts';
import { ArchiveTerms, problemsOfConsent } from '../domain/archive.ts';
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
import { archivePage, archivesPage } from './pages/archive.ts';
import { pageHeaders, screenHeaders } from './pages/headers.ts';
import { refusal, wantsPage } from './problem.ts';
import { NOT_CONCERNED } from './sees.ts';
import { formOf, type Session, sessionOf, viewerOf } from './session.ts';

type Env = { Variables: { caller: Identified } };

const MAX_BODY = 64 * 1024;
export const Asked = ArchiveTerms.pick({ reason: true, from: true }).partial({ from: true });

export function archiveRoutes(world: ConsoleWorld): Hono<Env> {
  const app = new Hono<Env>();
  const page = (c: Context, html: string) => c.body(html, 200, pageHeaders(world.providerOrigin));

  // A browser sends our form, everybody else a bearer token.
  app.post('/lines/:line/:environment/archive', anybody(world), async (c) => {
    const session = sessionOf(c);
    const caller = c.get('caller');
    const asked = await askedBy(world, c, session);
    const proposed = asked.ok ? await proposeArchive(world, asked.value, caller) : asked;
    if (!proposed.ok) return refusal(c, proposed.problems, {}, session ? viewerOf(session) : null);
    await world.erasable.keep(caller.principal.auth.tokenDigest, caller.token);
    return wantsPage(c) ? c.redirect(`/archives/${proposed.value}`, 303) : c.json({ archive: proposed.value }, 202);
  });

  app.get('/archives', signedIn, async (c) => {
    const session = personOf(c);
    const seen = await Promise.all(
      (await openArchives(world)).map(async (file) => [file, await sees(world, file, session)] as const),
    );
    const rows = seen.flatMap(([file, mine]) => (mine ? [archiveJson(file)] : []));
    return wantsPage(c) ? page(c, archivesPage({ viewer: viewerOf(session), rows })) : c.json({ archives: rows });
  });

  app.get('/archives/:id', signedIn, async (c) => {
    const session = personOf(c);
    const found = await archiveFor(world, c, session);
    if (!found.ok) return refusal(c, found.problems, {}, viewerOf(session));
    const { principal } = session;
    const told = archiveJson(found.value);
    if (!wantsPage(c)) return c.json(told);
    const blocked = problemsOfConsent(found.value.proposal, principal).map(({ detail }) => detail);
    const { stepUpMinutes: minutes } = found.value.proposal;
    const again = minutes !== undefined && !isFresh(minutes, principal.auth, world.clock.now()) ? minutes : undefined;
    return page(c, archivePage({ ...told, viewer: viewerOf(session), whyNot: blocked.join('; '), again }));
  });

  app.get('/archives/:id/screen', signedIn, async (c) => {
    const session = personOf(c);
    const found = await archiveFor(world, c, session);
    const bytes = found.ok ? await serveArchive(world, found.value.row.id, session) : found;
    return bytes.ok ? c.body(Buffer.from(bytes.value), 200, screenHeaders(bytes.value)) : refusal(c, bytes.problems);
  });

  app.post('/archives/:id/approve', async (c) => {
    const sent = await formOf(c, world.baseUrl);
    if (!sent.ok) return refusal(c, sent.problems);
    const { session, form } = sent.value;
    const found = await archiveFor(world, c, session);
    const screen = typeof form['screen'] === 'string' ? form['screen'] : undefined;
    const approved = found.ok ? await consentToArchive(world, found.value.row.id, screen, session) : found;
    if (!approved.ok) return refusal(c, approved.problems, {}, viewerOf(session));
    await world.erasable.keep(session.principal.auth.tokenDigest, session.token);
    return wantsPage(c) ? c.redirect(`/archives/${c.req.param('id')}`, 303) : c.json(approved.value);
  });
  return app;
}

/** Without `from` it is the version active now: read once, and from then on it is that one or none. */
async function askedBy(world: ConsoleWorld, c: Context, session: Session | undefined): Promise<Result<ArchiveTerms>> {
  const said = session ? await saidInForm(world, c) : await boundedBody(c.req.raw, MAX_BODY);
  const asked = !said.ok
    ? said
    : said.value instanceof Uint8Array
      ? parseBytes(Asked, said.value)
      : parseValue(Asked, said.value);
  if (!asked.ok) return asked;
  const [line, environment] = [c.req.param('line') ?? '', c.req.param('environment') ?? ''];
  const { head } = await readHead(world.index, line, environment);
  const from = asked.value.from ?? head.incumbent;
  if (from === null) return fail(problem('NOT_WAITING', '/environment', 'no version is active there'));
  return parseValue(ArchiveTerms, { line, environment, from, reason: asked.value.reason });
}

async function saidInForm(world: ConsoleWorld, c: Context): Promise<Result<unknown>> {
  const sent = await formOf(c, world.baseUrl);
  if (!sent.ok) return sent;
  const { reason, from } = sent.value.form;
  return ok({
    reason: typeof reason === 'string' ? reason.replaceAll('\r\n', '\n').trim() : reason,
    ...(from ? { from } : {}),
  });
}

async function sees(world: ConsoleWorld, { proposal }: ArchiveFile, { principal }: Session): Promise<boolean> {
  const pack = await world.packs.load(proposal.pack);
  return seesLine(lineOf(pack, proposal.line), committeesOf(pack.layered, proposal.line), principal);
}

async function archiveFor(world: ConsoleWorld, c: Context, session: Session): Promise<Result<ArchiveFile>> {
  const id = Digest.safeParse(c.req.param('id'));
  const file = id.success ? await readArchive(world, id.data) : undefined;
  if (file === undefined) return fail(problem('NOT_FOUND', '', 'no such proposal'));
  return (await sees(world, file, session)) ? ok(file) : fail(NOT_CONCERNED);
}
