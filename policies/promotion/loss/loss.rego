# METADATA
# scope: package
# title: Loss function
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.loss

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.loss)
	every side in input.loss.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if is_string(side.figures.loss.to)

cleared if {
	proven
	shared.unchanged(input.loss)
	count(findings) == 0
}

# METADATA
# title: The loss function changed
# description: The model was trained towards another goal than the approved one.
# custom:
#   code: LOS-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee what the model is now trained to get right.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.loss.against
	change := side.figures.loss
	change.from != change.to
	pointer := shared.at(["loss/against", name, "figures/loss/to"])
	finding := shared.text("LOS-001", "committee", pointer, change.to, change.from)
}
