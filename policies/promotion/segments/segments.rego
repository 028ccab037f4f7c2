# METADATA
# scope: package
# title: Segments
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.segments

import data.promotion.layers
import data.promotion.shared

default cleared := false

default proven := false

_limit := layers.limits.segments.share_committee_ppm

_registered := {segment.filter.column | some segment in data.lines[input.line].segments}

proven if {
	shared.compared(input.segments)
	is_number(_limit)
	is_array(input.segments.figures.unregistered)
	every side in input.segments.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

# Every registered segment column has a figure: a list that lost one is no proof.
_known(side) if {
	is_array(side.figures.shares)
	every share in side.figures.shares {
		is_number(share.psi_ppm)
	}
	every column in _registered {
		some share in side.figures.shares
		share.name == column
	}
}

cleared if {
	proven
	count(findings) == 0
}

_share(name, i) := shared.at(["segments/against", name, "figures/shares", shared.position(i), "psi_ppm"])

# METADATA
# title: The mix of a segment changed
# description: Today's applicants are divided over a registered segment in another way than at the baseline.
# custom:
#   code: SEG-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee results for the segments that grew.
#   since: 0.1.0
#   threshold: limits.segments.share_committee_ppm
findings contains finding if {
	some name, side in input.segments.against
	some i, share in side.figures.shares
	is_number(share.psi_ppm)
	share.psi_ppm > _limit
	finding := shared.figure("SEG-001", "committee", _share(name, i), share.psi_ppm, _limit, "ppm")
}

# METADATA
# title: A segment that was never validated
# description: Applicants of a segment value appear that model risk never registered for this line.
# custom:
#   code: SEG-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Register the segment with model risk and show results for it.
#   since: 0.1.0
findings contains finding if {
	some i, segment in input.segments.figures.unregistered
	pointer := shared.at(["segments/figures/unregistered", shared.position(i), "value"])
	finding := shared.text("SEG-002", "committee", pointer, segment.value, null)
}

headroom contains room if {
	some name, side in input.segments.against
	some i, share in side.figures.shares
	is_number(share.psi_ppm)
	share.psi_ppm <= _limit
	room := shared.room("SEG-001", _share(name, i), share.psi_ppm, _limit, "ppm")
}
