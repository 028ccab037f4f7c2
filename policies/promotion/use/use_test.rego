package promotion.use_test

import data.promotion.shared_test as t
import data.promotion.use

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"changed is null": {
		"do": [t.put(t.at("use", "changed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"changed is absent": {
		"do": [t.gone(t.at("use", "changed"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("use")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("use"), t.put("/use/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"another intended": {
		"do": [t.side_state("use", "differs"), t.put(t.at("use", "changed"), ["intended"])],
		"codes": {"USE-001"},
		"proven": true,
		"cleared": false,
	},
	"another context": {
		"do": [t.side_state("use", "differs"), t.put(t.at("use", "changed"), ["context"])],
		"codes": {"USE-001"},
		"proven": true,
		"cleared": false,
	},
	"another population": {
		"do": [t.side_state("use", "differs"), t.put(t.at("use", "changed"), ["population"])],
		"codes": {"USE-002"},
		"proven": true,
		"cleared": false,
	},
	"something no rule knows": {
		"do": [t.side_state("use", "differs"), t.put(t.at("use", "changed"), ["colour"])],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("use", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"differs although its state says the same": {
		"do": [t.put(t.at("use", "changed"), ["context"])],
		"codes": {"USE-001"},
		"proven": true,
		"cleared": false,
	},
	"changed is an empty object": {
		"do": [t.put(t.at("use", "changed"), {})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_use[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in use.findings} with input as changed
	codes == case.codes
	proven := use.proven with input as changed
	proven == case.proven
	cleared := use.cleared with input as changed
	cleared == case.cleared
}

test_use_has_no_figure_with_headroom if count(use.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"USE-001": "committee",
	"USE-002": "committee",
}

test_use_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := use.findings with input as changed
	headroom := use.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
