# METADATA
# scope: package
# title: Transforms
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.transforms

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.transforms)
	every side in input.transforms.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if is_array(side.figures.changed)

cleared if {
	proven
	shared.unchanged(input.transforms)
	count(findings) == 0
}

# METADATA
# title: The transform of a feature changed
# description: An input is prepared by another definition; refitting the same one does not count.
# custom:
#   code: TRA-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say what the new definition does to the values the model sees.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.transforms.against
	some i, feature in side.figures.changed
	pointer := shared.at(["transforms/against", name, "figures/changed", shared.position(i)])
	finding := shared.text("TRA-001", "reviewer", pointer, feature, null)
}
