package promotion.router_test

import data.promotion.router
import data.promotion.shared_test as t

_line := "german-credit-01-in-band-retrain"

_decide(changed) := decision if {
	decision := router.decision with input as changed
}

_codes(decision) := {finding.code | some finding in decision.findings}

# What is changed in the clear input, and everything that fires on it: findings, holds and obligations of the whole decision.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
	},
	"the input has a schema of another version": {
		"do": [t.put("/schema", "routing-input/v9")],
		"codes": (_committee | {"POL-001"}),
	},
	"the loss differs, and no rule says how": {
		"do": [t.side_state("loss", "differs")],
		"codes": (_committee | {"POL-002"}),
	},
	"a line that nobody registered": {
		"do": [t.put("/line", "nobody-registered-this")],
		"codes": (_committee | {"LIN-001", "LIN-002", "LIN-003", "POL-002"}),
	},
	"an environment that the line does not have": {
		"do": [t.put("/environment", "elsewhere")],
		"codes": (_committee | {"LIN-002"}),
	},
	"a reviewer is asked, and there is an explanation": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 150000)],
		"codes": (_reviewer | {"POP-002"}),
	},
	"a reviewer is asked, and there is no explanation": {
		"do": [
			t.put("/evidence/figures/explanations", []),
			t.put(t.at("population", "score/psi_ppm"), 150000),
		],
		"codes": (_reviewer | {"POP-002", "EVI-003", "EVI-004"}),
	},
	"the owner suspended the automated path": {
		"do": [t.put("/history/figures/standing", {"suspended": true, "drift": []})],
		"codes": (_reviewer | {"HIS-008", "OBL-003"}),
	},
	"drift was found": {
		"do": [t.put("/history/figures/standing", data.fixtures.standing.history.figures.standing)],
		"codes": (_reviewer | {"HIS-005"}),
	},
	"the adverse action changed": {
		"do": [t.put(t.at("decisionRule", "adverseActionChanged"), true)],
		"codes": (_reviewer | {"DEC-004", "OBL-002"}),
	},
	"a waiver lets the line pass the limit": {
		"do": [t.put(t.at("population", "score/psi_ppm"), _over)],
		"waivers": [_limit_waiver],
		"codes": {"POP-001", "WVR-001"},
	},
	"a waiver of the limit is over": {
		"do": [t.put(t.at("population", "score/psi_ppm"), _over)],
		"waivers": [object.union(_limit_waiver, {"expires_day": data.fixtures.clear.evaluatedAtDay - 1})],
		"codes": (_reviewer | {"POP-002"}),
	},
	"a waiver lets the rule ask for nobody": {
		"do": [t.put(t.at("population", "score/psi_ppm"), _over)],
		"waivers": [_code_waiver],
		"codes": {"POP-002", "WVR-002"},
	},
	"a waiver of the rule has not begun": {
		"do": [t.put(t.at("population", "score/psi_ppm"), _over)],
		"waivers": [object.union(_code_waiver, {"from_day": data.fixtures.clear.evaluatedAtDay + 1})],
		"codes": (_reviewer | {"POP-002"}),
	},
	"somebody on call is to acknowledge what goes automatically": {
		"do": [],
		"paths": object.union(data.paths, {"automated": {"on_call_ack": [{"role": "on-call", "from": "ml-platform"}]}}),
		"codes": {"OBL-006"},
	},
}

# What each path brings with it, as shipped.
_reviewer := {"OBL-001", "OBL-005", "OBL-007"}

_committee := _reviewer | {"OBL-004"}

# Just over the limit, wherever it is.
_over := data.limits.population.score_reviewer_ppm + 1

_waiver := {
	"id": "w-1",
	"line": _line,
	"from_day": data.fixtures.clear.evaluatedAtDay,
	"expires_day": data.fixtures.clear.evaluatedAtDay,
	"expires": "2026-11-01",
}

_limit_waiver := object.union(_waiver, {"limits": {"population": {"score_reviewer_ppm": _over}}})

_code_waiver := object.union(_waiver, {"code": "POP-002", "min_path": "automated"})

_fired(decision) := union({
	_codes(decision),
	{hold.code | some hold in decision.holds},
	{obligation.code | some obligation in decision.obligations},
})

test_router[note] if {
	some note, case in _cases
	decision := router.decision with input as t.changed(case.do)
		with data.waivers as object.get(case, "waivers", [])
		with data.paths as object.get(case, "paths", data.paths)
	_fired(decision) == case.codes
}

test_the_clear_input_is_automated if {
	decision := _decide(data.fixtures.clear)
	decision.path == "automated"
	count(decision.cleared) == 20
	decision.groups == []
	decision.obligations == []
	decision.expiresAfterDays == 7
}

test_the_first_promotion_has_one_finding if {
	decision := _decide(data.fixtures.first)
	decision.path == "committee"
	_codes(decision) == {"HIS-001"}
	{entry.dimension | some entry in decision.cleared} == {"gates", "evidence"}
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

test_another_schema_is_committee if {
	decision := _decide(t.changed([t.put("/schema", "routing-input/v9")]))
	decision.path == "committee"
	_codes(decision) == {"POL-001"}
	decision.cleared == []
	count(decision.groups) == 2
}

test_an_empty_input_is_committee if {
	decision := _decide({})
	decision.path == "committee"
	_codes(decision) == {"POL-001"}
}

test_without_data_nothing_is_decided if {
	not router.decision with input as data.fixtures.clear with data.paths as {}
	not router.decision with input as data.fixtures.clear with data.waivers as null
}

test_without_limits_nothing_is_automated if {
	decision := router.decision with input as data.fixtures.clear with data.limits as {}
	decision.path == "committee"
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

test_reviewer_path if {
	decision := _decide(t.changed([t.put(t.at("population", "score/psi_ppm"), 150000)]))
	decision.path == "reviewer"
	decision.groups == [{"role": "model-risk-reviewer", "min": 1, "from": "retail-credit"}]
	{o.code | some o in decision.obligations} == _reviewer
	decision.holds == []
}

test_adverse_action_needs_a_second_reviewer if {
	decision := _decide(t.changed([t.put(t.at("decisionRule", "adverseActionChanged"), true)]))
	decision.path == "reviewer"
	decision.groups == [{"role": "model-risk-reviewer", "min": 2, "from": "retail-credit"}]
	{o.code | some o in decision.obligations} == _reviewer | {"OBL-002"}
}

test_a_committee_is_more_than_two_already if {
	decision := _decide(t.changed([t.put(t.at("protected", "changed"), [{"name": "f", "from": "no", "to": "proxy"}])]))
	decision.path == "committee"
	[group.min | some group in decision.groups] == [2, 1]
	{o.code | some o in decision.obligations} == _committee | {"OBL-002"}
}

test_no_explanation_asks_people_and_holds_them if {
	none := t.put("/evidence/figures/explanations", [])
	alone := _decide(t.changed([none]))
	alone.path == "reviewer"
	[hold.code | some hold in alone.holds] == ["EVI-003"]
	decision := _decide(t.changed([none, t.put(t.at("population", "score/psi_ppm"), 150000)]))
	[hold.code | some hold in decision.holds] == ["EVI-003"]
}

test_an_unknown_line_is_committee_and_waits if {
	decision := _decide(t.changed([t.put("/line", "nobody-registered-this")]))
	decision.path == "committee"
	{"LIN-001", "LIN-002"} - _codes(decision) == set()
	[hold.code | some hold in decision.holds] == ["LIN-003"]
}

test_an_unknown_environment_is_committee if {
	decision := _decide(t.changed([t.put("/environment", "elsewhere")]))
	decision.path == "committee"
	_codes(decision) == {"LIN-002"}
}

test_a_line_without_a_committee_waits if {
	line := json.patch(data.lines[_line], [t.put("/committees", [])])
	changed := t.changed([t.put(t.at("loss", "loss/to"), "hinge")])
	decision := router.decision with input as changed with data.lines as {_line: line}
	decision.path == "committee"
	decision.groups == []
	[hold.code | some hold in decision.holds] == ["LIN-003"]
}

test_nothing_of_an_unknown_schema_is_judged if {
	changes := [t.put("/schema", "routing-input/v9"), t.put("/line", "elsewhere"), t.put(t.at("loss", "loss/to"), "hinge")]
	_codes(_decide(t.changed(changes))) == {"POL-001"}
}

test_who_decides_is_kept_apart if {
	separation := {"excludeRequester": true, "distinctPersons": true, "excludeReleaser": true}
	_decide(data.fixtures.clear).separation == separation
	_decide(data.fixtures.first).separation == separation
}

test_a_request_expires_with_its_path if {
	_decide(t.changed([t.put(t.at("population", "score/psi_ppm"), 150000)])).expiresAfterDays == 14
	_decide(t.changed([t.put(t.at("population", "score/psi_ppm"), 300000)])).expiresAfterDays == 30
}

test_a_committee_is_shown_an_explanation_too if {
	none := t.put("/evidence/figures/explanations", [])
	decision := _decide(t.changed([none, t.put(t.at("population", "score/psi_ppm"), 300000)]))
	decision.path == "committee"
	[hold.code | some hold in decision.holds] == ["EVI-003"]
}

test_an_unregistered_line_is_for_the_committee if {
	decision := _decide(t.changed([t.put("/line", "nobody-registered-this")]))
	{finding.minPath | some finding in decision.findings; startswith(finding.code, "LIN-")} == {"committee"}
}

# Two people of two roles are two already: nobody else is asked for.
test_two_of_different_roles_are_enough if {
	one := {"committee": "c", "path": "reviewer", "role": "a", "min": 1}
	line := json.patch(data.lines[_line], [t.put("/committees", [one, object.union(one, {"role": "b"})])])
	changed := t.changed([t.put(t.at("decisionRule", "adverseActionChanged"), true)])
	decision := router.decision with input as changed with data.lines as {_line: line}
	[group.min | some group in decision.groups] == [1, 1]
}

_lead := {"role": "ai-governance-lead", "min": 1, "from": "ai-governance"}

_tier_cases := {
	"high, reviewer": {"tier": "high", "psi": 150000, "added": [_lead]},
	"high, committee": {"tier": "high", "psi": 300000, "added": [_lead]},
	"high, automated": {"tier": "high", "psi": 0, "added": []},
	"medium, committee": {"tier": "medium", "psi": 300000, "added": []},
	"low, reviewer": {"tier": "low", "psi": 150000, "added": []},
	"a tier nobody knows": {"tier": "none", "psi": 300000, "added": []},
}

test_a_tier_adds_its_roles_on_human_paths[note] if {
	some note, case in _tier_cases
	line := json.patch(data.lines[_line], [t.put("/tier", case.tier)])
	changed := t.changed([t.put(t.at("population", "score/psi_ppm"), case.psi)])
	decision := router.decision with input as changed with data.lines as {_line: line}
	[group | some group in decision.groups; group.from == "ai-governance"] == case.added
}

# A lead alone is no committee of the line.
test_a_tier_role_does_not_stand_for_a_committee if {
	line := json.patch(data.lines[_line], [t.put("/committees", []), t.put("/tier", "high")])
	changed := t.changed([t.put(t.at("loss", "loss/to"), "hinge")])
	decision := router.decision with input as changed with data.lines as {_line: line}
	decision.groups == [_lead]
	[hold.code | some hold in decision.holds] == ["LIN-003"]
}

# Waived or not, every dimension is accounted for, and what was waived is still there to read.
test_what_is_waived_is_cleared_and_still_told if {
	changed := t.changed([t.put(t.at("population", "score/psi_ppm"), _over)])
	decision := router.decision with input as changed with data.waivers as [_code_waiver]
	decision.path == "automated"
	count(decision.cleared) == count(router.decision.cleared) with input as data.fixtures.clear
	{[f.code, f.dimension, f.observed, f.limit, f.minPath] | some f in decision.findings} == {
		["POP-002", "population", _over, data.limits.population.score_reviewer_ppm, "automated"],
		["WVR-002", "population", "w-1", "2026-11-01", "automated"],
	}
}

# A waiver speaks of what was found; what could not be told was not found.
test_a_doubt_is_never_waived if {
	doubt := t.doubt("population", "feature-column-missing")
	changed := t.changed(array.concat(doubt, [t.put(t.at("population", "score/psi_ppm"), _over)]))
	decision := router.decision with input as changed with data.waivers as [_code_waiver]
	decision.path == "committee"
	"POL-002" in _codes(decision)
}

test_a_difference_without_a_rule_is_never_waived if {
	waiver := object.union(_code_waiver, {"code": "LOS-001"})
	decision := router.decision with input as t.changed([t.side_state("loss", "differs")]) with data.waivers as [waiver]
	_codes(decision) == {"POL-002"}
}

test_a_raised_rule_asks_for_more if {
	changed := t.changed([t.put(t.at("population", "score/psi_ppm"), 60000)])
	decision := router.decision with input as changed with data.min_paths as {"POP-001": "reviewer"}
	decision.path == "reviewer"
	not "population" in {entry.dimension | some entry in decision.cleared}
	[[finding.code, finding.minPath] | some finding in decision.findings] == [["POP-001", "reviewer"]]
}

test_nothing_is_waived_under_another_schema if {
	changed := t.changed([t.put("/schema", "routing-input/v9")])
	decision := router.decision with input as changed with data.waivers as [_limit_waiver, _code_waiver]
	_codes(decision) == {"POL-001"}
}

test_a_layer_asks_more_people if {
	lead := {"committee": "ai-governance", "path": "committee", "role": "ai-governance-lead", "min": 1}
	changed := t.changed([t.put(t.at("loss", "loss/to"), "hinge")])
	decision := router.decision with input as changed with data.committees as [lead]
	[[group.role, group.min] | some group in decision.groups] == [
		["model-risk", 2],
		["business-owner", 1],
		["ai-governance-lead", 1],
	]
}

# --- what the path brings with it -----------------------------------------------------------------------------------

_reviewed := t.changed([t.put(t.at("population", "score/psi_ppm"), 150000)])

_engineer := {"role": "on-call", "from": "ml-platform"}

_chief := "lead@ai-governance"

# What the organisation, the tier (medium) and the line say of a path, and what becomes of it.
_layer_cases := {
	"nobody says anything": {
		"organisation": {},
		"tier": {},
		"model": {},
		"duties": {},
	},
	"the organisation says all": {
		"organisation": {"step_up_minutes": 60, "respond_within_hours": 48, "escalate_to": [_chief]},
		"tier": {},
		"model": {},
		"duties": {"stepUpMinutes": 60, "sla": {"respondWithinHours": 48, "escalateTo": [_chief]}},
	},
	"a tier asks where nothing is asked": {
		"organisation": {},
		"tier": {"step_up_minutes": 30},
		"model": {},
		"duties": {"stepUpMinutes": 30},
	},
	"each layer shortens, and names others": {
		"organisation": {"step_up_minutes": 60, "respond_within_hours": 48, "escalate_to": [_chief]},
		"tier": {"step_up_minutes": 30, "escalate_to": ["head@risk", _chief]},
		"model": {"step_up_minutes": 29, "respond_within_hours": 47},
		"duties": {"stepUpMinutes": 29, "sla": {"respondWithinHours": 47, "escalateTo": ["head@risk", _chief]}},
	},
	"to whom, and not when": {
		"organisation": {"escalate_to": [_chief]},
		"tier": {},
		"model": {},
		"duties": {},
	},
	"when, and to nobody": {
		"organisation": {"respond_within_hours": 1},
		"tier": {},
		"model": {},
		"duties": {"sla": {"respondWithinHours": 1, "escalateTo": []}},
	},
}

_shown(decision) := {key: value | some key in ["stepUpMinutes", "sla"]; value := decision[key]}

_owed(decision) := {duty.code | some duty in decision.obligations} & {"OBL-004", "OBL-005", "OBL-006"}

_expected := {"stepUpMinutes": "OBL-004", "sla": "OBL-005"}

test_duties_come_from_path_and_layers[note] if {
	some note, case in _layer_cases
	some path, changed in {"reviewer": _reviewed, "committee": t.changed([t.put(t.at("loss", "loss/to"), "hinge")])}
	own := object.union({"expires_after_days": 1, "artefacts": []}, case.organisation)
	decision := router.decision with input as changed
		with data.paths as {"automated": data.paths.automated, path: own}
		with data.tiers as {"medium": {"paths": {path: case.tier}}}
		with data.models as {_line: {"paths": {path: case.model}}}
	decision.path == path
	_shown(decision) == case.duties
	_owed(decision) == {_expected[key] | some key, _ in case.duties}
}

test_another_path_has_duties_of_its_own if {
	paths := object.union(data.paths, {"committee": {"step_up_minutes": 7}, "reviewer": {"step_up_minutes": 8}})
	decision := router.decision with input as _reviewed with data.paths as paths
	decision.stepUpMinutes == 8
}

# --- on call ----------------------------------------------------------------------------------------------------------

_on_call(ack, tier) := decision if {
	more := {"step_up_minutes": 5, "respond_within_hours": 6, "on_call_ack": ack}
	decision := router.decision with input as data.fixtures.clear
		with data.paths as object.union(data.paths, {"automated": more})
		with data.tiers as {"medium": {"paths": {"automated": {"on_call_ack": tier}}}}
}

# Where policy approves alone there is nobody who could sign in or answer.
test_nobody_on_call_nothing_is_owed if {
	decision := _on_call([], [])
	decision.groups == []
	_shown(decision) == {}
	decision.obligations == []
}

test_one_person_on_call_acknowledges if {
	decision := _on_call([_engineer], [])
	decision.path == "automated"
	decision.groups == [{"role": "on-call", "from": "ml-platform", "min": 1}]
	_owed(decision) == {"OBL-004", "OBL-005", "OBL-006"}
	decision.stepUpMinutes == 5
	decision.sla.respondWithinHours == 6
	decision.expiresAfterDays == data.paths.automated.expires_after_days
}

test_a_layer_adds_and_repeats_nobody if {
	decision := _on_call([_engineer], [_engineer, object.union(_engineer, {"role": "duty-officer"})])
	[group.role | some group in decision.groups] == ["duty-officer", "on-call"]
}

# Whoever is on call is asked on the automated path, and replaces nobody on the others.
test_on_call_is_no_committee if {
	paths := object.union(data.paths, {"automated": {"on_call_ack": [_engineer]}})
	decision := router.decision with input as _reviewed with data.paths as paths
	[group.role | some group in decision.groups] == ["model-risk-reviewer"]
	not "OBL-006" in _owed(decision)
}

# --- the explanation --------------------------------------------------------------------------------------------------

test_an_explanation_is_owed_where_it_is_shown if {
	duty := {"code": "OBL-007"}
	shown := router.decision with input as _reviewed
	duty in shown.obligations
	paths := object.union(data.paths, {"reviewer": {"artefacts": []}})
	none := router.decision with input as _reviewed with data.paths as paths
	not duty in none.obligations
	alone := router.decision with input as data.fixtures.clear
	not duty in alone.obligations
}
