package promotion.model_class_test

import data.promotion.model_class
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"class/to is absent": {
		"do": [t.gone(t.at("modelClass", "class/to"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"family/to is absent": {
		"do": [t.gone(t.at("modelClass", "family/to"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("modelClass")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("modelClass"), t.put("/modelClass/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"class/to is null": {
		"do": [t.put(t.at("modelClass", "class/to"), null)],
		"codes": {"MOD-001"},
		"proven": false,
		"cleared": false,
	},
	"class is null": {
		"do": [t.put(t.at("modelClass", "class"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"another class": {
		"do": [t.side_state("modelClass", "differs"), t.put(t.at("modelClass", "class"), {"from": "a", "to": "b"})],
		"codes": {"MOD-001"},
		"proven": true,
		"cleared": false,
	},
	"another family": {
		"do": [t.side_state("modelClass", "differs"), t.put(t.at("modelClass", "family"), {"from": "a", "to": "b"})],
		"codes": {"MOD-002"},
		"proven": true,
		"cleared": false,
	},
	"another class and family": {
		"do": [
			t.side_state("modelClass", "differs"),
			t.put(t.at("modelClass", "class"), {"from": "a", "to": "b"}),
			t.put(t.at("modelClass", "family"), {"from": "a", "to": "b"}),
		],
		"codes": {"MOD-001"},
		"proven": true,
		"cleared": false,
	},
	"another class than people approved": {
		"do": [t.own_side("modelClass"), t.put(t.since("modelClass", "class"), {"from": "a", "to": "b"})],
		"codes": {"MOD-001"},
		"proven": true,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("modelClass", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
}

test_model_class[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in model_class.findings} with input as changed
	codes == case.codes
	proven := model_class.proven with input as changed
	proven == case.proven
	cleared := model_class.cleared with input as changed
	cleared == case.cleared
}

test_model_class_has_no_figure_with_headroom if count(model_class.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"MOD-001": "committee",
	"MOD-002": "committee",
}

test_model_class_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := model_class.findings with input as changed
	headroom := model_class.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
