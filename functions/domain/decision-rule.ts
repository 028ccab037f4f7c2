import { z } from 'zod';
import { Decimal } from './decimal.ts';
import { Label } from './text.ts';

/** The score-to-action map (R39): from ≤ score < to gives the action; the last range includes its upper end. */
export const DecisionRule = z.strictObject({
  score: Label,
  thresholds: z.array(Decimal).min(1).max(50),
  actions: z
    .array(z.strictObject({ from: Decimal, to: Decimal, action: Label }))
    .min(1)
    .max(51),
  /** The actions a customer must be told reasons for (Reg B §1002.9). */
  adverseAction: z.array(Label).max(51),
});
export type DecisionRule = z.infer<typeof DecisionRule>;

/** The action for a score, or undefined outside every range: the caller says unknown. */
export function actionFor(rule: DecisionRule, score: number): string | undefined {
  const last = rule.actions.at(-1);
  for (const range of rule.actions) {
    if (score >= Number(range.from) && (score < Number(range.to) || (range === last && score <= Number(range.to)))) {
      return range.action;
    }
  }
  return undefined;
}
