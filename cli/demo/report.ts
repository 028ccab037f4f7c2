import { z } from 'zod';
import { figureText, paint, table } from '../output.ts';
import type { Played } from './play.ts';
import type { Tampered } from './tampers.ts';

const Figure = z.union([z.number(), z.string(), z.null()]);
const Told = z.looseObject({
  path: z.string().nullable(),
  findings: z.array(
    z.object({ code: z.string(), title: z.string(), observed: Figure, limit: Figure, unit: z.string(), minPath: z.string() }),
  ),
  reasons: z.array(z.object({ code: z.string(), detail: z.string() })),
});

/** As `--json` promises: one object per scenario. A refusal has no path; what refused it stands under findings. */
export function rowJson(played: Played) {
  const told = Told.parse(played.status);
  const refusals = told.reasons.map(({ code, detail }) => ({ code, observed: detail, limit: null }));
  return {
    scenario: played.scenario,
    requestId: played.status.requestId,
    path: told.path,
    findings: [...told.findings.map(({ code, observed, limit }) => ({ code, observed, limit })), ...refusals],
    outcome: played.status.outcome,
    eventHash: played.status.eventHash,
    verified: played.verified,
    gate: played.gate,
  };
}

/** Scenario, path, outcome, event, verified, and what decided with figure and limit: within 100 columns. */
export function scenarioTable(all: readonly Played[]): string {
  const rows = all.map((played) => {
    const told = Told.parse(played.status);
    const deciding = told.findings.filter((finding) => finding.minPath !== 'automated');
    const rules = deciding.map(deciderText);
    const reasons = [...new Set(told.reasons.map(({ code }) => code))];
    return [
      played.scenario.slice(0, 28),
      told.path ?? '-',
      played.status.outcome ?? played.status.state,
      played.status.eventHash?.slice(7, 15) ?? '',
      played.verified ? 'yes' : 'NO',
      [...rules, ...reasons].join('; ') || 'no rule fired',
    ];
  });
  return table(['scenario', 'path', 'outcome', 'event', 'verified', 'decided by'], rows);
}

type Decider = z.infer<typeof Told>['findings'][number];

/** A figure over its limit says enough; a thing that is there, or not, needs the rule's own words. */
function deciderText({ code, title, observed, limit, unit }: Decider): string {
  const figure = shortened(figureText(observed, unit));
  if (limit === null) return observed === null ? `${code} ${title}` : `${code} ${title}: ${figure}`;
  return `${code} ${figure}${unit === 'ppm' || unit === 'count' || unit === 'days' ? ' >' : ', was'} ${figureText(limit, unit)}`;
}

/** What the gate of each environment answered: the same answers together, the few named. */
export function gateTable(all: readonly Played[]): string {
  const answers = new Map<string, string[]>();
  for (const { scenario, gate } of all) {
    for (const [environment, { verdict, code }] of Object.entries(gate)) {
      const key = JSON.stringify([environment, verdict, code === 'OK' ? '' : (WORDS[code] ?? code)]);
      answers.set(key, [...(answers.get(key) ?? []), scenario]);
    }
  }
  const rows = [...answers].map(([key, scenarios]) => {
    const [environment = '', verdict = '', why = ''] = JSON.parse(key) as string[];
    const whom = scenarios.length === all.length ? 'all' : scenarios.length > 4 ? `${scenarios.length} events` : '';
    return [environment, verdict, whom || scenarios.join(', '), why];
  });
  return table(['gate of', 'answers', 'for', 'because'], rows.sort());
}

const WORDS: Record<string, string> = { KEY_UNTRUSTED: 'a development key signed', NOT_APPROVED: 'not an approval' };
const shortened = (text: string): string => (text.length > 30 ? `${text.slice(0, 29)}…` : text);

export function tamperTable(tampered: readonly Tampered[]): string {
  const rows = tampered.map(({ field, refused, sentence }) => [
    refused ? paint('green', 'refused') : paint('red', 'NOT REFUSED'),
    field,
    sentence,
  ]);
  return table(['answer', 'field', 'what the verifier says'], rows);
}
