import { z } from 'zod';
import { figureText, paint, table } from '../output.ts';
import type { Played } from './play.ts';
import type { Tampered } from './tampers.ts';

const Figure = z.union([z.number(), z.string(), z.null()]);
const Told = z.looseObject({
  path: z.string().nullable(),
  findings: z.array(z.object({ code: z.string(), observed: Figure, limit: Figure, unit: z.string(), minPath: z.string() })),
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

/** Scenario, path, what decided with figure and limit, outcome, event, verified, both gates: within 100 columns. */
export function scenarioTable(all: readonly Played[]): string {
  const rows = all.map((played) => {
    const told = Told.parse(played.status);
    const deciding = told.findings.filter((finding) => finding.minPath !== 'automated');
    const rules = deciding.map(
      ({ code, observed, limit, unit }) =>
        `${code} ${shortened(figureText(observed, unit))}${limit === null ? '' : ` > ${figureText(limit, unit)}`}`,
    );
    const reasons = [...new Set(told.reasons.map(({ code }) => code))];
    const gates = Object.entries(played.gate).map(
      ([environment, { verdict, code }]) => `${environment} ${verdict}${code === 'OK' ? '' : ` (${WORDS[code] ?? code})`}`,
    );
    const hash = played.status.eventHash?.slice(7, 15) ?? '';
    return [
      played.scenario.slice(0, 28),
      told.path ?? '-',
      played.status.outcome ?? played.status.state,
      hash,
      played.verified ? 'yes' : 'NO',
      [...(rules.length + reasons.length > 0 ? [...rules, ...reasons] : ['no rule fired']), `gate: ${gates.join(', ')}`].join(
        '; ',
      ),
    ];
  });
  return table(['scenario', 'path', 'outcome', 'event', 'verified', 'decided by; gate'], rows);
}

const WORDS: Record<string, string> = { KEY_UNTRUSTED: 'dev key', NOT_APPROVED: 'no approval' };
const shortened = (text: string): string => (text.length > 30 ? `${text.slice(0, 29)}…` : text);

export function tamperTable(tampered: readonly Tampered[]): string {
  return tampered
    .map(
      ({ field, refused, sentence }) =>
        `${refused ? paint('green', 'refused') : paint('red', 'NOT REFUSED')}  ${field.padEnd(12)} ${sentence}`,
    )
    .join('\n');
}
