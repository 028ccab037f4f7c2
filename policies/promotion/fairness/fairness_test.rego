package promotion.fairness_test

import data.promotion.fairness
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"ratios is null": {
		"do": [t.put(t.at("fairness", "ratios"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"ratios is of another type": {
		"do": [t.put(t.at("fairness", "ratios"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"ratios is absent": {
		"do": [t.gone(t.at("fairness", "ratios"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"ratios/0/worse_ppm is null": {
		"do": [t.put(t.at("fairness", "ratios/0/worse_ppm"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"ratios/0/worse_ppm is of another type": {
		"do": [t.put(t.at("fairness", "ratios/0/worse_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"ratios/0/worse_ppm is absent": {
		"do": [t.gone(t.at("fairness", "ratios/0/worse_ppm"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("fairness")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("fairness"), t.put("/fairness/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"protected ratio worse by 99999": {
		"do": [t.put(t.at("fairness", "ratios/0/worse_ppm"), 99999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"protected ratio worse by 100000": {
		"do": [t.put(t.at("fairness", "ratios/0/worse_ppm"), 100000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"protected ratio worse by 100001": {
		"do": [t.put(t.at("fairness", "ratios/0/worse_ppm"), 100001)],
		"codes": {"FAI-001"},
		"proven": true,
		"cleared": false,
	},
	"open ratio worse by 100001": {
		"do": [t.put(t.at("fairness", "ratios/0/protected"), false), t.put(t.at("fairness", "ratios/0/worse_ppm"), 100001)],
		"codes": {"FAI-002"},
		"proven": true,
		"cleared": false,
	},
	"open ratio worse by 100000": {
		"do": [t.put(t.at("fairness", "ratios/0/protected"), false), t.put(t.at("fairness", "ratios/0/worse_ppm"), 100000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"nobody says whether the ratio is protected": {
		"do": [t.put(t.at("fairness", "ratios/0/protected"), null), t.put(t.at("fairness", "ratios/0/worse_ppm"), 100001)],
		"codes": {"FAI-001"},
		"proven": false,
		"cleared": false,
	},
	"a column with two judged values has no ratio": {
		"do": [t.gone(t.at("fairness", "ratios/0"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"another column has a ratio in its place": {
		"do": [t.put(t.at("fairness", "ratios/1/segment"), "elsewhere")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"an open ratio is of another type": {
		"do": [t.put(t.at("fairness", "ratios/0/protected"), false), t.put(t.at("fairness", "ratios/0/worse_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_fairness[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in fairness.findings} with input as changed
	codes == case.codes
	proven := fairness.proven with input as changed
	proven == case.proven
	cleared := fairness.cleared with input as changed
	cleared == case.cleared
}

test_fairness_headroom_is_below_its_limit if {
	rooms := fairness.headroom with input as data.fixtures.clear
	count(rooms) > 0
	every room in rooms {
		room.observed <= room.limit
	}
}

test_an_open_ratio_has_headroom_of_its_own_rule if {
	rooms := fairness.headroom with input as t.changed([t.put(t.at("fairness", "ratios/0/protected"), false)])
	{room.code | some room in rooms} == {"FAI-001", "FAI-002"}
}

# The path of each rule, as it was agreed.
_paths := {
	"FAI-001": "committee",
	"FAI-002": "reviewer",
}

test_fairness_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := fairness.findings with input as changed
	headroom := fairness.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not fairness.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"fairness": {}}
}

# How near each figure may come to its limit without firing.
_nearest := {"FAI-001": 0, "FAI-002": 0}

test_fairness_headroom_reaches_the_limit[code] if {
	some code, left in _nearest
	rooms := {room | some case in _cases; some room in _rooms(case)}
	left == min([near | some room in rooms; room.code == code; near := room.limit - room.observed])
}

_rooms(case) := rooms if {
	changed := t.changed(case.do)
	rooms := fairness.headroom with input as changed
}
