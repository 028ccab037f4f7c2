import { routeInput } from '../../functions/route/route.ts';
import { EXIT, type Exit, json, note, say } from '../output.ts';
import { ruleByRule } from '../rule-by-rule.ts';
import { readScenario } from '../scenario.ts';
import { type PolicyFlags, workingPolicy } from '../working-copy.ts';
import { tryText } from './policy-try-text.ts';

export type TryFlags = PolicyFlags & { readonly set?: readonly string[]; readonly json?: true };

/** Routes one scenario with the working copy of the policies, and says of each rule what it made of it. Writes nothing. */
export async function policyTry(scenario: string, flags: TryFlags): Promise<Exit> {
  const input = await readScenario(scenario, flags.set);
  const working = await workingPolicy(flags);
  const routing = routeInput(working.pack, input);
  const { rules, data, folder, told, warnings } = working;
  const explained = ruleByRule(routing, { rules, data });
  for (const warning of warnings) note(`note: ${warning}`);
  if (flags.json) {
    json({
      scenario,
      policy: told,
      warnings,
      path: routing.path,
      rules: explained.map(({ rule, ...rest }) => ({ code: rule.code, title: rule.title, dimension: rule.dimension, ...rest })),
      notJudged: routing.notJudged,
      holds: routing.holds,
      groups: routing.groups,
      obligations: routing.obligations,
    });
  } else say(tryText({ scenario, input, told, folder, routing, explained }));
  return EXIT.yes;
}
