// From the consents to a sealed act, and the recovery of both: called by the last who approves and by each sweep.

import {
  ActConsent,
  ActProposal,
  type Agreed,
  askedIn,
  flawOf,
  type RevocationRecord,
  type Transition,
} from '../domain/act.ts';
import { askedOf } from '../domain/act-asked.ts';
import { sameJson } from '../domain/canonical.ts';
import { Digest, type EventHash } from '../domain/digest.ts';
import { eachForItself } from '../domain/each.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { RequestId } from '../domain/request.ts';
import { invariant } from '../domain/result.ts';
import { ActConsentRow, ActDecisionRow, ActRow, actPk, type Head, keys, SealRow } from '../domain/rows.ts';
import { instantOf, laterOf } from '../domain/text.ts';
import { headOn, headWithout } from '../heads.ts';
import { isFrozen } from '../health.ts';
import { wasInForce } from '../in-force.ts';
import type { DriveWorld } from '../packs.ts';
import { lineOf } from '../route/pack.ts';
import { factsOfAct } from '../seal/facts.ts';
import { storeEnvelope } from '../seal/seal.ts';
import { sealStep } from '../steps/seal.ts';
import { eventWrites, readDossier, readHead, readSaid } from '../store.ts';
import { problemsOfTarget } from './target.ts';

const STARTS: ReadonlySet<ActProposal['what']> = new Set(['archive', 'rollback']);

const MS_PER_HOUR = 3_600_000;

type Consent = ActConsent & { readonly digest: Digest };

/** All there is of one proposal; what people said is read from the vault. */
export type ActFile = {
  readonly row: ActRow;
  readonly proposal: ActProposal;
  readonly consents: readonly Consent[];
  readonly decision?: ActDecisionRow;
  readonly seal?: SealRow;
};

export async function readAct(world: DriveWorld, id: Digest): Promise<ActFile | undefined> {
  const rows = await world.index.list(actPk(id));
  const named = (sk: string) => rows.find(({ key }) => key.sk === sk)?.body;
  const own = named('proposal');
  if (own === undefined) return undefined;
  const row = ActRow.parse(own);
  const given = rows.filter(({ key }) => key.sk.startsWith('consent#')).map(({ body }) => ActConsentRow.parse(body));
  const consents = await Promise.all(
    given.map(async ({ consent }) => ({ ...(await readSaid(world.vault, consent, ActConsent)), digest: consent })),
  );
  const [decision, seal] = [named('decision'), named('seal')];
  return {
    row,
    proposal: await readSaid(world.vault, row.proposal, ActProposal),
    consents: consents.sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    ...(decision === undefined ? {} : { decision: ActDecisionRow.parse(decision) }),
    ...(seal === undefined ? {} : { seal: SealRow.parse(seal) }),
  };
}

/**
 * Counts, and decides when the quorum is there. That it is, and the reservation of the head, are one transaction: a promotion
 * decided meanwhile has reserved the head itself or moved it, and then this decides nothing (`moved`).
 */
export async function countAct(world: DriveWorld, id: Digest): Promise<EventHash | 'moved' | null> {
  for (;;) {
    const file = await readAct(world, id);
    invariant(file !== undefined, `there is a proposal ${id}`);
    if (file.decision !== undefined) return finishAct(world, file);
    const { row, proposal, consents } = file;
    if (flawOf(proposal, row.screen, consents) !== undefined) return null;
    // What stops something goes on; what starts something is kept until the thaw.
    if (STARTS.has(proposal.what) && (await isFrozen(world))) return null;
    const { head, revision } = await readHead(world.index, row.line, row.environment);
    const takesHead = proposal.what !== 'breakGlass';
    // Decided, and not sealed because the store just failed: it is sealed first, and does not shield what is to be stopped.
    if (proposal.what === 'revocation' && (await sealHolder(world, head))) continue;
    if (takesHead && head.reservedBy !== null) return 'moved';
    if ((await problemsOfTarget(world, proposal, head)).length > 0) return 'moved';
    const at = consents.reduce((latest, one) => laterOf(latest, one.at), world.clock.now());
    const stood = { incumbent: head.incumbent, last: head.last ?? null };
    const body: ActDecisionRow = {
      consents: consents.map(({ digest }) => digest),
      at,
      ...(takesHead ? { head: stood } : {}),
    };
    const key = keys.head(row.line, row.environment);
    // A conflict is another turn's decision, or a head that just moved: read again.
    await world.index.commit([
      { kind: 'fact', key: keys.act(id, 'decision'), body },
      ...(takesHead ? [{ kind: 'register' as const, key, body: { ...head, reservedBy: id }, expected: revision }] : []),
    ]);
  }
}

/** Whatever was decided for a head and holds it; false when nothing does, or what only a thaw may seal. */
async function sealHolder(world: DriveWorld, { reservedBy }: Head): Promise<boolean> {
  const request = RequestId.safeParse(reservedBy);
  const dossier = request.success ? await readDossier(world.index, request.data) : undefined;
  const act = reservedBy !== null && !request.success ? await readAct(world, Digest.parse(reservedBy)) : undefined;
  if (dossier?.decision && !dossier.seal) await sealStep(world, dossier);
  else if (act?.decision && !act.seal) await finishAct(world, act);
  else return false;
  return true;
}

/** `fault`: what who was asked said; it may have failed at something else than this. */
async function sealedElsewhere(world: DriveWorld, id: Digest, fault: unknown): Promise<EventHash> {
  const seal = (await readAct(world, id))?.seal;
  if (seal !== undefined) return seal.eventHash;
  throw new InfrastructureError(`the act ${id} is decided and not sealed yet`, { retryable: true, cause: fault });
}

/** Envelope first, then one transaction: the event, and what becomes true with it. Safe to run again at any point. */
async function finishAct(world: DriveWorld, file: ActFile): Promise<EventHash> {
  if (file.seal !== undefined) return file.seal.eventHash;
  const { row } = file;
  if (world.sealer !== undefined) {
    const [asked] = await Promise.allSettled([world.sealer.seal()]);
    return sealedElsewhere(world, row.id, asked?.status === 'rejected' ? asked.reason : undefined);
  }
  const predicate = await predicateOf(world, file);
  const sealed = await storeEnvelope(world, predicate);
  const { head, revision } = await readHead(world.index, row.line, row.environment);
  const waiting = await world.index.get(keys.acting(row.id));
  const event = { request: null, key: sealed.key, kind: predicate.kind, outcome: null };
  if (predicate.kind === 'breakGlass' || head.reservedBy === row.id) {
    const next = predicate.kind === 'breakGlass' ? undefined : await headAfter(world, predicate, sealed.eventHash, head);
    const outcome = await world.index.commit([
      { kind: 'fact', key: keys.act(row.id, 'seal'), body: sealed },
      ...eventWrites(sealed.eventHash, event),
      ...factsOfAct(predicate, sealed.eventHash),
      ...(next
        ? [{ kind: 'register' as const, key: keys.head(row.line, row.environment), body: next, expected: revision }]
        : []),
      ...(waiting ? [{ kind: 'clear' as const, key: waiting.key, expected: waiting.revision }] : []),
    ]);
    if (outcome.kind === 'committed') return sealed.eventHash;
  }
  // Another turn sealed it; the statement is a pure function of frozen rows, so it is the same event.
  const stored = await world.index.get(keys.act(row.id, 'seal'));
  if (stored !== undefined && SealRow.parse(stored.body).eventHash === sealed.eventHash) return sealed.eventHash;
  throw new InfrastructureError(`the act ${row.id} met another writer`, { retryable: true });
}

/** Baselines after it are those of the version that runs then, walked along its own sealed events. */
async function headAfter(world: DriveWorld, act: Transition | RevocationRecord, last: EventHash, head: Head): Promise<Head> {
  const stays = act.kind === 'revocation' && !act.active;
  const after = stays ? head : await headOn(world, act.scope, act.to, last);
  return act.kind === 'revocation' ? headWithout(after, act.event, last) : after;
}

/** Rows could have been edited: who had to be asked and who approved is computed once more from the vault. */
async function predicateOf(world: DriveWorld, { row, proposal, consents, decision }: ActFile): Promise<Agreed> {
  invariant(decision !== undefined, 'decided before sealed');
  const counted = consents.filter(({ digest }) => decision.consents.includes(digest));
  // Pointed at a signed pack of another time, the rows could let fewer people decide.
  const inForce = await wasInForce(world, proposal.pack, proposal.at);
  const pack = await world.packs.load(proposal.pack);
  const line = lineOf(pack, proposal.line);
  const { what, actor, auth } = proposal;
  const asked = line && askedOf(pack.layered, line, what, { actor, auth });
  const flaw =
    counted.length !== decision.consents.length || counted.some((one) => one.proposal !== row.proposal)
      ? 'other consents than were counted'
      : inForce && sameJson(asked, askedIn(proposal))
        ? flawOf(proposal, row.screen, counted)
        : 'others were asked than line and tier demand under the policy of that day';
  const fits = row.line === proposal.line && row.environment === proposal.environment;
  if (flaw !== undefined || !fits || (decision.head === undefined) !== (what === 'breakGlass'))
    throw new InfrastructureError(`${what} in ${row.line}: ${flaw ?? 'other rows than were proposed'}; it is not sealed`, {
      retryable: false,
    });
  const { line: name, environment, reason, meaning, at, expiresAt } = proposal;
  const agreed = {
    scope: { line: name, environment },
    reason,
    pack: proposal.pack,
    ...askedIn(proposal),
    proposed: { record: row.proposal, meaning, actor, auth, at },
    screen: row.screen,
    approvals: counted.map((one) => ({
      record: one.digest,
      meaning: one.meaning,
      actor: one.actor,
      auth: one.auth,
      servedAt: one.servedAt,
      at: one.at,
      signature: 'not signed by the approver' as const,
    })),
    expiresAt,
    at: decision.at,
  };
  const { incumbent = null, last: previous = null } = decision.head ?? {};
  switch (proposal.what) {
    case 'archive':
      return { kind: 'transition', from: proposal.from, to: null, previous, ...agreed };
    case 'rollback':
      return { kind: 'transition', from: proposal.from, to: proposal.to, previous, ...agreed };
    case 'revocation': {
      const { event, to } = proposal;
      return { kind: 'revocation', event, to, active: incumbent === event, previous, ...agreed };
    }
    case 'breakGlass': {
      const { root, manifest, hours } = proposal;
      const until = instantOf(Date.parse(decision.at) + hours * MS_PER_HOUR);
      return { kind: 'breakGlass', root, manifest, hours, until, ...agreed };
    }
  }
}

/** Proposals not at their end, oldest rows first by id. */
export async function openActs(world: DriveWorld): Promise<ActFile[]> {
  const rows = await world.index.list('ACTING');
  const files = await Promise.all(rows.map(({ body }) => readAct(world, (body as { id: Digest }).id)));
  return files.filter((file) => file !== undefined);
}

/** Finishes what a crash left, and lets go of what ran out or speaks of a version that is no longer active. */
export async function sweepActs(world: DriveWorld): Promise<void> {
  await eachForItself(await openActs(world), async ({ row, proposal, decision }) => {
    const counted = await countAct(world, row.id);
    if (counted !== null && counted !== 'moved') return;
    const { head } = await readHead(world.index, row.line, row.environment);
    const unfit = await problemsOfTarget(world, proposal, head);
    const over = decision === undefined && (unfit.length > 0 || world.clock.now() >= row.expiresAt);
    const waiting = over ? await world.index.get(keys.acting(row.id)) : undefined;
    if (waiting) await world.index.commit([{ kind: 'clear', key: waiting.key, expected: waiting.revision }]);
  });
}
