# What the path brings with it: a fresh sign-in, an answer within hours, somebody on call.
package promotion.obligations_duties_test

import data.promotion.obligations_test as o
import data.promotion.shared_test as t

_line := "german-credit-01-in-band-retrain"

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
	decision := o.told with input as changed
		with data.paths as {"automated": data.paths.automated, path: own}
		with data.tiers as {"medium": {"paths": {path: case.tier}}}
		with data.models as {_line: {"paths": {path: case.model}}}
	decision.path == path
	_shown(decision) == case.duties
	_owed(decision) == {_expected[key] | some key, _ in case.duties}
}

test_another_path_has_duties_of_its_own if {
	paths := object.union(data.paths, {"committee": {"step_up_minutes": 7}, "reviewer": {"step_up_minutes": 8}})
	decision := o.told with input as _reviewed with data.paths as paths
	decision.stepUpMinutes == 8
}

_on_call(ack, tier) := decision if {
	more := {"step_up_minutes": 5, "respond_within_hours": 6, "on_call_ack": ack}
	decision := o.told with input as data.fixtures.clear
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
}

test_a_layer_adds_and_repeats_nobody if {
	decision := _on_call([_engineer], [_engineer, object.union(_engineer, {"role": "duty-officer"})])
	[group.role | some group in decision.groups] == ["duty-officer", "on-call"]
}

# Whoever is on call is asked on the automated path, and replaces nobody on the others.
test_on_call_is_no_committee if {
	paths := object.union(data.paths, {"automated": {"on_call_ack": [_engineer]}})
	decision := o.told with input as _reviewed with data.paths as paths
	[group.role | some group in decision.groups] == ["model-risk-reviewer"]
	not "OBL-006" in _owed(decision)
}
