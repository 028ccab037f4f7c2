package promotion.transforms_test

import data.promotion.shared_test as t
import data.promotion.transforms

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"changed is null": {
		"do": [t.put(t.at("transforms", "changed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"changed is absent": {
		"do": [t.gone(t.at("transforms", "changed"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("transforms")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("transforms"), t.put("/transforms/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"one changed": {
		"do": [t.side_state("transforms", "differs"), t.put(t.at("transforms", "changed"), ["f"])],
		"codes": {"TRA-001"},
		"proven": true,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("transforms", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"differs although its state says the same": {
		"do": [t.put(t.at("transforms", "changed"), ["f"])],
		"codes": {"TRA-001"},
		"proven": true,
		"cleared": false,
	},
}

test_transforms[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in transforms.findings} with input as changed
	codes == case.codes
	proven := transforms.proven with input as changed
	proven == case.proven
	cleared := transforms.cleared with input as changed
	cleared == case.cleared
}

test_transforms_has_no_figure_with_headroom if count(transforms.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"TRA-001": "reviewer",
}

test_transforms_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := transforms.findings with input as changed
	headroom := transforms.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
