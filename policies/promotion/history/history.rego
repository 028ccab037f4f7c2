# METADATA
# scope: package
# title: History
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.history

import data.promotion.layers
import data.promotion.shared

default cleared := false

default proven := false

_limits := layers.limits.history

_own := input.history.figures

proven if {
	shared.undoubted(input.history)
	shared.limits_known(_limits, ["automated_in_a_row", "days_since_people"])
	shared.limits_known(_limits.drift_committee_ppm, ["score", "segment"])
	is_string(_own.incumbent)
	is_string(_own.lastHumanApproved)
	is_number(_own.automatedSinceHuman)
	is_number(_own.daysSinceHuman)
	_figures_known
}

# A finding whose figure is missing is no small one.
_figures_known if {
	every drift in _drift {
		every measured in drift.measured {
			is_number(measured.psi_ppm)
		}
	}
}

# What stands against the line; the key is not there when nothing does.
_drift := object.get(_own, ["standing", "drift"], [])

default suspended := false

suspended if _own.standing.suspended

cleared if {
	proven
	count(findings) == 0
}

# The first promotion of a line in an environment: there is nothing to compare with, and HIS-001 says so.
default first := false

first if _own.incumbent == null

# METADATA
# title: No incumbent
# description: This line has no approved version here yet, so there is nothing to compare with.
# custom:
#   code: HIS-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Take the first version through the committee.
#   since: 0.1.0
findings contains finding if {
	first
	finding := shared.text("HIS-001", "committee", "/history/figures/incumbent", null, null)
}

# METADATA
# title: Too many automated promotions in a row
# description: So many promotions in a row went without people that this one needs a look.
# custom:
#   code: HIS-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Have a person look at what the small steps add up to.
#   since: 0.1.0
#   threshold: limits.history.automated_in_a_row
findings contains finding if {
	is_number(_own.automatedSinceHuman)
	_own.automatedSinceHuman >= _limits.automated_in_a_row
	finding := shared.figure("HIS-002", "reviewer", _automated, _own.automatedSinceHuman, _limits.automated_in_a_row, "count")
}

# METADATA
# title: Too long since people approved
# description: The last version that people approved is older than was agreed.
# custom:
#   code: HIS-003
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Have a person look at what the small steps add up to.
#   since: 0.1.0
#   threshold: limits.history.days_since_people
findings contains finding if {
	is_number(_own.daysSinceHuman)
	_own.daysSinceHuman > _limits.days_since_people
	finding := shared.figure("HIS-003", "reviewer", _days, _own.daysSinceHuman, _limits.days_since_people, "days")
}

# METADATA
# title: No version was ever approved by people
# description: There is an incumbent, but no approval by people that it goes back to.
# custom:
#   code: HIS-004
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Take this version through the committee.
#   since: 0.1.0
findings contains finding if {
	not first
	not is_string(_own.lastHumanApproved)
	finding := shared.text("HIS-004", "committee", "/history/figures/lastHumanApproved", null, null)
}

# METADATA
# title: Drift was found and not answered
# description: Monitoring found that the traffic of the active version drifted, and no approval by people has answered it since.
# custom:
#   code: HIS-005
#   min_path: reviewer
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Name the finding in the request's answers, and let a person see whether this version does answer it.
#   since: 0.1.0
findings contains finding if {
	some i, drift in _drift
	pointer := shared.at(["history/figures/standing/drift", shared.position(i), "event"])
	finding := shared.text("HIS-005", "reviewer", pointer, drift.event, null)
}

# METADATA
# title: The drift that was found is large
# description: Monitoring measured a shift of scores or of a segment that only a committee may answer.
# custom:
#   code: HIS-006
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee what moved, and results for those who grew.
#   since: 0.1.0
#   threshold: limits.history.drift_committee_ppm.*
findings contains finding if {
	some i, drift in _drift
	some j, measured in drift.measured
	limit := _limits.drift_committee_ppm[measured.what]
	is_number(measured.psi_ppm)
	measured.psi_ppm > limit
	finding := shared.figure("HIS-006", "committee", _measured(i, j, "psi_ppm"), measured.psi_ppm, limit, "ppm")
}

# METADATA
# title: Drift in a segment that was never registered
# description: Monitoring saw applicants of a segment that model risk never registered for this line.
# custom:
#   code: HIS-007
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Register the segment with model risk and show results for it.
#   since: 0.1.0
findings contains finding if {
	some i, drift in _drift
	some j, measured in drift.measured
	not measured.known
	finding := shared.text("HIS-007", "committee", _measured(i, j, "name"), measured.name, null)
}

# METADATA
# title: The automated path is suspended
# description: The owner of record has stopped the automated path of this line, so a person looks at every promotion.
# custom:
#   code: HIS-008
#   min_path: reviewer
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: The owner of record resumes it when the reason is gone.
#   since: 0.1.0
findings contains finding if {
	suspended
	finding := shared.text("HIS-008", "reviewer", "/history/figures/standing/suspended", null, null)
}

_measured(i, j, key) := shared.at([
	"history/figures/standing/drift",
	shared.position(i),
	"measured",
	shared.position(j),
	key,
])

# METADATA
# title: Not approved in the stage before
# description: This line has a stage before this one, and this very model was never approved there.
# custom:
#   code: HIS-010
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Promote the same model into the stage before first.
#   since: 0.1.0
findings contains finding if {
	some stage in _stages_before
	not _approved_in(stage)
	finding := shared.text("HIS-010", "committee", "/history/figures", null, stage)
}

# Asked of the data, not of the input: where a stage is registered, an input that does not speak of it proves nothing.
_stages_before contains environment.after if {
	some environment in data.lines[input.line].environments
	environment.name == input.environment
}

_approved_in(stage) if {
	_own.predecessor.environment == stage
	is_string(_own.predecessor.event)
}

_automated := "/history/figures/automatedSinceHuman"

_days := "/history/figures/daysSinceHuman"

headroom contains room if {
	is_number(_own.automatedSinceHuman)
	_own.automatedSinceHuman < _limits.automated_in_a_row
	room := shared.room("HIS-002", _automated, _own.automatedSinceHuman, _limits.automated_in_a_row, "count")
}

headroom contains room if {
	is_number(_own.daysSinceHuman)
	_own.daysSinceHuman <= _limits.days_since_people
	room := shared.room("HIS-003", _days, _own.daysSinceHuman, _limits.days_since_people, "days")
}
