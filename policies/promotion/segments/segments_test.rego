package promotion.segments_test

import data.promotion.segments
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"shares is null": {
		"do": [t.put(t.at("segments", "shares"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"shares is of another type": {
		"do": [t.put(t.at("segments", "shares"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"shares is absent": {
		"do": [t.gone(t.at("segments", "shares"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"shares/0/psi_ppm is null": {
		"do": [t.put(t.at("segments", "shares/0/psi_ppm"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"shares/0/psi_ppm is of another type": {
		"do": [t.put(t.at("segments", "shares/0/psi_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"shares/0/psi_ppm is absent": {
		"do": [t.gone(t.at("segments", "shares/0/psi_ppm"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("segments")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("segments"), t.put("/segments/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"a share at 249999": {
		"do": [t.put(t.at("segments", "shares/0/psi_ppm"), 249999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a share at 250000": {
		"do": [t.put(t.at("segments", "shares/0/psi_ppm"), 250000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a share at 250001": {
		"do": [t.put(t.at("segments", "shares/0/psi_ppm"), 250001)],
		"codes": {"SEG-001"},
		"proven": true,
		"cleared": false,
	},
	"a registered column has no figure": {
		"do": [t.gone(t.at("segments", "shares/0"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"a value nobody registered": {
		"do": [t.put("/segments/figures/unregistered", [{"segment": "housing", "value": "boat", "count": 1}])],
		"codes": {"SEG-002"},
		"proven": true,
		"cleared": false,
	},
	"unregistered is null": {
		"do": [t.put("/segments/figures/unregistered", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_segments[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in segments.findings} with input as changed
	codes == case.codes
	proven := segments.proven with input as changed
	proven == case.proven
	cleared := segments.cleared with input as changed
	cleared == case.cleared
}

test_segments_headroom_is_below_its_limit if {
	rooms := segments.headroom with input as data.fixtures.clear
	count(rooms) > 0
	every room in rooms {
		room.observed <= room.limit
	}
}

# The path of each rule, as it was agreed.
_paths := {
	"SEG-001": "committee",
	"SEG-002": "committee",
}

test_segments_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := segments.findings with input as changed
	headroom := segments.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not segments.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"segments": {}}
}

# How near each figure may come to its limit without firing.
_nearest := {"SEG-001": 0}

test_segments_headroom_reaches_the_limit[code] if {
	some code, left in _nearest
	rooms := {room | some case in _cases; some room in _rooms(case)}
	left == min([near | some room in rooms; room.code == code; near := room.limit - room.observed])
}

_rooms(case) := rooms if {
	changed := t.changed(case.do)
	rooms := segments.headroom with input as changed
}
