import { z } from 'zod';
import { DIMENSION_WORDS } from '../../functions/approve/screen/figures.ts';
import { DIMENSIONS } from '../../functions/domain/diff.ts';
import { askedText, exampleText, layerText, valueText } from '../../functions/route/rule-text.ts';
import { Rule } from '../../functions/route/rulebook.ts';
import { UsageError } from '../embedded.ts';
import { EXIT, type Exit, json, paint, say, table } from '../output.ts';
import { readPackFolder, SHIPPED_PACK } from '../pack-folder.ts';
import { clientFor, refuse } from './context.ts';

export type RulebookFlags = { readonly server?: string; readonly pack?: string; readonly json?: true };

const Fired = z.object({ promotions: z.int(), lastDay: z.string().nullable() });
const Answer = z.object({
  pack: z.string(),
  counted: z.object({ sealed: z.int(), open: z.int(), unread: z.int() }),
  rules: z.array(Rule.extend({ fired: Fired })),
});
type Told = Rule & { readonly fired?: z.infer<typeof Fired> };

/** The rules of a server's active policy, of a built pack, or of this version; one of them in full when its code is given. */
export async function rulebook(code: string | undefined, flags: RulebookFlags): Promise<Exit> {
  const found = flags.server === undefined ? await ofPack(flags.pack ?? SHIPPED_PACK) : await ofServer(flags.server);
  if (!found.ok) return refuse(found.problems);
  const { pack, rules, head } = found.value;
  const wanted = code === undefined ? rules : rules.filter((rule) => rule.code === code.toUpperCase());
  if (wanted.length === 0) throw new UsageError(`no rule ${code} in ${pack}`);
  if (flags.json) json({ pack, rules: wanted });
  else say(code === undefined ? `${head}\n${listText(rules)}` : wanted.map(ruleText).join('\n'));
  return EXIT.yes;
}

async function ofPack(folder: string) {
  const { pack } = await readPackFolder(folder).catch((error: unknown) => {
    throw new UsageError(`no pack in ${folder}: ${error instanceof Error ? error.message : error}`);
  });
  const rules: Told[] = [...pack.rules.values()];
  return { ok: true as const, value: { pack: pack.digest, rules, head: `${rules.length} rules of the pack ${pack.digest}` } };
}

async function ofServer(server: string) {
  const answer = await (await clientFor({ server })).json('/rulebook', Answer);
  if (!answer.ok) return answer;
  const { pack, rules, counted } = answer.value;
  const more = counted.unread > 0 ? `; ${counted.unread} more are not counted yet, ask again` : '';
  const head = `${rules.length} rules of the active pack ${pack}\nFired: over ${counted.sealed} sealed and ${counted.open} open promotions${more}`;
  return { ok: true as const, value: { pack, rules: rules as Told[], head } };
}

function listText(rules: readonly Told[]): string {
  const counted = rules.some((rule) => rule.fired !== undefined);
  return [...DIMENSIONS, 'engine' as const]
    .map((name) => ({ name, rules: rules.filter((rule) => (rule.dimension ?? 'engine') === name) }))
    .filter((group) => group.rules.length > 0)
    .map((group) => {
      const head = ['rule', 'asks for', ...(counted ? ['fired', 'last'] : []), 'figure', 'what'];
      const row = (rule: Told) => [
        rule.code,
        rule.min_path,
        ...(counted ? [String(rule.fired?.promotions ?? 0), rule.fired?.lastDay ?? 'never'] : []),
        figureOf(rule),
        rule.title,
      ];
      return `\n${paint('bold', DIMENSION_WORDS[group.name])}\n${table(head, group.rules.map(row))}`;
    })
    .join('\n');
}

/** One number, or how many there are: the rule in full has them all. */
function figureOf({ figures = [] }: Told): string {
  const [first] = figures;
  if (first === undefined) return '';
  const text = valueText(first);
  return figures.length === 1 && text.length <= 12 ? text : 'several';
}

function ruleText(rule: Told): string {
  const { examples, figures = [], fired } = rule;
  const rows = [
    ['asks for', askedText(rule)],
    ...figures.map((figure) => [
      'figure',
      `${valueText(figure)}${layerText(figure)} (policies/${figure.file} ${figure.pointer})`,
    ]),
    ...(examples ? [['fires', exampleText(examples.fires)]] : []),
    ...(examples ? [['stays quiet', `${exampleText(examples.quiet)} (policies/${examples.source})`]] : []),
    ...(fired ? [['fired', fired.promotions === 0 ? 'never' : `in ${fired.promotions}, last on ${fired.lastDay}`]] : []),
    ['to do', rule.remedy],
    ['owner', rule.owner],
    ['controls', rule.controls.join(', ')],
    ['since', rule.since],
  ];
  return table([rule.code, rule.title], [['', rule.description], ...rows]);
}
