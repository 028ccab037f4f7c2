// "This retrain should have gone to people" (R18a, R54): answered from the event alone, under three policies.
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { isAbsent, type Promotion } from '../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../functions/domain/event/verify.ts';
import type { Routing } from '../../functions/domain/routing.ts';
import type { Check } from '../../functions/domain/trust.ts';
import { replay } from '../../functions/replay.ts';
import { loadPack, type Pack } from '../../functions/route/pack.ts';
import { decideInput, routeInput } from '../../functions/route/route.ts';
import { type Nearest, nearestEscalation } from '../../functions/whatif/nearest.ts';
import { overlaidPack, preset } from '../../policies/overlay-pack.ts';
import { checkLine, EXIT, type Exit, figureText, json, note, paint, say, table } from '../output.ts';
import { type PackFolder, readPackFolder, SHIPPED_PACK } from '../pack-folder.ts';
import { benchOf, openEvidence } from './evidence-folder.ts';
import { readTrust, type VerifyFlags } from './verify.ts';

export type DisputeFlags = VerifyFlags & { readonly pack?: string; readonly strict?: string };

/** One policy's answer to the sealed input. */
type Answer = { readonly under: string; readonly pack: string; readonly routing: Routing; readonly titles: Pack['rules'] };

export async function dispute(folder: string, flags: DisputeFlags): Promise<Exit> {
  if (flags.trust === undefined) {
    note('cannot tell: give --trust FILE; trust never comes from what is being verified');
    return EXIT.cannotTell;
  }
  const trust = await readTrust(flags.trust);
  const { envelope, event, vault } = await openEvidence(folder, flags.event);
  const { checks, predicate } = await verifyEvent(envelope, event, trust, (key) => vault.get(key));
  if (checks.some((check) => !check.ok) || predicate?.kind !== 'promotion')
    return notAnswered(checks, 'the event does not verify');
  const { routing } = predicate;
  if (isAbsent(routing)) return notAnswered(checks, `it ended before a policy decided (${predicate.outcome})`);
  try {
    const bench = await benchOf(vault);
    const replayed = await replay(bench, predicate);
    const own = await bench.packs.load(routing.pack);
    const { answers, missing } = await answersOf(own, routing.input, flags);
    const nearest = nearestEscalation(routing.input, (input) => decideInput(own, input));
    const same = replayed.every((check) => check.ok);
    if (flags.json)
      json({ event, replayed, answers: answers.map(answerJson), nearest: nearest ?? null, strict: missing === null });
    else say(disputeText(event, predicate, replayed, { answers, missing }, nearest, own));
    return same ? EXIT.yes : EXIT.no;
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    note(`cannot tell: ${error.message}`);
    return EXIT.cannotTell;
  }
}

function notAnswered(checks: readonly Check[], why: string): Exit {
  for (const check of checks.filter(({ ok }) => !ok)) note(checkLine(check));
  note(`no answer: ${why}`);
  return EXIT.no;
}

/** `missing`: why there is no answer under `strict`. */
type Answers = { readonly answers: readonly Answer[]; readonly missing: string | null };

async function answersOf(own: Pack, input: unknown, flags: DisputeFlags): Promise<Answers> {
  const answer = (under: string, pack: Pack): Answer => ({
    under,
    pack: pack.digest,
    routing: routeInput(pack, input),
    titles: pack.rules,
  });
  const today = await readPackFolder(flags.pack ?? SHIPPED_PACK);
  const both = [answer('its own', own), answer('today', today.pack)];
  const strict = flags.strict === undefined ? strictOf(today.files) : (await readPackFolder(flags.strict)).pack;
  if (strict === undefined)
    return { answers: both, missing: "today's pack is older than presets: give a strict release (--strict)" };
  return { answers: [...both, answer('strict', strict)], missing: null };
}

/** The preset laid over today's numbers: never lighter than today. */
function strictOf(today: PackFolder['files']): Pack | undefined {
  const files = new Map([...today].map(([name, { bytes }]) => [name, bytes]));
  const strict = overlaidPack(files, preset('strict'), 'policies/presets/strict');
  return strict && loadPack(strict);
}

const answerJson = ({ under, pack, routing }: Answer) => ({
  under,
  pack,
  path: routing.path,
  findings: routing.findings,
  groups: routing.groups,
  holds: routing.holds,
});

function disputeText(
  event: string,
  { scope, model }: Promotion,
  replayed: readonly Check[],
  { answers, missing }: Answers,
  nearest: Nearest | undefined,
  own: Pack,
): string {
  const name = isAbsent(model) ? 'a model' : `${model.name} ${model.version}`;
  const [sealed, ...others] = answers;
  const differs = others.filter(({ routing }) => routing.path !== sealed?.routing.path);
  const told = differs.map(
    ({ under, routing }) => `under ${under === 'today' ? "today's" : `the ${under}`} policy ${routing.path}`,
  );
  return [
    paint('bold', `${name} into ${scope.line}/${scope.environment} took the ${sealed?.routing.path} path.`),
    told.length > 0
      ? `It would have gone elsewhere ${told.join(' and ')}.`
      : 'No other policy asked here would have decided otherwise.',
    '',
    table(
      ['policy', 'pack', 'path', 'asked', 'reasons'],
      answers.map(({ under, pack, routing }) => [
        under,
        pack.slice('sha256:'.length, 'sha256:'.length + 12),
        routing.path,
        routing.groups.map(({ role, min }) => `${min} ${role}`).join(', ') || 'nobody',
        [...new Set(routing.findings.map(({ code }) => code))].join(' ') || 'none',
      ]),
    ),
    ...(missing === null ? [] : [missing]),
    '',
    ...nearestText(sealed?.routing.path ?? '', nearest, own),
    '',
    ...replayed.map(checkLine),
    event,
  ].join('\n');
}

function nearestText(path: string, nearest: Nearest | undefined, own: Pack): string[] {
  if (path === 'committee') return ['There is no heavier path than the committee.'];
  if (nearest === undefined) return ['No single figure, moved past its limit, would have sent it to more people.'];
  const { code, pointer, observed, limit, fires, unit, path: to, because } = nearest;
  return [
    paint('bold', 'The smallest single figure that would have escalated it'),
    `  ${code} ${own.rules.get(code)?.title ?? ''}`,
    `  ${pointer} was ${figureText(observed, unit)}, limit ${figureText(limit, unit)}`,
    `  at ${figureText(fires, unit)} it goes to the ${to} path (${because.join(', ')})`,
  ];
}
