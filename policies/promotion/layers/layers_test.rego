package promotion.layers_test

import data.promotion.layers
import data.promotion.shared_test as t

_line := "german-credit-01-in-band-retrain"

_today := data.fixtures.clear.evaluatedAtDay

# One figure of each layer; the line is of tier medium.
_tiers := {
	"medium": {"limits": {"population": {"score_reviewer_ppm": 70}}},
	"high": {"limits": {"population": {"score_reviewer_ppm": 50}}},
}

_models := {_line: {"limits": {"population": {"score_reviewer_ppm": 60}}}}

test_without_layers_it_is_the_organisation if {
	layers.limits == data.limits with input as data.fixtures.clear with data.tiers as {} with data.models as {}
	layers.limits == data.limits with input as t.changed([t.put("/line", "nobody-registered-this")])
}

test_the_lowest_layer_has_the_last_word if {
	limits := layers.limits with input as data.fixtures.clear with data.tiers as _tiers with data.models as _models
	limits.population.score_reviewer_ppm == 60
	limits.population.score_committee_ppm == data.limits.population.score_committee_ppm
	tier := layers.limits with input as data.fixtures.clear with data.tiers as _tiers with data.models as {}
	tier.population.score_reviewer_ppm == 70
}

test_days_and_quorum_come_from_the_layers if {
	tier := {"medium": {
		"paths": {"reviewer": {"expires_after_days": 3, "artefacts": ["more"]}},
		"second_reviewer_min": data.second_reviewer_min + 1,
	}}
	paths := layers.paths with input as data.fixtures.clear with data.tiers as tier
	paths.reviewer.expires_after_days == 3
	paths.committee == data.paths.committee
	artefacts := layers.artefacts with input as data.fixtures.clear with data.tiers as tier
	{artefact | some [path, artefact] in artefacts; path == "reviewer"} == {"explanation", "more"}
	least := layers.second_reviewer_min with input as data.fixtures.clear with data.tiers as tier
	least == data.second_reviewer_min + 1
}

# A layer that names less adds nothing, and takes nothing away.
test_lists_are_joined if {
	tier := {"medium": {
		"gates": {"required": ["drift"]},
		"calendar": {"regime_breaks": [{"day": 1}]},
		"paths": {"committee": {"artefacts": []}},
	}}
	gates := layers.required_gates with input as data.fixtures.clear with data.tiers as tier
	gates == array.concat(data.gates.required, ["drift"])
	breaks := layers.regime_breaks with input as data.fixtures.clear with data.tiers as tier
	breaks == array.concat(data.calendar.regime_breaks, [{"day": 1}])
	["committee", "explanation"] in layers.artefacts with input as data.fixtures.clear with data.tiers as tier
}

test_a_seat_named_twice_is_one_with_more_people if {
	seat := {"committee": "retail-credit", "path": "committee", "role": "model-risk", "min": 5}
	other := object.union(seat, {"role": "lead", "min": 1})
	committees := layers.committees with input as data.fixtures.clear with data.tiers as {"medium": {"committees": [seat, other]}}
	[[one.role, one.min] | some one in committees; one.path == "committee"] == [
		["model-risk", 5],
		["business-owner", 1],
		["lead", 1],
	]
	fewer := object.union(seat, {"min": 1})
	same := layers.committees with input as data.fixtures.clear with data.tiers as {"medium": {"committees": [fewer]}}
	same == data.lines[_line].committees
}

# --- which path a rule asks for -------------------------------------------------------------------------------------

_asks(code, path, raised) := asked if {
	asked := layers.asked({"code": code, "minPath": path}) with input as data.fixtures.clear with data.min_paths as raised
}

test_a_rule_is_only_ever_raised if {
	_asks("POP-001", "automated", {}) == "automated"
	_asks("POP-001", "automated", {"POP-001": "reviewer"}) == "reviewer"
	_asks("POP-003", "committee", {"POP-003": "automated"}) == "committee"
	_asks("POP-002", "reviewer", {"reviewer": "committee"}) == "committee"
	_asks("POP-001", "automated", {"reviewer": "committee"}) == "automated"
	_asks("POP-001", "nobody knows", {}) == "committee"
}

test_a_tier_raises_for_itself if {
	tier := {"medium": {"min_paths": {"POP-001": "committee"}}}
	finding := {"code": "POP-001", "minPath": "automated"}
	layers.asked(finding) == "committee" with input as data.fixtures.clear with data.tiers as tier
}

test_without_these_data_everything_is_for_the_committee if {
	_asks("POP-001", "automated", null) == "committee"
}

test_all_of_the_organisation_or_nothing if {
	layers.complete
	not layers.complete with data.committees as null
	not layers.complete with data.min_paths as []
	not layers.complete with data.waivers as {}
	not layers.complete with data.paths as {"automated": {"on_call_ack": null}}
}

# --- waivers --------------------------------------------------------------------------------------------------------

_waiver := {"id": "w", "line": _line, "code": "POP-002", "min_path": "automated", "from_day": _today, "expires_day": _today}

_cases_of_waivers := {
	"on its only day": {"waiver": _waiver, "asks": "automated"},
	"before it begins": {"waiver": object.union(_waiver, {"from_day": _today + 1}), "asks": "reviewer"},
	"after its last day": {"waiver": object.union(_waiver, {"expires_day": _today - 1}), "asks": "reviewer"},
	"of another line": {"waiver": object.union(_waiver, {"line": "other"}), "asks": "reviewer"},
	"of another rule": {"waiver": object.union(_waiver, {"code": "POP-003"}), "asks": "reviewer"},
	"to a heavier path": {"waiver": object.union(_waiver, {"min_path": "committee"}), "asks": "reviewer"},
	"to a path nobody knows": {"waiver": object.union(_waiver, {"min_path": "none"}), "asks": "reviewer"},
	"without a last day": {"waiver": object.remove(_waiver, ["expires_day"]), "asks": "reviewer"},
	"whose last day is no number": {"waiver": object.union(_waiver, {"expires_day": "z"}), "asks": "reviewer"},
	"whose first day is no number": {"waiver": object.union(_waiver, {"from_day": null}), "asks": "reviewer"},
}

test_waiver_of_a_rule[note] if {
	some note, case in _cases_of_waivers
	finding := {"code": "POP-002", "minPath": "reviewer"}
	asked := layers.asked(finding) with input as data.fixtures.clear with data.waivers as [case.waiver]
	asked == case.asks
}

test_what_lowers_nothing_is_not_in_use if {
	not layers.waiver_of({"code": "POP-002", "minPath": "automated"}) with input as data.fixtures.clear
		with data.waivers as [_waiver]
}

test_a_line_of_high_stakes_as_shipped if {
	line := object.union(data.lines[_line], {"tier": "high"})
	limits := layers.limits with input as data.fixtures.clear with data.lines as {_line: line}
	[limits.history.automated_in_a_row, limits.history.days_since_people] == [6, 90]
	limits.history.drift_committee_ppm == data.limits.history.drift_committee_ppm
	committees := layers.committees with input as data.fixtures.clear with data.lines as {_line: line}
	[[one.path, one.role, one.min] | some one in committees; one.committee == "ai-governance"] == [
		["reviewer", "ai-governance-lead", 1],
		["committee", "ai-governance-lead", 1],
	]
}

test_a_waiver_lowers_what_a_layer_raised if {
	raised := {"POP-002": "committee"}
	waiver := object.union(_waiver, {"min_path": "reviewer"})
	finding := {"code": "POP-002", "minPath": "reviewer"}
	layers.asked(finding) == "reviewer" with input as data.fixtures.clear
		with data.min_paths as raised
		with data.waivers as [waiver]
}

test_a_limit_is_waived_for_its_line if {
	one := object.union(object.remove(_waiver, ["code", "min_path"]), {
		"limits": {"metrics": {"overall_ppm": {"auc": 12345}}},
	})
	two := object.union(object.remove(one, ["limits"]), {"limits": {"history": {"days_since_people": 12345}}})
	limits := layers.limits with input as data.fixtures.clear with data.waivers as [one, two]
	limits.metrics.overall_ppm == object.union(data.limits.metrics.overall_ppm, {"auc": 12345})
	limits.history == object.union(data.limits.history, {"days_since_people": 12345})
	other := layers.limits with input as t.changed([t.put("/line", "other")]) with data.waivers as [one]
	other == data.limits
	is_not_one := object.union(one, {"limits": null})
	same := layers.limits with input as data.fixtures.clear with data.waivers as [is_not_one]
	same == data.limits
}
