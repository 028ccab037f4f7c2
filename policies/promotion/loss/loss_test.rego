package promotion.loss_test

import data.promotion.loss
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"loss is null": {
		"do": [t.put(t.at("loss", "loss"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"loss is absent": {
		"do": [t.gone(t.at("loss", "loss"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("loss")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("loss"), t.put("/loss/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"another loss": {
		"do": [t.side_state("loss", "differs"), t.put(t.at("loss", "loss"), {"from": "a", "to": "b"})],
		"codes": {"LOS-001"},
		"proven": true,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("loss", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"differs although its state says the same": {
		"do": [t.put(t.at("loss", "loss"), {"from": "a", "to": "b"})],
		"codes": {"LOS-001"},
		"proven": true,
		"cleared": false,
	},
}

test_loss[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in loss.findings} with input as changed
	codes == case.codes
	proven := loss.proven with input as changed
	proven == case.proven
	cleared := loss.cleared with input as changed
	cleared == case.cleared
}

test_loss_has_no_figure_with_headroom if count(loss.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"LOS-001": "committee",
}

test_loss_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := loss.findings with input as changed
	headroom := loss.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
