// The pages: inbox, one request with its frozen screen, the forms, the receipt. A GET never changes anything but the record
// that a screen was served; every form carries the session's token.
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { every } from 'hono/combine';
import { groupsOf, problemsOfAuthority } from '../approve/authority.ts';
import { giveRationale } from '../approve/rationale.ts';
import { serveScreen } from '../approve/serve-screen.ts';
import { castVote } from '../approve/vote.ts';
import { type Auth, handleOf } from '../domain/actor.ts';
import type { Dossier } from '../domain/dossier.ts';
import { summaryOf } from '../domain/event/summary.ts';
import { ownsLine } from '../domain/line.ts';
import { parseValue } from '../domain/parse.ts';
import { Rationale } from '../domain/request.ts';
import { fail, problem, type Result } from '../domain/result.ts';
import { isEscalatedTo } from '../domain/sla.ts';
import { freshUntil, isFresh } from '../domain/step-up.ts';
import type { Instant } from '../domain/text.ts';
import { Ballot, Choice, voteKeyOf } from '../domain/vote.ts';
import { isParked } from '../let-pass.ts';
import { lineOf } from '../route/pack.ts';
import { readRouting } from '../steps/route.ts';
import { readVotes } from '../steps/votes.ts';
import { readDossier } from '../store.ts';
import { type ApiWorld, dossierOf, eventOf, NO_ROLE } from './api.ts';
import { cookieName } from './cookie-name.ts';
import { inboxView } from './inbox.ts';
import { eventPage } from './pages/event.ts';
import { pageHeaders, screenHeaders } from './pages/headers.ts';
import { receiptPage } from './pages/receipt.ts';
import { recordPage } from './pages/record.ts';
import { requestPage } from './pages/request.ts';
import { refusal, wantsPage } from './problem.ts';
import { createDecidedList } from './sealed.ts';
import { NOT_CONCERNED, seesRequest, shownTo } from './sees.ts';
import { type Form, formOf, requirePerson, type Session, sessionOf, viewerOf } from './session.ts';
import { statusOf } from './status.ts';
import { inboxRow, timelineOf } from './views.ts';

export type ConsoleWorld = ApiWorld & {
  readonly baseUrl: string;
  readonly random: () => string;
  readonly providerOrigin?: string;
  /** What the registries are to be told of may have been sealed; lost, the next tick looks anyway. */
  readonly heard?: () => void;
};

type Env = { Variables: { person: Session } };

/** Pages are for people who hold a role here. */
export const signedIn = every(
  requirePerson((c, problems) => refusal(c, problems)),
  async (c, next) => (personOf(c).principal.auth.roles.length > 0 ? next() : refusal(c, [NO_ROLE])),
);

export function consoleRoutes(world: ConsoleWorld): Hono<Env> {
  const app = new Hono<Env>();
  const page = (c: Context, html: string) => c.body(html, 200, pageHeaders(world.providerOrigin));

  // Text people write is short; the longest form is a rationale.
  const form = bodyLimit({
    maxSize: 256 * 1024,
    onError: (c) => refusal(c, [problem('BODY_TOO_LARGE', '', 'a form holds at most 256 KiB')]),
  });
  app.on(
    'POST',
    [
      '/requests/:id/rationale',
      '/requests/:id/votes',
      '/policy/*',
      '/acts/*',
      '/requests/:id/let-pass',
      '/lines/*',
      '/sign-out',
    ],
    form,
  );

  const decided = createDecidedList(world);
  app.get('/', signedIn, async (c) => {
    const session = personOf(c);
    return page(c, await inboxView(world, session, viewerOf(session), await decided(), c.req.query('page')));
  });

  app.get('/requests/:id', signedIn, async (c) => {
    const found = await dossierFor(world, c, personOf(c));
    return found.ok ? page(c, await requestView(world, found.value, personOf(c))) : refusal(c, found.problems);
  });

  app.get('/requests/:id/screen', signedIn, async (c) => {
    const found = await dossierFor(world, c, personOf(c));
    const bytes = found.ok ? await serveScreen(world, found.value, personOf(c)) : found;
    return bytes.ok ? c.body(Buffer.from(bytes.value), 200, screenHeaders(bytes.value)) : refusal(c, bytes.problems);
  });

  app.get('/requests/:id/receipt', signedIn, async (c) => {
    const session = personOf(c);
    const found = await dossierOf(world, c.req.param('id'));
    if (!found.ok) return refusal(c, found.problems);
    const vote = await myVote(world, found.value, session);
    return vote
      ? page(c, receiptPage({ viewer: viewerOf(session), vote }))
      : refusal(c, [problem('NOT_FOUND', '', 'you have not decided here')]);
  });

  app.post('/requests/:id/rationale', async (c) => {
    const posted = await postedBy(world, c);
    if (!posted.ok) return refusal(c, posted.problems);
    const { session, form, dossier } = posted.value;
    const text = parseValue(Rationale, {
      text: form['text'],
      scope: form['scope'],
      intendedUse: form['intendedUse'],
      limitations: form['limitations'],
    });
    const given = text.ok ? await giveRationale(world, dossier, text.value, session) : text;
    if (!given.ok) return refusal(c, given.problems, {}, viewerOf(session));
    await world.erasable.keep(session.principal.auth.tokenDigest, session.token);
    return c.redirect(`/requests/${dossier.request.id}`, 303);
  });

  app.post('/requests/:id/votes', async (c) => {
    const posted = await postedBy(world, c);
    if (!posted.ok) return refusal(c, posted.problems);
    const { session, form, dossier } = posted.value;
    const ballot = parseValue(Ballot, ballotOf(form));
    if (!ballot.ok) return refusal(c, ballot.problems, {}, viewerOf(session));
    if (dossier.routing === undefined) return refusal(c, [problem('NOT_WAITING', '', 'it is not routed yet')]);
    const cast = await castVote(world, dossier, await readRouting(world, dossier), ballot.value, session);
    if (!cast.ok) {
      const stored = await myVote(world, dossier, session);
      return refusal(
        c,
        cast.problems,
        stored ? { stored: { choice: stored.choice, castAt: stored.castAt } } : {},
        viewerOf(session),
      );
    }
    await world.erasable.keep(session.principal.auth.tokenDigest, session.token);
    return c.redirect(`/requests/${dossier.request.id}/receipt`, 303);
  });

  app.get('/events/:hash', signedIn, async (c) => {
    const found = await shownTo(world, await eventOf(world, c.req.param('hash')), personOf(c));
    if (!found.ok) return refusal(c, found.problems);
    const { predicate, hash } = found.value;
    if (predicate.kind !== 'promotion') {
      return wantsPage(c) ? page(c, recordPage({ viewer: viewerOf(personOf(c)), hash, record: predicate })) : c.json(predicate);
    }
    const commands = [
      `npx countersign export ${hash} --out evidence`,
      `npx countersign verify evidence --trust trust-${predicate.scope.environment}.json`,
      `npx countersign replay evidence --trust trust-${predicate.scope.environment}.json`,
    ];
    return page(
      c,
      eventPage({
        viewer: viewerOf(personOf(c)),
        hash,
        outcome: predicate.outcome,
        kind: predicate.kind,
        requestId: predicate.requestId,
        scope: `${predicate.scope.line} into ${predicate.scope.environment}`,
        decidedAt: predicate.times.decidedAt,
        fields: summaryOf(predicate),
        reasons: predicate.reasons,
        commands,
      }),
    );
  });
  return app;
}

export function personOf(c: Context): Session {
  const session = sessionOf(c);
  if (session === undefined) throw new Error('broken invariant: this route lets only signed-in people through');
  return session;
}

async function dossierFor(world: ConsoleWorld, c: Context, session: Session): Promise<Result<Dossier>> {
  const found = await dossierOf(world, c.req.param('id') ?? '');
  if (!found.ok || (await seesRequest(world, found.value, session))) return found;
  return fail(NOT_CONCERNED);
}

type Posted = { readonly session: Session; readonly form: Form; readonly dossier: Dossier };

async function postedBy(world: ConsoleWorld, c: Context): Promise<Result<Posted>> {
  const sent = await formOf(c, world.baseUrl);
  if (!sent.ok) return sent;
  const found = await dossierFor(world, c, sent.value.session);
  return found.ok ? { ok: true, value: { ...sent.value, dossier: found.value } } : found;
}

/** Fields of pages/decision-form.ts. A tick that is not sent is a tick not made. */
function ballotOf(form: Form): unknown {
  const text = (name: string) => (typeof form[name] === 'string' ? form[name].replaceAll('\r\n', '\n') : undefined);
  const criteria = Object.keys(form)
    .filter((name) => name.startsWith('criterion.'))
    .map((name) => ({ code: name.slice('criterion.'.length), checked: form[name] === 'checked' }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
  const conditions = (text('conditions') ?? '').split('\n').map((line) => line.trim());
  const rationale = text('rationale')?.trim();
  return {
    screen: text('screen'),
    choice: text('choice'),
    criteria,
    ...(rationale ? { rationale } : {}),
    conditions: conditions.filter((line) => line !== ''),
    nonce: text('nonce'),
  };
}

async function myVote(world: ConsoleWorld, dossier: Dossier, { principal }: Session) {
  const { id } = dossier.request;
  const fresh = (await readDossier(world.index, id)) ?? dossier;
  const mine = voteKeyOf(id, principal.actor);
  if (!fresh.votes.some(({ voteKey }) => voteKey === mine)) return undefined;
  const [found] = await readVotes(world, fresh, [mine]);
  return found?.vote;
}

const signInFor = (minutes: number | undefined, auth: Auth, now: Instant) =>
  minutes === undefined ? null : { minutes, until: freshUntil(minutes, auth), again: !isFresh(minutes, auth, now) };

async function requestView(world: ConsoleWorld, dossier: Dossier, session: Session): Promise<string> {
  const status = await statusOf(world, dossier);
  const row = inboxRow(status);
  const { actor, auth } = session.principal;
  const mine = (await myVote(world, dossier, session)) ?? null;
  const blocked = status.routing === null ? [] : problemsOfAuthority(actor, auth, dossier, status.routing);
  const canVote = row.state === 'voting' && blocked.length === 0 && mine === null;
  const line = lineOf(await world.packs.load(dossier.request.pack), dossier.request.line);
  const titles = new Map(status.findings.map((finding) => [finding.code, finding.title]));
  const screen = dossier.screen?.screen ?? null;
  const url = `${world.baseUrl}/requests/${row.requestId}/screen`;
  return requestPage({
    ...row,
    viewer: viewerOf(session),
    screenDigest: screen,
    nonce: world.random(),
    findings: [...titles].map(([code, title]) => ({ code, title })),
    choices: status.routing?.holds.length ? Choice.options.filter((choice) => choice !== 'approve') : Choice.options,
    timeline: timelineOf(dossier),
    votes: status.votes.map((vote) => ({
      handle: handleOf(vote.actor),
      role:
        status.routing === null
          ? ''
          : groupsOf(vote.auth, status.routing)
              .map((group) => group.role)
              .join(', '),
      choice: vote.choice,
      castAt: vote.castAt,
    })),
    myVote: mine,
    canVote,
    signIn: signInFor(status.routing?.stepUpMinutes, auth, world.clock.now()),
    escalated: status.routing !== null && isEscalatedTo(status.routing, dossier, world.clock.now(), auth),
    whyNot: blocked.map((one) => one.detail).join('; and ') || null,
    canLetPass: line !== null && ownsLine(line, session.principal) && (await isParked(world, dossier)),
    canWriteRationale: row.state === 'needsRationale' && auth.roles.length > 0,
    eventHash: dossier.seal?.eventHash ?? null,
    checkCommands:
      screen === null
        ? []
        : [
            `curl -s --cookie "${cookieName('session', world.baseUrl)}=$COUNTERSIGN_SESSION" ${url} | sha256sum`,
            `# expect ${screen.slice('sha256:'.length)}`,
          ],
  });
}
