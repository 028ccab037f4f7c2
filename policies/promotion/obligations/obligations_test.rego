package promotion.obligations_test

import data.promotion.obligations
import data.promotion.path
import data.promotion.shared_test as t

told := object.union(obligations.duties, {
	"path": path.heaviest,
	"groups": obligations.groups,
	"holds": [hold | some hold in obligations.waiting],
	"obligations": [{"code": code} | some code in obligations.owed],
})

_decide(changed) := decision if {
	decision := told with input as changed
}

_line := "german-credit-01-in-band-retrain"

# What is changed in the clear input, and what then is owed or waited for.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
	},
	"the input has a schema of another version": {
		"do": [t.put("/schema", "routing-input/v9")],
		"codes": _committee,
	},
	"a line that nobody registered": {
		"do": [t.put("/line", "nobody-registered-this")],
		"codes": (_committee | {"LIN-003"}),
	},
	"a reviewer is asked, and there is an explanation": {
		"do": [t.put(t.at("population", "score/psi_ppm"), 150000)],
		"codes": _reviewer,
	},
	"a reviewer is asked, and there is no explanation": {
		"do": [
			t.put("/evidence/figures/explanations", []),
			t.put(t.at("population", "score/psi_ppm"), 150000),
		],
		"codes": (_reviewer | {"EVI-003"}),
	},
	"the owner suspended the automated path": {
		"do": [t.put("/history/figures/standing", {"suspended": true, "drift": []})],
		"codes": (_reviewer | {"OBL-003"}),
	},
	"drift was found": {
		"do": [t.put("/history/figures/standing", data.fixtures.standing.history.figures.standing)],
		"codes": _reviewer,
	},
	"the adverse action changed": {
		"do": [t.put(t.at("decisionRule", "adverseActionChanged"), true)],
		"codes": (_reviewer | {"OBL-002"}),
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

_reviewed := t.changed([t.put(t.at("population", "score/psi_ppm"), 150000)])

test_obligations[note] if {
	some note, case in _cases
	decision := told with input as t.changed(case.do)
		with data.paths as object.get(case, "paths", data.paths)
	{hold.code | some hold in decision.holds} | {duty.code | some duty in decision.obligations} == case.codes
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

test_a_line_without_a_committee_waits if {
	line := json.patch(data.lines[_line], [t.put("/committees", [])])
	changed := t.changed([t.put(t.at("loss", "loss/to"), "hinge")])
	decision := told with input as changed with data.lines as {_line: line}
	decision.path == "committee"
	decision.groups == []
	[hold.code | some hold in decision.holds] == ["LIN-003"]
}

test_a_committee_is_shown_an_explanation_too if {
	none := t.put("/evidence/figures/explanations", [])
	decision := _decide(t.changed([none, t.put(t.at("population", "score/psi_ppm"), 300000)]))
	decision.path == "committee"
	[hold.code | some hold in decision.holds] == ["EVI-003"]
}

# Two people of two roles are two already: nobody else is asked for.
test_two_of_different_roles_are_enough if {
	one := {"committee": "c", "path": "reviewer", "role": "a", "min": 1}
	line := json.patch(data.lines[_line], [t.put("/committees", [one, object.union(one, {"role": "b"})])])
	changed := t.changed([t.put(t.at("decisionRule", "adverseActionChanged"), true)])
	decision := told with input as changed with data.lines as {_line: line}
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
	decision := told with input as changed with data.lines as {_line: line}
	[group | some group in decision.groups; group.from == "ai-governance"] == case.added
}

# A lead alone is no committee of the line.
test_a_tier_role_does_not_stand_for_a_committee if {
	line := json.patch(data.lines[_line], [t.put("/committees", []), t.put("/tier", "high")])
	changed := t.changed([t.put(t.at("loss", "loss/to"), "hinge")])
	decision := told with input as changed with data.lines as {_line: line}
	decision.groups == [_lead]
	[hold.code | some hold in decision.holds] == ["LIN-003"]
}

test_a_layer_asks_more_people if {
	lead := {"committee": "ai-governance", "path": "committee", "role": "ai-governance-lead", "min": 1}
	changed := t.changed([t.put(t.at("loss", "loss/to"), "hinge")])
	decision := told with input as changed with data.committees as [lead]
	[[group.role, group.min] | some group in decision.groups] == [
		["model-risk", 2],
		["business-owner", 1],
		["ai-governance-lead", 1],
	]
}

test_an_explanation_is_owed_where_it_is_shown if {
	duty := {"code": "OBL-007"}
	shown := told with input as _reviewed
	duty in shown.obligations
	paths := object.union(data.paths, {"reviewer": {"artefacts": []}})
	none := told with input as _reviewed with data.paths as paths
	not duty in none.obligations
	alone := told with input as data.fixtures.clear
	not duty in alone.obligations
}
