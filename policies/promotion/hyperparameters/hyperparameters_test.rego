package promotion.hyperparameters_test

import data.promotion.hyperparameters
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"changed is null": {
		"do": [t.put(t.at("hyperparameters", "changed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"changed is absent": {
		"do": [t.gone(t.at("hyperparameters", "changed"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"added is null": {
		"do": [t.put(t.at("hyperparameters", "added"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"added is absent": {
		"do": [t.gone(t.at("hyperparameters", "added"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"removed is null": {
		"do": [t.put(t.at("hyperparameters", "removed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"removed is absent": {
		"do": [t.gone(t.at("hyperparameters", "removed"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("hyperparameters")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("hyperparameters"), t.put("/hyperparameters/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"another value": {
		"do": [t.side_state("hyperparameters", "differs"), t.put(t.at("hyperparameters", "changed"), [{"name": "C", "from": "1", "to": "2"}])],
		"codes": {"HYP-001"},
		"proven": true,
		"cleared": false,
	},
	"one added": {
		"do": [t.side_state("hyperparameters", "differs"), t.put(t.at("hyperparameters", "added"), ["l1_ratio"])],
		"codes": {"HYP-002"},
		"proven": true,
		"cleared": false,
	},
	"one removed": {
		"do": [t.side_state("hyperparameters", "differs"), t.put(t.at("hyperparameters", "removed"), ["l1_ratio"])],
		"codes": {"HYP-002"},
		"proven": true,
		"cleared": false,
	},
	"another value in another model class": {
		"do": [
			t.side_state("hyperparameters", "differs"),
			t.put(t.at("hyperparameters", "changed"), [{"name": "C", "from": "1", "to": "2"}]),
			t.put(t.at("hyperparameters", "added"), ["l1_ratio"]),
			t.put(t.at("modelClass", "class"), {"from": "a", "to": "b"}),
		],
		"codes": {"HYP-003"},
		"proven": true,
		"cleared": true,
	},
	"changed is a text": {
		"do": [t.put(t.at("hyperparameters", "changed"), "C")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("hyperparameters", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"differs although its state says the same": {
		"do": [t.put(t.at("hyperparameters", "added"), ["l1"])],
		"codes": {"HYP-002"},
		"proven": true,
		"cleared": false,
	},
	"the same settings in another model class": {
		"do": [t.put(t.at("modelClass", "class"), {"from": "a", "to": "b"})],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
}

test_hyperparameters[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in hyperparameters.findings} with input as changed
	codes == case.codes
	proven := hyperparameters.proven with input as changed
	proven == case.proven
	cleared := hyperparameters.cleared with input as changed
	cleared == case.cleared
}

test_hyperparameters_has_no_figure_with_headroom if count(hyperparameters.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"HYP-001": "reviewer",
	"HYP-002": "committee",
	"HYP-003": "automated",
}

test_hyperparameters_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := hyperparameters.findings with input as changed
	headroom := hyperparameters.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
