package promotion.population_test

import data.promotion.population
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"score/psi_ppm is null": {
		"do": [t.put(t.at("population", "score/psi_ppm"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"score/psi_ppm is of another type": {
		"do": [t.put(t.at("population", "score/psi_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"score/psi_ppm is absent": {
		"do": [t.gone(t.at("population", "score/psi_ppm"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"score/null99_ppm is null": {
		"do": [t.put(t.at("population", "score/null99_ppm"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"score/null99_ppm is of another type": {
		"do": [t.put(t.at("population", "score/null99_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"score/null99_ppm is absent": {
		"do": [t.gone(t.at("population", "score/null99_ppm"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"features is null": {
		"do": [t.put(t.at("population", "features"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"features is of another type": {
		"do": [t.put(t.at("population", "features"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"features is absent": {
		"do": [t.gone(t.at("population", "features"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"features/0/psi_ppm is null": {
		"do": [t.put(t.at("population", "features/0/psi_ppm"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"features/0/psi_ppm is of another type": {
		"do": [t.put(t.at("population", "features/0/psi_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"features/0/psi_ppm is absent": {
		"do": [t.gone(t.at("population", "features/0/psi_ppm"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"not compared with it": {
		"do": [t.own_side("population"), t.put("/population/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("population"), t.own_side("features")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
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
	"score is a text that looks like a figure": {
		"do": [t.put(t.at("population", "score/psi_ppm"), "0")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"score is null": {
		"do": [t.put(t.at("population", "score"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"a feature is missing from the list": {
		"do": [t.gone(t.at("population", "features/1"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"nobody knows how many features there are": {
		"do": [t.put("/features/figures/count", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"an added feature has no figure yet": {
		"do": [t.put("/features/figures/count", 4), t.put(t.at("features", "added"), [{"name": "f", "family": "x", "source": "y", "familyKnown": true, "sourceKnown": true}])],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"score since people is of another type": {
		"do": [t.own_side("population"), t.own_side("features"), t.put(t.since("population", "score/psi_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
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
	"filters are null": {
		"do": [t.put(t.at("population", "filters"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"filters are absent": {
		"do": [t.gone(t.at("population", "filters"))],
		"codes": set(),
		"proven": false,
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
	"freshness is null": {
		"do": [t.put(t.at("population", "scored"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"freshness is absent": {
		"do": [t.gone(t.at("population", "scored"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"filters/from is absent": {
		"do": [t.gone(t.at("population", "filters/from"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"filters/to is absent": {
		"do": [t.gone(t.at("population", "filters/to"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"scored/fromDay is absent": {
		"do": [t.gone(t.at("population", "scored/fromDay"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"scored/toDay is absent": {
		"do": [t.gone(t.at("population", "scored/toDay"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"nobody said whether the rows are the same": {
		"do": [t.gone(t.at("population", "scored/sameRows"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"the same rows is no yes or no": {
		"do": [t.put(t.at("population", "scored/sameRows"), null)],
		"codes": {"POP-009"},
		"proven": false,
		"cleared": false,
	},
}

test_population[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in population.findings} with input as changed
	codes == case.codes
	proven := population.proven with input as changed
	proven == case.proven
	cleared := population.cleared with input as changed
	cleared == case.cleared
}

test_population_headroom_is_below_its_limit if {
	rooms := population.headroom with input as data.fixtures.clear
	count(rooms) > 0
	every room in rooms {
		room.observed <= room.limit
	}
}

test_the_nearest_feature_stands_for_all if {
	rooms := population.headroom with input as data.fixtures.clear
	some room in rooms
	room.code == "POP-006"
	room.observed == 71778
	room.pointer == "/population/against/incumbent/figures/features/0/psi_ppm"
}

# The path of each rule, as it was agreed.
_paths := {
	"POP-001": "automated",
	"POP-002": "reviewer",
	"POP-003": "committee",
	"POP-004": "automated",
	"POP-005": "committee",
	"POP-006": "reviewer",
	"POP-007": "committee",
	"POP-008": "reviewer",
	"POP-009": "reviewer",
}

test_population_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := population.findings with input as changed
	headroom := population.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not population.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"population": {}}
}

# How near each figure may come to its limit without firing.
_nearest := {"POP-002": 0, "POP-003": 0, "POP-005": 0, "POP-006": 0, "POP-007": 0}

test_population_headroom_reaches_the_limit[code] if {
	some code, left in _nearest
	rooms := {room | some case in _cases; some room in _rooms(case)}
	left == min([near | some room in rooms; room.code == code; near := room.limit - room.observed])
}

_rooms(case) := rooms if {
	changed := t.changed(case.do)
	rooms := population.headroom with input as changed
}

test_of_equal_features_the_first_is_nearest if {
	changed := t.changed([t.put(t.at("population", "features/2/psi_ppm"), 71778)])
	found := {room.pointer | some room in population.headroom; room.code == "POP-006"} with input as changed
	found == {"/population/against/incumbent/figures/features/0/psi_ppm"}
}
