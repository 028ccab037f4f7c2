# Just below, at and over each limit, and other rows than were approved.
package promotion.population_limits_test

import data.promotion.population
import data.promotion.population_test as all
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"score at 49999": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 49999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"score at 50000": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 50000)],
		"codes": {"POP-001"},
		"proven": true,
		"cleared": true,
	},
	"score at 100000": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 100000)],
		"codes": {"POP-001"},
		"proven": true,
		"cleared": true,
	},
	"score at 100001": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 100001)],
		"codes": {"POP-002"},
		"proven": true,
		"cleared": false,
	},
	"score at 250000": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 250000)],
		"codes": {"POP-002"},
		"proven": true,
		"cleared": false,
	},
	"score at 250001": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 250001)],
		"codes": {"POP-003"},
		"proven": true,
		"cleared": false,
	},
	"score since people at 99999": {
		"do": [t.own_side("population"), t.own_side("features"), t.put(t.since("population", "score/psi_ppm"), 99999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"score since people at 100000": {
		"do": [t.own_side("population"), t.own_side("features"), t.put(t.since("population", "score/psi_ppm"), 100000)],
		"codes": {"POP-004"},
		"proven": true,
		"cleared": true,
	},
	"score since people at 250000": {
		"do": [t.own_side("population"), t.own_side("features"), t.put(t.since("population", "score/psi_ppm"), 250000)],
		"codes": {"POP-004"},
		"proven": true,
		"cleared": true,
	},
	"score since people at 250001": {
		"do": [t.own_side("population"), t.own_side("features"), t.put(t.since("population", "score/psi_ppm"), 250001)],
		"codes": {"POP-005"},
		"proven": true,
		"cleared": false,
	},
	"a feature at 249999": {
		"do": [t.put(t.at("population", "features/1/psi_ppm"), 249999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a feature at 250000": {
		"do": [t.put(t.at("population", "features/1/psi_ppm"), 250000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a feature at 250001": {
		"do": [t.put(t.at("population", "features/1/psi_ppm"), 250001)],
		"codes": {"POP-006"},
		"proven": true,
		"cleared": false,
	},
	"a feature since people at 250001": {
		"do": [t.own_side("population"), t.own_side("features"), t.put(t.since("population", "features/1/psi_ppm"), 250001)],
		"codes": {"POP-006"},
		"proven": true,
		"cleared": false,
	},
	"null point at 99999": {
		"do": [t.put(t.at("population", "score/null99_ppm"), 99999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"null point at 100000": {
		"do": [t.put(t.at("population", "score/null99_ppm"), 100000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"null point at 100001": {
		"do": [t.put(t.at("population", "score/null99_ppm"), 100001)],
		"codes": {"POP-007"},
		"proven": true,
		"cleared": false,
	},
	"other filters": {
		"do": [t.put(t.at("population", "filters/to"), "scoring: region = north")],
		"codes": {"POP-008"},
		"proven": true,
		"cleared": false,
	},
	"other filters than people approved": {
		"do": [t.own_side("population"), t.own_side("features"), t.put(t.since("population", "filters/to"), "scoring: region = north")],
		"codes": {"POP-008"},
		"proven": true,
		"cleared": false,
	},
	"scored a day later": {
		"do": [t.put(t.at("population", "scored/toDay"), 20635)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"scored up to the same day": {
		"do": [t.put(t.at("population", "scored/toDay"), 20634)],
		"codes": {"POP-009"},
		"proven": true,
		"cleared": false,
	},
	"the same rows under a later day": {
		"do": [t.put(t.at("population", "scored/sameRows"), true)],
		"codes": {"POP-009"},
		"proven": true,
		"cleared": false,
	},
	"older than what people approved": {
		"do": [t.own_side("population"), t.own_side("features"), t.put(t.since("population", "scored/fromDay"), 20758)],
		"codes": {"POP-009"},
		"proven": true,
		"cleared": false,
	},
}

test_population_limits[note] if {
	some note, case in _cases
	all.told(case) == object.remove(case, ["do"])
}

test_population_limits_paths_and_headroom[note] if {
	some note, case in _cases
	all.lawful(case)
}

# How near each figure may come to its limit without firing.
_nearest := {"POP-002": 0, "POP-003": 0, "POP-005": 0, "POP-006": 0, "POP-007": 0}

test_population_headroom_reaches_the_limit[code] if {
	some code, left in _nearest
	left == min([near | some room in _rooms; room.code == code; near := room.limit - room.observed])
}

_rooms contains room if {
	some case in _cases
	rooms := population.headroom with input as t.changed(case.do)
	some room in rooms
}
