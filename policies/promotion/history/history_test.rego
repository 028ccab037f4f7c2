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
	"approved in the stage before": {
		"do": _staged({"environment": "before", "event": "sha256:0"}),
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not approved in the stage before": {
		"do": _staged({"environment": "before", "event": null}),
		"codes": {"HIS-010"},
		"proven": true,
		"cleared": false,
	},
	"approved in another stage": {
		"do": _staged({"environment": "elsewhere", "event": "sha256:0"}),
		"codes": {"HIS-010"},
		"proven": true,
		"cleared": false,
	},
	"an event that is no text": {
		"do": _staged({"environment": "before", "event": 1}),
		"codes": {"HIS-010"},
		"proven": true,
		"cleared": false,
	},
	"nothing is said of the stage before": {
		"do": [t.put("/line", "staged")],
		"codes": {"HIS-010"},
		"proven": true,
		"cleared": false,
	},
	"the first stage asks for none": {
		"do": [t.put("/line", "staged"), t.put("/environment", "before")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a stage nobody registered says nothing": {
		"do": [t.put("/history/figures/predecessor", {"environment": "elsewhere", "event": null})],
		"codes": set(),
		"proven": true,
		"cleared": true,
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
	codes := {finding.code | some finding in history.findings} with input as changed with data.lines as _lines
	codes == case.codes
	proven := history.proven with input as changed with data.lines as _lines
	proven == case.proven
	cleared := history.cleared with input as changed with data.lines as _lines
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
	"HIS-010": "committee",
}

test_history_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := history.findings with input as changed with data.lines as _lines
	headroom := history.headroom with input as changed with data.lines as _lines
	t.lawful(findings, headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not history.proven with input as data.fixtures.clear with data.limits.history as {}
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
	rooms := history.headroom with input as changed with data.lines as _lines
}

# One line more than are registered: it has a stage before the clear input's environment.
_lines := object.union(data.lines, {"staged": json.patch(data.lines[data.fixtures.clear.line], [t.put("/environments", [
	{"name": "before", "class": "dev"},
	{"name": data.fixtures.clear.environment, "class": "dev", "after": "before"},
])])})

_staged(predecessor) := [t.put("/line", "staged"), t.put("/history/figures/predecessor", predecessor)]
