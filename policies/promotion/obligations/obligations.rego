# METADATA
# scope: package
# title: Obligations
# description: Who decides on this path, what they must keep to, and what must be there before they can.
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.obligations

import data.promotion.evidence
import data.promotion.history
import data.promotion.layers
import data.promotion.path

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
owed contains "OBL-001" if path.heaviest != "automated"

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
owed contains "OBL-002" if {
	some finding in path.found
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
owed contains "OBL-003" if history.suspended

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
owed contains "OBL-004" if {
	_people_asked
	layers.paths[path.heaviest].step_up_minutes
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
owed contains "OBL-005" if {
	_people_asked
	layers.paths[path.heaviest].respond_within_hours
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
owed contains "OBL-006" if {
	path.heaviest == "automated"
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
owed contains "OBL-007" if [path.heaviest, "explanation"] in layers.artefacts

_members := [member | some member in layers.committees; member.path == path.heaviest]

# The line's own people, then those whom its tier adds on this path; where policy approves, whoever is on call.
groups := array.concat(
	[group |
		some member in _members
		group := {"role": member.role, "min": _min(member), "from": member.committee}
	],
	[object.union(who, {"min": 1}) | some who in layers.on_call; path.heaviest == "automated"],
)

# What else people must keep to. Where policy approves alone there is nobody to ask for it.
duties := object.union(_step_up, _sla)

_people_asked if path.heaviest != "automated"

_people_asked if count(layers.on_call) > 0

default _step_up := {}

_step_up := {"stepUpMinutes": minutes} if {
	_people_asked
	minutes := layers.paths[path.heaviest].step_up_minutes
}

default _sla := {}

_sla := {"sla": {"respondWithinHours": hours, "escalateTo": _escalate_to}} if {
	_people_asked
	hours := layers.paths[path.heaviest].respond_within_hours
}

_escalate_to := [who | some [asked, who] in layers.escalations; asked == path.heaviest]

_one_alone if {
	"OBL-002" in owed
	not _enough
}

_enough if sum([member.min | some member in _members]) >= layers.second_reviewer_min

_min(member) := member.min if not _one_alone

_min(_) := layers.second_reviewer_min if _one_alone

waiting contains hold if {
	[path.heaviest, "explanation"] in layers.artefacts
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
waiting contains {"code": "LIN-003", "artefact": "committee", "pointer": "/line"} if {
	path.heaviest != "automated"
	count([member | some member in data.lines[input.line].committees; member.path == path.heaviest]) == 0
}
