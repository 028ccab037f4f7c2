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
	"drift was found": {
		"do": [_stands([_score(250000)])],
		"codes": {"HIS-005"},
		"proven": true,
		"cleared": false,
	},
	"drift of the score one over the limit": {
		"do": [_stands([_score(250001)])],
		"codes": {"HIS-005", "HIS-006"},
		"proven": true,
		"cleared": false,
	},
	"drift of the score one under the limit": {
		"do": [_stands([_score(249999)])],
		"codes": {"HIS-005"},
		"proven": true,
		"cleared": false,
	},
	"drift of a segment at the limit": {
		"do": [_stands([_segment(250000, true)])],
		"codes": {"HIS-005"},
		"proven": true,
		"cleared": false,
	},
	"drift of a segment one over the limit": {
		"do": [_stands([_score(0), _segment(250001, true)])],
		"codes": {"HIS-005", "HIS-006"},
		"proven": true,
		"cleared": false,
	},
	"drift of a feature however large": {
		"do": [_stands([{"what": "feature", "name": "age", "psi_ppm": 900000, "n": 900, "known": true}])],
		"codes": {"HIS-005"},
		"proven": true,
		"cleared": false,
	},
	"drift in a segment nobody registered": {
		"do": [_stands([_segment(10000, false)])],
		"codes": {"HIS-005", "HIS-007"},
		"proven": true,
		"cleared": false,
	},
	"drift without its figure": {
		"do": [_stands([_score(null)])],
		"codes": {"HIS-005"},
		"proven": false,
		"cleared": false,
	},
	"drift with its figure as a text": {
		"do": [_stands([_score("0")])],
		"codes": {"HIS-005"},
		"proven": false,
		"cleared": false,
	},
	"nothing stands": {
		"do": [t.put("/history/figures/standing", {"suspended": false, "drift": []})],
		"codes": set(),
		"proven": true,
		"cleared": true,
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
	"suspended": {
		"do": [t.put("/history/figures/standing", {"suspended": true, "drift": []})],
		"codes": {"HIS-008"},
		"proven": true,
		"cleared": false,
	},
	"in doubt": {
		"do": [t.put("/history/why", ["line-unknown"])],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

_stands(measured) := t.put("/history/figures/standing", {
	"suspended": false,
	"drift": [{"event": "sha256:d", "answered": false, "measured": measured}],
})

_score(psi) := {"what": "score", "name": null, "psi_ppm": psi, "n": 900, "known": true}

_segment(psi, known) := {"what": "segment", "name": "age_band", "psi_ppm": psi, "n": 900, "known": known}

# Each finding says where, what was seen and what it was held against.
test_history_drift_is_told_with_its_figures if {
	changed := t.changed([_stands([_score(250001), _segment(260000, false)])])
	findings := history.findings with input as changed
	at := "/history/figures/standing/drift/0/"
	told := {[finding.code, finding.pointer, finding.observed, finding.limit, finding.unit] | some finding in findings}
	told == {
		["HIS-005", concat("", [at, "event"]), "sha256:d", null, "text"],
		["HIS-006", concat("", [at, "measured/0/psi_ppm"]), 250001, 250000, "ppm"],
		["HIS-006", concat("", [at, "measured/1/psi_ppm"]), 260000, 250000, "ppm"],
		["HIS-007", concat("", [at, "measured/1/name"]), "age_band", null, "text"],
	}
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
	"HIS-005": "reviewer",
	"HIS-006": "committee",
	"HIS-007": "committee",
	"HIS-008": "reviewer",
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
	not history.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"history": {}}
	without := json.remove(data.limits.history, ["drift_committee_ppm/segment"])
	not history.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"history": without}
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
