// The policy in force: a page where one person proposes a release and another confirms it, and the route that takes releases in.
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { type Active, activeOf, confirm, propose, takeRelease, waitingProposals } from '../activation.ts';
import { readEvent } from '../baseline.ts';
import { problemsOfOwner, problemsOfPair, Terms } from '../domain/activation.ts';
import { Digest } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import type { PolicyActivation } from '../domain/event/statement.ts';
import { parseBytes, parseValue } from '../domain/parse.ts';
import { problem, type Result } from '../domain/result.ts';
import { bearerOnly } from './api.ts';
import { boundedBody } from './body.ts';
import { type ConsoleWorld, personOf, signedIn } from './console.ts';
import { pageHeaders } from './pages/headers.ts';
import { policyPage } from './pages/policy.ts';
import { refusal, wantsPage } from './problem.ts';
import { type Form, formOf, type Session, viewerOf } from './session.ts';

/** Files that were uploaded as blobs, and the pack they are said to be. */
export const Release = z.strictObject({ pack: Digest, files: z.record(z.string().max(100), Digest) });

const MAX_BODY = 64 * 1024;

export function policyRoutes(world: ConsoleWorld): Hono {
  const app = new Hono();

  app.get('/policy', async (c, next) => {
    const active = await activeOf(world.index);
    if (active === undefined) return refusal(c, [problem('NOT_INITIALISED', '', 'no policy is active')]);
    return wantsPage(c) ? next() : c.json(active.row);
  });
  app.get('/policy', signedIn, async (c) => c.body(await pageOf(world, personOf(c)), 200, pageHeaders(world.providerOrigin)));

  app.post('/policy/releases', bearerOnly(world), async (c) => {
    const body = await boundedBody(c.req.raw, MAX_BODY);
    const said = body.ok ? parseBytes(Release, body.value) : body;
    const taken = said.ok ? await takeRelease(world, said.value.pack, new Map(Object.entries(said.value.files))) : said;
    return taken.ok ? c.json({ pack: taken.value }, 201) : refusal(c, taken.problems);
  });

  app.post('/policy/proposals', async (c) => {
    const sent = await formOf(c, world.baseUrl);
    if (!sent.ok) return refusal(c, sent.problems);
    const { session, form } = sent.value;
    const terms = parseValue(Terms, termsOf(form));
    const proposed = terms.ok ? await propose(world, terms.value, session) : terms;
    return done(world, c, proposed, session);
  });

  app.post('/policy/proposals/:id/confirm', async (c) => {
    const sent = await formOf(c, world.baseUrl);
    if (!sent.ok) return refusal(c, sent.problems);
    const id = Digest.safeParse(c.req.param('id'));
    if (!id.success) return refusal(c, [problem('NOT_FOUND', '', 'no such proposal')]);
    return done(world, c, await confirm(world, id.data, sent.value.session), sent.value.session);
  });
  return app;
}

async function done(world: ConsoleWorld, c: Context, answer: Result<unknown>, session: Session): Promise<Response> {
  if (!answer.ok) return refusal(c, answer.problems, {}, viewerOf(session));
  await world.erasable.keep(session.principal.auth.tokenDigest, session.token);
  return c.redirect('/policy', 303);
}

/** Fields of pages/policy.ts; people separate authors as they like. */
function termsOf(form: Form): unknown {
  const text = (name: string) => (typeof form[name] === 'string' ? form[name].trim() : undefined);
  return {
    pack: text('pack'),
    version: text('version'),
    commit: text('commit'),
    authors: (text('authors') ?? '').split(/[\s,]+/).filter(Boolean),
    whatIf: text('whatIf') || null,
  };
}

async function pageOf(world: ConsoleWorld, session: Session): Promise<string> {
  const active = await activeOf(world.index);
  if (active === undefined) throw new InfrastructureError('no policy is active', { retryable: false });
  const { principal } = session;
  const waiting = await waitingProposals(world, active);
  return policyPage({
    viewer: viewerOf(session),
    active: await sealedActivation(world, active),
    event: active.row.event,
    mayPropose: problemsOfOwner(principal).length === 0,
    waiting: waiting.map(({ id, proposal }) => ({
      id,
      proposal,
      whyNot: problemsOfPair(proposal, principal, proposal.authors)
        .map(({ detail }) => detail)
        .join('; '),
    })),
  });
}

async function sealedActivation(world: ConsoleWorld, { row }: Active): Promise<PolicyActivation> {
  const event = await readEvent(world, row.event);
  if (event?.predicate.kind === 'policyActivation') return event.predicate;
  throw new InfrastructureError(`${row.event} is not an activation`, { retryable: false });
}
