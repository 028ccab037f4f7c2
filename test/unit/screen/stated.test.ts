import { describe, expect, it } from 'vitest';
import { planMarkdown, planText } from '../../../cli/commands/plan-text.ts';
import { renderScreen } from '../../../functions/approve/screen/screen.ts';
import { incumbentStated, PSI_STATED } from '../../../functions/approve/screen/stated.ts';
import { diffOf, requestOf, routingOf, viewOf } from './fixture.ts';

const plan = { contradictions: [], diff: diffOf(), routing: routingOf(), request: requestOf(), rules: new Map() };
const [gate] = requestOf().gates;
const page = () => new TextDecoder().decode(renderScreen(viewOf()));

describe('R25 R31 R32 on whose word the figures stand is said to the reader', () => {
  it('PSI is computed by us from counts that are stated', () => {
    for (const text of [page(), planText(plan), planMarkdown(plan)]) expect(text).toContain(PSI_STATED);
    expect(planText({ ...plan, request: { ...plan.request, profiles: [] } })).not.toContain(PSI_STATED);
  });

  it("the incumbent's scores: the sealed ones on the same slice, stated ones on a new slice, none without predictions", () => {
    const diff = diffOf();
    const side = diff.evaluation.against.incumbent;
    if (side.state !== 'same') throw new Error('the fixture keeps its evaluation slice');
    expect(incumbentStated(plan.request, diff)).toContain('must be the sealed ones');
    expect(page()).toContain('must be the sealed ones');
    side.figures.slice.from = 'another';
    expect(incumbentStated(plan.request, diff)).toContain('scores that the pipeline states');
    expect(planText({ ...plan, diff })).toContain('scores that the pipeline states');
    const { predictions: _, ...without } = plan.request;
    expect(incumbentStated(without, diff)).toBeNull();
  });

  it("a gate's result is as stated, and the report is named", () => {
    expect(page()).toContain('pass, as stated');
    expect(planText(plan)).toContain(`Gate ${gate?.name}: pass, stated; report ${gate?.report.slice(0, 19)}… kept.`);
  });
});
