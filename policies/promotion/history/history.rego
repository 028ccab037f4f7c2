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
	is_string(_own.incumbent)
	is_string(_own.lastHumanApproved)
	is_number(_own.automatedSinceHuman)
	is_number(_own.daysSinceHuman)
}

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
