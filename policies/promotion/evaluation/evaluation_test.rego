package promotion.evaluation_test

import data.promotion.evaluation
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"slice is null": {
		"do": [t.put(t.at("evaluation", "slice"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"slice is absent": {
		"do": [t.gone(t.at("evaluation", "slice"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"changed is null": {
		"do": [t.put(t.at("evaluation", "changed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"changed is absent": {
		"do": [t.gone(t.at("evaluation", "changed"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("evaluation")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("evaluation"), t.put("/evaluation/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"another slice": {
		"do": [t.side_state("evaluation", "differs"), t.put(t.at("evaluation", "slice"), {"from": "a", "to": "b"})],
		"codes": {"EVA-001"},
		"proven": true,
		"cleared": false,
	},
	"another method": {
		"do": [t.side_state("evaluation", "differs"), t.put(t.at("evaluation", "changed"), ["method"])],
		"codes": {"EVA-002"},
		"proven": true,
		"cleared": false,
	},
	"another slice, said twice": {
		"do": [t.side_state("evaluation", "differs"), t.put(t.at("evaluation", "slice"), {"from": "a", "to": "b"}), t.put(t.at("evaluation", "changed"), ["slice"])],
		"codes": {"EVA-001"},
		"proven": true,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("evaluation", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"differs although its state says the same": {
		"do": [t.put(t.at("evaluation", "changed"), ["method"])],
		"codes": {"EVA-002"},
		"proven": true,
		"cleared": false,
	},
	"other filters": {
		"do": [t.side_state("evaluation", "differs"), t.put(t.at("evaluation", "changed"), ["filters"])],
		"codes": {"EVA-002"},
		"proven": true,
		"cleared": false,
	},
	"learned in the time it is judged on": {
		"do": [t.put("/evaluation/figures/leaks", [{"slice": "train", "of": "q3", "how": "window-overlaps"}])],
		"codes": {"EVA-003"},
		"proven": true,
		"cleared": false,
	},
	"judged on rows it learned from": {
		"do": [t.put("/evaluation/figures/leaks", [{"slice": "train", "of": "q3", "how": "derived"}])],
		"codes": {"EVA-004"},
		"proven": true,
		"cleared": false,
	},
	"leaks are absent": {
		"do": [t.gone("/evaluation/figures/leaks")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"leaks are of another type": {
		"do": [t.put("/evaluation/figures/leaks", {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_evaluation[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in evaluation.findings} with input as changed
	codes == case.codes
	proven := evaluation.proven with input as changed
	proven == case.proven
	cleared := evaluation.cleared with input as changed
	cleared == case.cleared
}

test_evaluation_has_no_figure_with_headroom if count(evaluation.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"EVA-001": "reviewer",
	"EVA-002": "reviewer",
	"EVA-003": "reviewer",
	"EVA-004": "committee",
}

test_evaluation_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := evaluation.findings with input as changed
	headroom := evaluation.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

test_a_first_version_is_judged_too if {
	leaky := json.patch(data.fixtures.first, [t.put("/evaluation/figures/leaks", [{"slice": "train", "of": "q3", "how": "derived"}])])
	codes := {finding.code | some finding in evaluation.findings} with input as leaky
	codes == {"EVA-004"}
}
