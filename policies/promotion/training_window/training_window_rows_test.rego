# Windows that lie ahead, and how much less there was to learn from: just below, at and over each limit.
package promotion.training_window_rows_test

import data.promotion.shared_test as t
import data.promotion.training_window
import data.promotion.training_window_test as all

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"a slice ends 365 days after the request": {
		"do": [t.put("/trainingWindow/figures/ahead", [{"slice": "scoring", "days": 365}])],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a slice ends 366 days after the request": {
		"do": [t.put("/trainingWindow/figures/ahead", [{"slice": "scoring", "days": 366}])],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a slice ends 367 days after the request": {
		"do": [t.put("/trainingWindow/figures/ahead", [{"slice": "scoring", "days": 367}])],
		"codes": {"TRW-003"},
		"proven": true,
		"cleared": false,
	},
	"nobody said how far ahead": {
		"do": [t.put("/trainingWindow/figures/ahead", [{"slice": "scoring", "days": null}])],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"ahead is no list": {
		"do": [t.put("/trainingWindow/figures/ahead", {})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"499999 millionths of the rows": {
		"do": [t.put(t.at("trainingWindow", "rows_ppm"), 499999)],
		"codes": {"TRW-004"},
		"proven": true,
		"cleared": false,
	},
	"500000 millionths of the rows": {
		"do": [t.put(t.at("trainingWindow", "rows_ppm"), 500000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"500001 millionths of the rows": {
		"do": [t.put(t.at("trainingWindow", "rows_ppm"), 500001)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"the share of the rows is null": {
		"do": [t.put(t.at("trainingWindow", "rows_ppm"), null)],
		"codes": {"TRW-004"},
		"proven": false,
		"cleared": false,
	},
	"the share of the rows is a text": {
		"do": [t.put(t.at("trainingWindow", "rows_ppm"), "500001")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"499999 millionths of the days": {
		"do": [t.put(t.at("trainingWindow", "days_ppm"), 499999)],
		"codes": {"TRW-006"},
		"proven": true,
		"cleared": false,
	},
	"500000 millionths of the days": {
		"do": [t.put(t.at("trainingWindow", "days_ppm"), 500000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"500001 millionths of the days": {
		"do": [t.put(t.at("trainingWindow", "days_ppm"), 500001)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"the share of the days is null": {
		"do": [t.put(t.at("trainingWindow", "days_ppm"), null)],
		"codes": {"TRW-006"},
		"proven": false,
		"cleared": false,
	},
	"the share of the days is a text": {
		"do": [t.put(t.at("trainingWindow", "days_ppm"), "500001")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"fewer rows than people approved": {
		"do": [t.own_side("trainingWindow"), t.put(t.since("trainingWindow", "rows_ppm"), 1)],
		"codes": {"TRW-004"},
		"proven": true,
		"cleared": false,
	},
	"a training slice without a row": {
		"do": [t.put("/trainingWindow/figures/empty", ["train"])],
		"codes": {"TRW-005"},
		"proven": true,
		"cleared": false,
	},
	"no training slice is without a row": {
		"do": [t.put("/trainingWindow/figures/empty", [])],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"empty is no list": {
		"do": [t.put("/trainingWindow/figures/empty", {})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_training_window_rows[note] if {
	some note, case in _cases
	all.told(case) == object.remove(case, ["do"])
}

test_training_window_rows_paths_and_headroom[note] if {
	some note, case in _cases
	all.lawful(case)
}

# How near each figure may come to its limit without firing.
test_training_window_headroom_reaches_the_limit if {
	rooms := {room |
		some case in _cases
		found := training_window.headroom with input as t.changed(case.do)
		some room in found
	}
	{room.code | some room in rooms} == {"TRW-003"}
	min([near | some room in rooms; near := room.limit - room.observed]) == 0
}

test_without_any_one_limit_nothing_is_proven if {
	every name, _ in data.limits.training_window {
		limits := object.remove(data.limits.training_window, [name])
		not training_window.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"training_window": limits}
	}
}

# A finding leads to what was seen.
test_training_window_pointers if {
	changed := t.changed([
		t.put("/trainingWindow/figures/ahead", [{"slice": "a", "days": 1}, {"slice": "b", "days": 400}]),
		t.put("/trainingWindow/figures/empty", ["train"]),
		t.put(t.at("trainingWindow", "rows_ppm"), 2),
		t.put(t.at("trainingWindow", "days_ppm"), 3),
	])
	found := {[f.code, f.pointer, f.observed, f.limit] | some f in training_window.findings} with input as changed
	found == {
		["TRW-003", "/trainingWindow/figures/ahead/1/days", 400, 366],
		["TRW-004", "/trainingWindow/against/incumbent/figures/rows_ppm", 2, 500000],
		["TRW-005", "/trainingWindow/figures/empty/0", "train", null],
		["TRW-006", "/trainingWindow/against/incumbent/figures/days_ppm", 3, 500000],
	}
	rooms := {room.pointer | some room in training_window.headroom} with input as changed
	rooms == {"/trainingWindow/figures/ahead/0/days"}
}
