package promotion.training_window_test

import data.promotion.shared_test as t
import data.promotion.training_window

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"fromDay is null": {
		"do": [t.put(t.at("trainingWindow", "fromDay"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"fromDay is of another type": {
		"do": [t.put(t.at("trainingWindow", "fromDay"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"fromDay is absent": {
		"do": [t.gone(t.at("trainingWindow", "fromDay"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"toDay is null": {
		"do": [t.put(t.at("trainingWindow", "toDay"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"toDay is of another type": {
		"do": [t.put(t.at("trainingWindow", "toDay"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"toDay is absent": {
		"do": [t.gone(t.at("trainingWindow", "toDay"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("trainingWindow")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("trainingWindow"), t.put("/trainingWindow/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"from day 19199": {
		"do": [t.put("/trainingWindow/figures/fromDay", 19199)],
		"codes": {"TRW-001"},
		"proven": true,
		"cleared": false,
	},
	"from day 19200": {
		"do": [t.put("/trainingWindow/figures/fromDay", 19200)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"from day 19201": {
		"do": [t.put("/trainingWindow/figures/fromDay", 19201)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"to day 18331": {
		"do": [t.put("/trainingWindow/figures/fromDay", 18000), t.put("/trainingWindow/figures/toDay", 18331)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"to day 18332": {
		"do": [t.put("/trainingWindow/figures/fromDay", 18000), t.put("/trainingWindow/figures/toDay", 18332)],
		"codes": {"TRW-001"},
		"proven": true,
		"cleared": false,
	},
	"to day 18333": {
		"do": [t.put("/trainingWindow/figures/fromDay", 18000), t.put("/trainingWindow/figures/toDay", 18333)],
		"codes": {"TRW-001"},
		"proven": true,
		"cleared": false,
	},
	"the baseline crossed it too": {
		"do": [t.put("/trainingWindow/figures/fromDay", 19199), t.put(t.at("trainingWindow", "fromDay"), 19199)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"no window of its own": {
		"do": [t.put("/trainingWindow/figures/fromDay", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"ends before it begins": {
		"do": [t.put("/trainingWindow/figures/toDay", 0)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"one day long": {
		"do": [t.put("/trainingWindow/figures/fromDay", 20400)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"crosses a break of long ago": {
		"do": [t.put("/trainingWindow/figures/fromDay", 14136), t.put(t.at("trainingWindow", "fromDay"), 18400)],
		"codes": {"TRW-001"},
		"proven": true,
		"cleared": false,
	},
	"other filters": {
		"do": [t.side_state("trainingWindow", "differs"), t.put(t.at("trainingWindow", "filters/to"), "train: good payers, validation: no filter")],
		"codes": {"TRW-002"},
		"proven": true,
		"cleared": false,
	},
	"filters are null": {
		"do": [t.put(t.at("trainingWindow", "filters"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"filters are absent": {
		"do": [t.gone(t.at("trainingWindow", "filters"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"filters/from is absent": {
		"do": [t.gone(t.at("trainingWindow", "filters/from"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"filters/to is absent": {
		"do": [t.gone(t.at("trainingWindow", "filters/to"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_training_window[note] if {
	some note, case in _cases
	told(case) == object.remove(case, ["do"])
}

# What the rules say of a case.
told(case) := seen if {
	seen := {
		"codes": {finding.code | some finding in training_window.findings},
		"proven": training_window.proven,
		"cleared": training_window.cleared,
	} with input as t.changed(case.do)
}

# The path of each rule, as it was agreed.
_paths := {
	"TRW-001": "reviewer",
	"TRW-002": "reviewer",
	"TRW-003": "committee",
	"TRW-004": "reviewer",
	"TRW-005": "committee",
	"TRW-006": "reviewer",
}

test_training_window_paths_and_headroom[note] if {
	some note, case in _cases
	lawful(case)
}

lawful(case) if {
	seen := {"findings": training_window.findings, "headroom": training_window.headroom} with input as t.changed(case.do)
	t.lawful(seen.findings, seen.headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not training_window.proven with input as data.fixtures.clear with data.calendar as {"regime_breaks": {}}
}

test_each_break_in_the_calendar_counts if {
	changed := t.changed([t.put("/trainingWindow/figures/fromDay", 14136)])
	found := {finding.limit | some finding in training_window.findings} with input as changed
	found == {14137, 18332, 19200}
	later := t.changed([t.put("/trainingWindow/figures/fromDay", 14137)])
	left := {finding.limit | some finding in training_window.findings} with input as later
	left == {18332, 19200}
}
