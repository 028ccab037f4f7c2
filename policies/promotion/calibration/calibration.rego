# METADATA
# scope: package
# title: Calibration
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.calibration

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.calibration)
	every side in input.calibration.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if is_string(side.figures.calibration.to)

cleared if {
	proven
	shared.unchanged(input.calibration)
	count(findings) == 0
}

# METADATA
# title: The calibration changed
# description: Scores are turned into probabilities in another way, so the same score means something else.
# custom:
#   code: CAL-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show calibration before and after on the same rows.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.calibration.against
	change := side.figures.calibration
	change.from != change.to
	pointer := shared.at(["calibration/against", name, "figures/calibration/to"])
	finding := shared.text("CAL-001", "reviewer", pointer, change.to, change.from)
}
