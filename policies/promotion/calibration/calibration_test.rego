package promotion.calibration_test

import data.promotion.calibration
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"calibration is null": {
		"do": [t.put(t.at("calibration", "calibration"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"calibration is absent": {
		"do": [t.gone(t.at("calibration", "calibration"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("calibration")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("calibration"), t.put("/calibration/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"another calibration": {
		"do": [t.side_state("calibration", "differs"), t.put(t.at("calibration", "calibration"), {"from": "none", "to": "isotonic"})],
		"codes": {"CAL-001"},
		"proven": true,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("calibration", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"differs although its state says the same": {
		"do": [t.put(t.at("calibration", "calibration"), {"from": "none", "to": "isotonic"})],
		"codes": {"CAL-001"},
		"proven": true,
		"cleared": false,
	},
}

test_calibration[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in calibration.findings} with input as changed
	codes == case.codes
	proven := calibration.proven with input as changed
	proven == case.proven
	cleared := calibration.cleared with input as changed
	cleared == case.cleared
}

test_calibration_has_no_figure_with_headroom if count(calibration.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"CAL-001": "reviewer",
}

test_calibration_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := calibration.findings with input as changed
	headroom := calibration.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
