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
	told(case) == object.remove(case, ["do"])
}

# What the rules say of a case.
told(case) := seen if {
	seen := {
		"codes": {finding.code | some finding in population.findings},
		"proven": population.proven,
		"cleared": population.cleared,
	} with input as t.changed(case.do)
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
	lawful(case)
}

lawful(case) if {
	seen := {"findings": population.findings, "headroom": population.headroom} with input as t.changed(case.do)
	t.lawful(seen.findings, seen.headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not population.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"population": {}}
}

test_of_equal_features_the_first_is_nearest if {
	changed := t.changed([t.put(t.at("population", "features/2/psi_ppm"), 71778)])
	found := {room.pointer | some room in population.headroom; room.code == "POP-006"} with input as changed
	found == {"/population/against/incumbent/figures/features/0/psi_ppm"}
}
