// Who waits for whom, as one person sees it.
import { activeOf } from '../activation.ts';
import { actJson } from '../acts/acts.ts';
import { type ActFile, openActs } from '../acts/seal.ts';
import { problemsOfAuthority } from '../approve/authority.ts';
import { problemsOfConsent } from '../domain/act.ts';
import { type Principal, sameActor } from '../domain/actor.ts';
import { factsOf } from '../domain/dossier.ts';
import { stateOf } from '../domain/flow.ts';
import type { RequestId } from '../domain/request.ts';
import { isEscalatedTo } from '../domain/sla.ts';
import { readDossier } from '../store.ts';
import type { ConsoleWorld } from './console.ts';
import type { ActTold } from './pages/acts.ts';
import { type DecidedRow, inboxPage } from './pages/inbox.ts';
import type { Viewer } from './pages/layout.ts';
import { fromRegistries } from './registries.ts';
import { sees, seesRequest } from './sees.ts';
import type { Session } from './session.ts';
import { type Status, statusOf } from './status.ts';
import { inboxRow } from './views.ts';

const PER_PAGE = 20;

export async function inboxView(
  world: ConsoleWorld,
  session: Session,
  viewer: Viewer,
  decided: { readonly rows: readonly DecidedRow[]; readonly unread: number },
  wanted: string | undefined,
): Promise<string> {
  const open = await world.index.list('OPEN');
  const dossiers = await Promise.all(open.map((row) => readDossier(world.index, row.key.sk as RequestId)));
  const shown: Status[] = [];
  for (const dossier of dossiers)
    if (dossier && (await seesRequest(world, dossier, session))) shown.push(await statusOf(world, dossier));
  const active = await activeOf(world.index);
  const ended: DecidedRow[] = [];
  for (const row of decided.rows)
    if (active && (await sees(world, { pack: active.row.pack, line: row.line }, session))) ended.push(row);
  const now = world.clock.now();
  const { auth } = session.principal;
  const calls = ({ routing, dossier }: Status) => routing !== null && isEscalatedTo(routing, dossier, now, auth);
  const rows = shown
    .map((status) => ({ row: { ...inboxRow(status), escalated: calls(status) }, mine: waitsFor(session.principal, status) }))
    .sort(
      ({ row: a }, { row: b }) =>
        byText(a.answerBy?.at ?? a.due ?? '~', b.answerBy?.at ?? b.due ?? '~') || byText(a.requestId, b.requestId),
    );
  const pages = Math.max(1, Math.ceil(ended.length / PER_PAGE));
  const page = Math.min(pages, /^[1-9]\d{0,5}$/.test(wanted ?? '') ? Number(wanted) : 1);
  return inboxPage({
    viewer,
    now,
    acts: await actsFor(world, session.principal),
    mine: rows.filter(({ mine }) => mine).map(({ row }) => row),
    escalated: rows.filter(({ mine, row }) => !mine && row.escalated).map(({ row }) => row),
    others: rows.filter(({ mine, row }) => !mine && !row.escalated).map(({ row }) => row),
    registries: await fromRegistries(world, session),
    decided: ended.slice((page - 1) * PER_PAGE, page * PER_PAGE),
    page,
    pages,
    unread: decided.unread,
    server: world.baseUrl,
  });
}

/** Proposals that this person is asked about and has not approved. Who is asked may see them, whatever else they see. */
async function actsFor(world: ConsoleWorld, principal: Principal): Promise<ActTold[]> {
  const asks = ({ proposal, consents, decision }: ActFile) =>
    decision === undefined &&
    proposal.expiresAt > world.clock.now() &&
    problemsOfConsent(proposal, principal).length === 0 &&
    !consents.some(({ actor }) => sameActor(actor, principal.actor));
  return (await openActs(world)).filter(asks).map(actJson);
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * May this person do the next thing? A rationale waits for whoever will not be asked to decide: who writes it may not vote,
 * so an approver who was sent there would only lose the vote.
 */
function waitsFor({ actor, auth }: Principal, { dossier, routing, votes }: Status): boolean {
  if (routing === null) return false;
  const mayDecide = problemsOfAuthority(actor, auth, dossier, routing).length === 0;
  const state = stateOf(factsOf(dossier));
  if (state === 'needsRationale') return !mayDecide && !sameActor(actor, dossier.request.requester.actor);
  return state === 'voting' && mayDecide && !votes.some((vote) => sameActor(vote.actor, actor));
}
