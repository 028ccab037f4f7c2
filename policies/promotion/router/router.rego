# METADATA
# scope: package
# title: Router
# description: The only entrypoint. The path is the heaviest that any finding asks for; what is not proven asks for the committee.
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.router

import data.promotion.artefact
import data.promotion.calibration
import data.promotion.decision_rule
import data.promotion.evaluation
import data.promotion.evidence
import data.promotion.fairness
import data.promotion.features
import data.promotion.gates
import data.promotion.history
import data.promotion.hyperparameters
import data.promotion.layers
import data.promotion.loss
import data.promotion.metrics
import data.promotion.model_class
import data.promotion.population
import data.promotion.protected
import data.promotion.segments
import data.promotion.shared
import data.promotion.terms
import data.promotion.training_window
import data.promotion.transforms
import data.promotion.use

# Each dimension of the closed list, by the name it has in the diff. A module that is not listed here is not in the pack.
_dimensions := {
	"modelClass": {
		"cleared": model_class.cleared,
		"proven": model_class.proven,
		"findings": model_class.findings,
		"headroom": model_class.headroom,
	},
	"hyperparameters": {
		"cleared": hyperparameters.cleared,
		"proven": hyperparameters.proven,
		"findings": hyperparameters.findings,
		"headroom": hyperparameters.headroom,
	},
	"loss": {
		"cleared": loss.cleared,
		"proven": loss.proven,
		"findings": loss.findings,
		"headroom": loss.headroom,
	},
	"features": {
		"cleared": features.cleared,
		"proven": features.proven,
		"findings": features.findings,
		"headroom": features.headroom,
	},
	"protected": {
		"cleared": protected.cleared,
		"proven": protected.proven,
		"findings": protected.findings,
		"headroom": protected.headroom,
	},
	"transforms": {
		"cleared": transforms.cleared,
		"proven": transforms.proven,
		"findings": transforms.findings,
		"headroom": transforms.headroom,
	},
	"population": {
		"cleared": population.cleared,
		"proven": population.proven,
		"findings": population.findings,
		"headroom": population.headroom,
	},
	"segments": {
		"cleared": segments.cleared,
		"proven": segments.proven,
		"findings": segments.findings,
		"headroom": segments.headroom,
	},
	"decisionRule": {
		"cleared": decision_rule.cleared,
		"proven": decision_rule.proven,
		"findings": decision_rule.findings,
		"headroom": decision_rule.headroom,
	},
	"calibration": {
		"cleared": calibration.cleared,
		"proven": calibration.proven,
		"findings": calibration.findings,
		"headroom": calibration.headroom,
	},
	"metrics": {
		"cleared": metrics.cleared,
		"proven": metrics.proven,
		"findings": metrics.findings,
		"headroom": metrics.headroom,
	},
	"evaluation": {
		"cleared": evaluation.cleared,
		"proven": evaluation.proven,
		"findings": evaluation.findings,
		"headroom": evaluation.headroom,
	},
	"fairness": {
		"cleared": fairness.cleared,
		"proven": fairness.proven,
		"findings": fairness.findings,
		"headroom": fairness.headroom,
	},
	"trainingWindow": {
		"cleared": training_window.cleared,
		"proven": training_window.proven,
		"findings": training_window.findings,
		"headroom": training_window.headroom,
	},
	"use": {
		"cleared": use.cleared,
		"proven": use.proven,
		"findings": use.findings,
		"headroom": use.headroom,
	},
	"terms": {
		"cleared": terms.cleared,
		"proven": terms.proven,
		"findings": terms.findings,
		"headroom": terms.headroom,
	},
	"gates": {
		"cleared": gates.cleared,
		"proven": gates.proven,
		"findings": gates.findings,
		"headroom": gates.headroom,
	},
	"evidence": {
		"cleared": evidence.cleared,
		"proven": evidence.proven,
		"findings": evidence.findings,
		"headroom": evidence.headroom,
	},
	"history": {
		"cleared": history.cleared,
		"proven": history.proven,
		"findings": history.findings,
		"headroom": history.headroom,
	},
	"artefact": {
		"cleared": artefact.cleared,
		"proven": artefact.proven,
		"findings": artefact.findings,
		"headroom": artefact.headroom,
	},
}

decision := object.union(_judged, _duties)

_judged := {
	"schema": "decision/v0",
	"path": _path,
	"findings": [finding | some finding in _findings],
	"cleared": _cleared,
	"notJudged": [object.union(entry, {"dimension": "metrics"}) | some entry in metrics.not_judged],
	"holds": [hold | some hold in _holds],
	"groups": _groups,
	"separation": {"excludeRequester": true, "distinctPersons": true, "excludeReleaser": true},
	"obligations": [{"code": code} | some code in _obligations],
	"expiresAfterDays": layers.paths[_path].expires_after_days,
} if {
	layers.complete
}

_path := layers.ranks[max({0} | {layers.weight(finding.minPath) | some finding in _findings})]

_readable if input.schema == "routing-input/v0"

# --- findings -------------------------------------------------------------------------------------------------------

_findings contains object.union(finding, {"dimension": name}) if {
	_readable
	some name, findings in _asked
	some finding in findings
}

# What each dimension found, with the path that it asks for on this line today.
_asked := {name: findings |
	some name, dimension in _dimensions
	findings := {object.union(finding, {"minPath": layers.asked(finding)}) | some finding in dimension.findings}
}

# METADATA
# title: The input has another schema
# description: The policy does not know what it was given, so it decides nothing but who must look.
# custom:
#   code: POL-001
#   min_path: committee
#   severity: high
#   owner: platform
#   controls: [SR26-2]
#   remedy: Update the policy pack and the service together.
#   since: 0.1.0
_findings contains object.union(finding, {"dimension": "engine"}) if {
	not _readable
	finding := shared.text("POL-001", "committee", "", null, null)
}

# METADATA
# title: Not proven
# description: Something needed to judge this dimension is missing or doubtful, and unknown never means unchanged.
# custom:
#   code: POL-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Supply what the reason names, or let the committee decide without it.
#   since: 0.1.0
_findings contains object.union(finding, {"dimension": name}) if {
	_readable
	some name, _ in _dimensions
	_unexplained(name)
	some [pointer, why] in _reasons(name)
	finding := shared.text("POL-002", "committee", pointer, why, null)
}

# Unproven: a finding for people does not explain it, since what is missing may be worse. A finding for the committee does.
_unexplained(name) if {
	dimension := _dimensions[name]
	not dimension.proven
	not _first(name)
	every finding in _asked[name] {
		finding.minPath != "committee"
	}
}

# Proven and yet neither cleared nor raised: a difference that no rule speaks of.
_unexplained(name) if {
	dimension := _dimensions[name]
	dimension.proven
	not dimension.cleared
	shared.nothing_raised(dimension.findings)
}

_first(name) if {
	history.first
	shared.only_no_incumbent(input[name].why)
}

_reasons(name) := {[pointer, why] |
	some i, why in input[name].why
	pointer := shared.at([name, "why", shared.position(i)])
} if {
	count(input[name].why) > 0
}

else := {[shared.at([name]), null]} if input[name]

# Inputs that were sealed before the dimension was: there is nothing to point at but the whole.
else := {["", null]}

# METADATA
# title: The line is not registered
# description: Model risk never registered this model in this use, so nobody knows who may approve it.
# custom:
#   code: LIN-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2]
#   remedy: Have model risk register the line.
#   since: 0.1.0
_findings contains object.union(finding, {"dimension": "engine"}) if {
	_readable
	not data.lines[input.line]
	finding := shared.text("LIN-001", "committee", "/line", input.line, null)
}

# METADATA
# title: The environment is not registered for the line
# description: Model risk did not register this line for use there.
# custom:
#   code: LIN-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2]
#   remedy: Have model risk register the environment.
#   since: 0.1.0
_findings contains object.union(finding, {"dimension": "engine"}) if {
	_readable
	not _environment_registered
	finding := shared.text("LIN-002", "committee", "/environment", input.environment, null)
}

_environment_registered if {
	some environment in data.lines[input.line].environments
	environment.name == input.environment
}

# --- waivers in use -------------------------------------------------------------------------------------------------

# METADATA
# title: A limit is waived
# description: A waiver with an owner, a reason and a last day lets this line pass a limit until then.
# custom:
#   code: WVR-001
#   min_path: automated
#   severity: info
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: None while the waiver lasts. Mend the model, or let model risk renew it before its last day.
#   since: 0.2.0
_findings contains object.union(finding, {"dimension": "engine"}) if {
	_readable
	some waiver in layers.limit_waivers
	finding := shared.text("WVR-001", "automated", "/line", waiver.id, waiver.expires)
}

# METADATA
# title: A rule asks for less under a waiver
# description: A waiver with an owner, a reason and a last day lets a rule that fired ask for fewer people until then.
# custom:
#   code: WVR-002
#   min_path: automated
#   severity: info
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: None while the waiver lasts. Mend the model, or let model risk renew it before its last day.
#   since: 0.2.0
_findings contains object.union(finding, {"dimension": name}) if {
	_readable
	some name, dimension in _dimensions
	some waived in dimension.findings
	waiver := layers.waiver_of(waived)
	finding := shared.text("WVR-002", "automated", waived.pointer, waiver.id, waiver.expires)
}

# --- what was cleared -----------------------------------------------------------------------------------------------

_cleared := [entry |
	_readable
	some name, dimension in _dimensions
	_clear(dimension)
	shared.nothing_raised(_asked[name])
	entry := {"dimension": name, "headroom": [room | some room in dimension.headroom]}
]

_clear(dimension) if dimension.cleared

# What is proven and was raised, and by waivers raises nothing any more.
_clear(dimension) if {
	dimension.proven
	not shared.nothing_raised(dimension.findings)
}

# --- who decides, and what they need --------------------------------------------------------------------------------

# METADATA
# title: A written rationale
# description: A person says in words why this promotion is wanted before others are asked.
# custom:
#   code: OBL-001
#   min_path: obligation
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Write the rationale.
#   since: 0.1.0
_obligations contains "OBL-001" if _path != "automated"

# METADATA
# title: A second reviewer
# description: Protected attributes and adverse actions are never decided by one person.
# custom:
#   code: OBL-002
#   min_path: obligation
#   severity: high
#   owner: model-risk
#   controls: [ECOA-RegB]
#   remedy: Have a second person decide as well.
#   since: 0.1.0
#   threshold: second_reviewer_min
_obligations contains "OBL-002" if {
	some finding in _findings
	finding.code in {"PRO-001", "FEA-004", "DEC-004"}
}

# METADATA
# title: The owner lifts the suspension
# description: Approving this promotion does not start the automated path again; only its owner of record does, in an act of its own.
# custom:
#   code: OBL-003
#   min_path: obligation
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: The owner of record resumes the line when the reason is gone.
#   since: 0.1.0
_obligations contains "OBL-003" if history.suspended

# METADATA
# title: A fresh sign-in
# description: Whoever decides has proved who they are no longer ago than the data allow. An older sign-in, or one that does not say when it was, is refused at the vote, not counted at the approval, and found by verify.
# custom:
#   code: OBL-004
#   min_path: obligation
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, 21CFR11]
#   remedy: Sign in again, then decide.
#   since: 0.3.0
#   threshold: paths.*.step_up_minutes
_obligations contains "OBL-004" if {
	_people_asked
	layers.paths[_path].step_up_minutes
}

# METADATA
# title: An answer within hours
# description: People are asked to answer within these hours. After them the request is overdue, and is also shown to those whom the data name. A time-out never approves.
# custom:
#   code: OBL-005
#   min_path: obligation
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2]
#   remedy: Decide, or let those to whom it was escalated find somebody who can.
#   since: 0.3.0
#   threshold: paths.*.respond_within_hours
_obligations contains "OBL-005" if {
	_people_asked
	layers.paths[_path].respond_within_hours
}

# METADATA
# title: Somebody on call acknowledges
# description: The policy approves, and still nothing is sealed before one person on call acknowledged it over the frozen screen. Who acknowledges replaces no committee and resets no cap.
# custom:
#   code: OBL-006
#   min_path: obligation
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2]
#   remedy: Somebody on call opens the request, reads the screen and acknowledges, or rejects.
#   since: 0.3.0
#   threshold: paths.automated.on_call_ack
_obligations contains "OBL-006" if {
	_path == "automated"
	count(layers.on_call) > 0
}

# METADATA
# title: The explanation is of the new slice
# description: People are shown an explanation that was made for this model, on its evaluation slice. One of another slice, or one that an earlier event sealed for something else, is refused (EXPLANATION_SLICE_MISMATCH, EXPLANATION_REUSED); while none is there nobody can approve (EVI-003).
# custom:
#   code: OBL-007
#   min_path: obligation
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Compute the explanation again on the evaluation slice of this model.
#   since: 0.3.0
_obligations contains "OBL-007" if [_path, "explanation"] in layers.artefacts

_members := [member | some member in layers.committees; member.path == _path]

# The line's own people, then those whom its tier adds on this path; where policy approves, whoever is on call.
_groups := array.concat(
	[group |
		some member in _members
		group := {"role": member.role, "min": _min(member), "from": member.committee}
	],
	[object.union(who, {"min": 1}) | some who in layers.on_call; _path == "automated"],
)

# What else people must keep to. Where policy approves alone there is nobody to ask for it.
_duties := object.union(_step_up, _sla)

_people_asked if _path != "automated"

_people_asked if count(layers.on_call) > 0

default _step_up := {}

_step_up := {"stepUpMinutes": minutes} if {
	_people_asked
	minutes := layers.paths[_path].step_up_minutes
}

default _sla := {}

_sla := {"sla": {"respondWithinHours": hours, "escalateTo": _escalate_to}} if {
	_people_asked
	hours := layers.paths[_path].respond_within_hours
}

_escalate_to := [who | some [path, who] in layers.escalations; path == _path]

default _one_alone := false

_one_alone if {
	"OBL-002" in _obligations
	not _enough
}

_enough if sum([member.min | some member in _members]) >= layers.second_reviewer_min

_min(member) := member.min if not _one_alone

_min(_) := layers.second_reviewer_min if _one_alone

_holds contains hold if {
	[_path, "explanation"] in layers.artefacts
	some hold in evidence.holds
}

# METADATA
# title: Nobody is registered to decide
# description: The line has no committee for this path, so the request waits until model risk names one.
# custom:
#   code: LIN-003
#   min_path: hold
#   severity: high
#   owner: model-risk
#   controls: [SR26-2]
#   remedy: Have model risk register a committee for the path.
#   since: 0.1.0
_holds contains {"code": "LIN-003", "artefact": "committee", "pointer": "/line"} if {
	_path != "automated"
	count([member | some member in data.lines[input.line].committees; member.path == _path]) == 0
}
