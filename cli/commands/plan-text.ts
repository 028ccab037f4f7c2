import { incumbentStated, PSI_STATED } from '../../functions/approve/screen/stated.ts';
import type { Finding, Headroom } from '../../functions/domain/routing.ts';
import { figureText, paint, problemText, table } from '../output.ts';
import type { Plan } from './plan.ts';

const title = (plan: Plan, code: string): string => plan.rules.get(code)?.title ?? code;

const firedRow =
  (plan: Plan) =>
  (finding: Finding): string[] => [
    finding.code,
    finding.minPath,
    figureText(finding.observed, finding.unit),
    figureText(finding.limit, finding.unit),
    title(plan, finding.code),
  ];

/** The tightest place of each rule that was measured and did not fire. */
function clearRows(plan: Plan): string[][] {
  const tightest = new Map<string, Headroom>();
  for (const one of plan.routing.cleared.flatMap(({ headroom }) => headroom)) {
    const before = tightest.get(one.code);
    if (before === undefined || roomOf(one) < roomOf(before)) tightest.set(one.code, one);
  }
  return [...tightest.values()]
    .sort((a, b) => a.code.localeCompare(b.code))
    .map((one) => [
      one.code,
      figureText(one.observed, one.unit),
      figureText(one.limit, one.unit),
      figureText(roomOf(one), one.unit),
      title(plan, one.code),
    ]);
}

const roomOf = ({ observed, limit }: Headroom): number =>
  typeof observed === 'number' && typeof limit === 'number' ? limit - observed : 0;

/** In the order people ask: which path, because of what, how close the rest was, what could not be judged, what is missing. */
export function planText(plan: Plan): string {
  const { routing, request, contradictions } = plan;
  const lines = [`${request.model.name} ${request.model.version} into ${request.line}/${request.environment}`, ''];
  if (contradictions.length > 0) lines.push(paint('bold', 'It would be refused'), problemText(contradictions), '');
  else lines.push(`It would take the ${paint('bold', routing.path)} path.`, '');
  if (routing.findings.length > 0)
    lines.push(table(['rule', 'asks for', 'figure', 'limit', 'what'], routing.findings.map(firedRow(plan))), '');
  else lines.push('No rule fired.', '');
  const clear = clearRows(plan);
  if (clear.length > 0) lines.push(table(['measured', 'figure', 'limit', 'headroom', 'what'], clear), '');
  if (routing.notJudged.length > 0) {
    lines.push(
      table(
        ['could not be judged', 'rows', 'minimum'],
        routing.notJudged.map((one) => [one.what, String(one.n), String(one.minimum)]),
      ),
      '',
    );
  }
  for (const hold of routing.holds) lines.push(`missing: ${hold.artefact} (${hold.code})`);
  if (routing.path === 'automated') {
    for (const { role, from } of routing.groups) lines.push(`somebody would acknowledge it first: ${role} of ${from}`);
  } else {
    lines.push(
      `asked would be: ${routing.groups.map((group) => `${group.min} ${group.role} of ${group.from}`).join(', ') || 'nobody is registered'}`,
    );
    lines.push('a person would write the rationale first');
  }
  if (lines.at(-1) !== '') lines.push('');
  lines.push(...statedLines(plan));
  return lines.join('\n').trimEnd();
}

/** On whose word the figures above stand. */
function statedLines({ request, diff }: Plan): string[] {
  const scores = incumbentStated(request, diff);
  return [
    ...(request.profiles.length > 0 ? [PSI_STATED] : []),
    ...(scores === null ? [] : [scores]),
    // The request names the whole digest; here it only has to be told from another.
    ...request.gates.map(({ name, result, report }) => `Gate ${name}: ${result}, stated; report ${report.slice(0, 19)}… kept.`),
  ];
}

/** For a job summary. */
export function planMarkdown(plan: Plan): string {
  const { routing, request, contradictions } = plan;
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const grid = (head: readonly string[], rows: readonly (readonly string[])[]) =>
    [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
  const sentence = contradictions.length > 0 ? 'would be **refused**' : `would take the **${routing.path}** path`;
  return [
    `### ${request.model.name} ${request.model.version} ${sentence}`,
    ...(contradictions.length > 0
      ? [
          grid(
            ['code', 'where', 'what'],
            contradictions.map((one) => [one.code, one.pointer, one.detail]),
          ),
        ]
      : []),
    routing.findings.length > 0
      ? grid(['rule', 'asks for', 'figure', 'limit', 'what'], routing.findings.map(firedRow(plan)))
      : 'No rule fired.',
    grid(['measured', 'figure', 'limit', 'headroom', 'what'], clearRows(plan)),
    statedLines(plan).join('\n'),
  ].join('\n\n');
}
