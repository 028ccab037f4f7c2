package promotion.path_test

import data.promotion.path
import data.promotion.shared_test as t

_told := {"path": path.heaviest, "findings": [finding | some finding in path.found], "cleared": path.cleared}

_decide(changed) := decision if {
	decision := _told with input as changed
}

_codes(decision) := {finding.code | some finding in decision.findings}

# What is changed in the clear input, and everything that is found in it, of every dimension and of none.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
	},
	"the input has a schema of another version": {
		"do": [t.put("/schema", "routing-input/v9")],
		"codes": {"POL-001"},
	},
	"the loss differs, and no rule says how": {
		"do": [t.side_state("loss", "differs")],
		"codes": {"POL-002"},
	},
	"a line that nobody registered": {
		"do": [t.put("/line", "nobody-registered-this")],
		"codes": {"LIN-001", "LIN-002", "POL-002"},
	},
	"an environment that the line does not have": {
		"do": [t.put("/environment", "elsewhere")],
		"codes": {"LIN-002"},
	},
	"a reviewer is asked, and there is an explanation": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 150000)],
		"codes": {"POP-002"},
	},
	"a waiver lets the line pass the limit": {
		"do": [t.put(t.at("population", "score/psi_ppm"), _over)],
		"waivers": [_limit_waiver],
		"codes": {"POP-001", "WVR-001"},
	},
	"a waiver of the limit is over": {
		"do": [t.put(t.at("population", "score/psi_ppm"), _over)],
		"waivers": [object.union(_limit_waiver, {"expires_day": data.fixtures.clear.evaluatedAtDay - 1})],
		"codes": {"POP-002"},
	},
	"a waiver lets the rule ask for nobody": {
		"do": [t.put(t.at("population", "score/psi_ppm"), _over)],
		"waivers": [_code_waiver],
		"codes": {"POP-002", "WVR-002"},
	},
	"a waiver of the rule has not begun": {
		"do": [t.put(t.at("population", "score/psi_ppm"), _over)],
		"waivers": [object.union(_code_waiver, {"from_day": data.fixtures.clear.evaluatedAtDay + 1})],
		"codes": {"POP-002"},
	},
}

# Just over the limit, wherever it is.
_over := data.limits.population.score_reviewer_ppm + 1

_waiver := {
	"id": "w-1",
	"line": data.fixtures.clear.line,
	"from_day": data.fixtures.clear.evaluatedAtDay,
	"expires_day": data.fixtures.clear.evaluatedAtDay,
	"expires": "2026-11-01",
}

_limit_waiver := object.union(_waiver, {"limits": {"population": {"score_reviewer_ppm": _over}}})

_code_waiver := object.union(_waiver, {"code": "POP-002", "min_path": "automated"})

test_path[note] if {
	some note, case in _cases
	decision := _told with input as t.changed(case.do) with data.waivers as object.get(case, "waivers", [])
	_codes(decision) == case.codes
}

test_a_first_promotion_may_have_no_other_doubt if {
	changed := json.patch(data.fixtures.first, [t.put("/population/why", ["no-incumbent", "profile-missing"])])
	_codes(_decide(changed)) == {"HIS-001", "POL-002"}
}

# "no-incumbent" beside an incumbent is a contradiction, not a first promotion.
test_no_incumbent_needs_to_be_true if {
	decision := _decide(t.changed(t.doubt("loss", "no-incumbent")))
	_codes(decision) == {"POL-002"}
	decision.path == "committee"
}

test_an_empty_input_is_committee if {
	decision := _decide({})
	decision.path == "committee"
	_codes(decision) == {"POL-001"}
}

test_a_doubt_names_its_reason if {
	decision := _decide(t.changed(t.doubt("population", "profile-missing")))
	some finding in decision.findings
	finding.code == "POL-002"
	finding.dimension == "population"
	finding.pointer == "/population/why/0"
	finding.observed == "profile-missing"
}

test_a_finding_for_people_does_not_explain_a_doubt if {
	doubt := t.doubt("population", "feature-column-missing")
	decision := _decide(t.changed(array.concat(doubt, [t.put(t.at("population", "score/psi_ppm"), 150000)])))
	_codes(decision) == {"POP-002", "POL-002"}
	decision.path == "committee"
}

test_a_finding_for_the_committee_does if {
	_codes(_decide(t.changed([t.put(t.at("decisionRule", "flips"), null)]))) == {"DEC-007"}
}

test_a_difference_without_a_rule_is_committee if {
	decision := _decide(t.changed([t.side_state("loss", "differs")]))
	some finding in decision.findings
	finding.code == "POL-002"
	finding.pointer == "/loss"
	not "loss" in {entry.dimension | some entry in decision.cleared}
}

test_a_dimension_that_is_not_there_is_not_proven if {
	decision := _decide(t.changed([t.gone("/artefact")]))
	decision.path == "committee"
	{[finding.code, finding.dimension, finding.pointer] | some finding in decision.findings} == {["POL-002", "artefact", ""]}
}

test_a_recorded_finding_decides_nothing if {
	decision := _decide(t.changed([t.put(t.at("population", "score/psi_ppm"), 60000)]))
	decision.path == "automated"
	_codes(decision) == {"POP-001"}
	count(decision.cleared) == 20
}

test_an_unknown_environment_is_committee if {
	decision := _decide(t.changed([t.put("/environment", "elsewhere")]))
	decision.path == "committee"
	_codes(decision) == {"LIN-002"}
}

test_nothing_of_an_unknown_schema_is_judged if {
	changes := [t.put("/schema", "routing-input/v9"), t.put("/line", "elsewhere"), t.put(t.at("loss", "loss/to"), "hinge")]
	_codes(_decide(t.changed(changes))) == {"POL-001"}
}

test_an_unregistered_line_is_for_the_committee if {
	decision := _decide(t.changed([t.put("/line", "nobody-registered-this")]))
	{finding.minPath | some finding in decision.findings; startswith(finding.code, "LIN-")} == {"committee"}
}

# Waived or not, every dimension is accounted for, and what was waived is still there to read.
test_what_is_waived_is_cleared_and_still_told if {
	changed := t.changed([t.put(t.at("population", "score/psi_ppm"), _over)])
	decision := _told with input as changed with data.waivers as [_code_waiver]
	decision.path == "automated"
	count(decision.cleared) == count(_told.cleared) with input as data.fixtures.clear
	{[f.code, f.dimension, f.observed, f.limit, f.minPath] | some f in decision.findings} == {
		["POP-002", "population", _over, data.limits.population.score_reviewer_ppm, "automated"],
		["WVR-002", "population", "w-1", "2026-11-01", "automated"],
	}
}

# A waiver speaks of what was found; what could not be told was not found.
test_a_doubt_is_never_waived if {
	doubt := t.doubt("population", "feature-column-missing")
	changed := t.changed(array.concat(doubt, [t.put(t.at("population", "score/psi_ppm"), _over)]))
	decision := _told with input as changed with data.waivers as [_code_waiver]
	decision.path == "committee"
	"POL-002" in _codes(decision)
}

test_a_difference_without_a_rule_is_never_waived if {
	waiver := object.union(_code_waiver, {"code": "LOS-001"})
	decision := _told with input as t.changed([t.side_state("loss", "differs")]) with data.waivers as [waiver]
	_codes(decision) == {"POL-002"}
}

test_a_raised_rule_asks_for_more if {
	changed := t.changed([t.put(t.at("population", "score/psi_ppm"), 60000)])
	decision := _told with input as changed with data.min_paths as {"POP-001": "reviewer"}
	decision.path == "reviewer"
	not "population" in {entry.dimension | some entry in decision.cleared}
	[[finding.code, finding.minPath] | some finding in decision.findings] == [["POP-001", "reviewer"]]
}

test_nothing_is_waived_under_another_schema if {
	changed := t.changed([t.put("/schema", "routing-input/v9")])
	decision := _told with input as changed with data.waivers as [_limit_waiver, _code_waiver]
	_codes(decision) == {"POL-001"}
}
