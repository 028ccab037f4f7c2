package promotion.history_test

import data.promotion.history
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"11 automated before it": {
		"do": [t.put("/history/figures/automatedSinceHuman", 11)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"12 automated before it": {
		"do": [t.put("/history/figures/automatedSinceHuman", 12)],
		"codes": {"HIS-002"},
		"proven": true,
		"cleared": false,
	},
	"13 automated before it": {
		"do": [t.put("/history/figures/automatedSinceHuman", 13)],
		"codes": {"HIS-002"},
		"proven": true,
		"cleared": false,
	},
	"179 days since people": {
		"do": [t.put("/history/figures/daysSinceHuman", 179)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"180 days since people": {
		"do": [t.put("/history/figures/daysSinceHuman", 180)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"181 days since people": {
		"do": [t.put("/history/figures/daysSinceHuman", 181)],
		"codes": {"HIS-003"},
		"proven": true,
		"cleared": false,
	},
	"no incumbent": {
		"do": [t.put("/history/figures/incumbent", null)],
		"codes": {"HIS-001"},
		"proven": false,
		"cleared": false,
	},
	"never approved by people": {
		"do": [t.put("/history/figures/lastHumanApproved", null)],
		"codes": {"HIS-004"},
		"proven": false,
		"cleared": false,
	},
	"automatedSinceHuman is null": {
		"do": [t.put("/history/figures/automatedSinceHuman", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"automatedSinceHuman is a text": {
		"do": [t.put("/history/figures/automatedSinceHuman", "0")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"daysSinceHuman is null": {
		"do": [t.put("/history/figures/daysSinceHuman", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"daysSinceHuman is a text": {
		"do": [t.put("/history/figures/daysSinceHuman", "0")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"in doubt": {
		"do": [t.put("/history/why", ["line-unknown"])],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_history[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in history.findings} with input as changed
	codes == case.codes
	proven := history.proven with input as changed
	proven == case.proven
	cleared := history.cleared with input as changed
	cleared == case.cleared
}

test_history_headroom_is_below_its_limit if {
	rooms := history.headroom with input as data.fixtures.clear
	count(rooms) > 0
	every room in rooms {
		room.observed <= room.limit
	}
}

# The path of each rule, as it was agreed.
_paths := {
	"HIS-001": "committee",
	"HIS-002": "reviewer",
	"HIS-003": "reviewer",
	"HIS-004": "committee",
}

test_history_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := history.findings with input as changed
	headroom := history.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not history.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"history": {}}
}

# How near each figure may come to its limit without firing.
_nearest := {"HIS-002": 1, "HIS-003": 0}

test_history_headroom_reaches_the_limit[code] if {
	some code, left in _nearest
	rooms := {room | some case in _cases; some room in _rooms(case)}
	left == min([near | some room in rooms; room.code == code; near := room.limit - room.observed])
}

_rooms(case) := rooms if {
	changed := t.changed(case.do)
	rooms := history.headroom with input as changed
}
