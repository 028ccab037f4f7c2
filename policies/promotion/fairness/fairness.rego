# METADATA
# scope: package
# title: Fairness
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.fairness

import data.promotion.layers
import data.promotion.shared

default cleared := false

default proven := false

_limit := layers.limits.fairness.worse_ppm

# Segment columns with at least two judged values: those that can have a ratio.
_columns := {segment.filter.column |
	some segment in data.lines[input.line].segments
	segment.state == "judged"
	some other in data.lines[input.line].segments
	other.state == "judged"
	other.filter.column == segment.filter.column
	other.name != segment.name
}

proven if {
	shared.compared(input.fairness)
	is_number(_limit)
	every side in input.fairness.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_array(side.figures.ratios)
	every ratio in side.figures.ratios {
		is_number(ratio.worse_ppm)
		is_boolean(ratio.protected)
	}
	every column in _columns {
		some ratio in side.figures.ratios
		ratio.segment == column
	}
}

cleared if {
	proven
	count(findings) == 0
}

_pointer(name, i) := shared.at(["fairness/against", name, "figures/ratios", shared.position(i), "worse_ppm"])

# METADATA
# title: Approval rates of a protected segment moved apart
# description: The lowest approval rate came down against the highest by more than was agreed.
# custom:
#   code: FAI-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, ECOA-RegB]
#   remedy: Show the committee what drives the approval rates apart.
#   since: 0.1.0
#   threshold: limits.fairness.worse_ppm
findings contains finding if {
	some name, side in input.fairness.against
	some i, ratio in side.figures.ratios
	is_number(ratio.worse_ppm)
	ratio.worse_ppm > _limit
	not ratio.protected == false
	finding := shared.figure("FAI-001", "committee", _pointer(name, i), ratio.worse_ppm, _limit, "ppm")
}

# METADATA
# title: Approval rates of a segment moved apart
# description: The lowest approval rate came down against the highest by more than was agreed.
# custom:
#   code: FAI-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say what drives the approval rates apart.
#   since: 0.1.0
#   threshold: limits.fairness.worse_ppm
findings contains finding if {
	some name, side in input.fairness.against
	some i, ratio in side.figures.ratios
	is_number(ratio.worse_ppm)
	ratio.worse_ppm > _limit
	ratio.protected == false
	finding := shared.figure("FAI-002", "reviewer", _pointer(name, i), ratio.worse_ppm, _limit, "ppm")
}

headroom contains room if {
	some name, side in input.fairness.against
	some i, ratio in side.figures.ratios
	is_number(ratio.worse_ppm)
	ratio.worse_ppm <= _limit
	room := shared.room(_codes[ratio.protected], _pointer(name, i), ratio.worse_ppm, _limit, "ppm")
}

_codes[true] := "FAI-001"

_codes[false] := "FAI-002"
