package promotion.terms_test

import data.promotion.shared_test as t
import data.promotion.terms

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"loosened is null": {
		"do": [t.put(t.at("terms", "loosened"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"loosened is absent": {
		"do": [t.gone(t.at("terms", "loosened"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"families is null": {
		"do": [t.put(t.at("terms", "families"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"families is absent": {
		"do": [t.gone(t.at("terms", "families"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("terms")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("terms"), t.put("/terms/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"loosened": {
		"do": [t.side_state("terms", "differs"), t.put(t.at("terms", "loosened"), [{"band": "auc", "from": "0.02", "to": "0.03"}])],
		"codes": {"TER-001"},
		"proven": true,
		"cleared": false,
	},
	"tightened": {
		"do": [t.side_state("terms", "differs"), t.put(t.at("terms", "tightened"), [{"band": "auc", "from": "0.03", "to": "0.02"}])],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a family restated": {
		"do": [t.side_state("terms", "differs"), t.put(t.at("terms", "families"), [{"name": "f", "from": "a", "to": "b"}])],
		"codes": {"TER-002"},
		"proven": true,
		"cleared": false,
	},
}

test_terms[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in terms.findings} with input as changed
	codes == case.codes
	proven := terms.proven with input as changed
	proven == case.proven
	cleared := terms.cleared with input as changed
	cleared == case.cleared
}

test_terms_has_no_figure_with_headroom if count(terms.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"TER-001": "reviewer",
	"TER-002": "reviewer",
}

test_terms_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := terms.findings with input as changed
	headroom := terms.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
