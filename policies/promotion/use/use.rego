# METADATA
# scope: package
# title: Use
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.use

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

_paths := {"intended": "USE-001", "context": "USE-001", "population": "USE-002"}

proven if {
	shared.compared(input.use)
	every side in input.use.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_array(side.figures.changed)
	every key in side.figures.changed {
		_paths[key]
	}
}

cleared if {
	proven
	shared.unchanged(input.use)
	count(findings) == 0
}

# METADATA
# title: Another use
# description: The model is meant for another purpose or another decisioning context than the approved one.
# custom:
#   code: USE-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee that the model is fit for the new use.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.use.against
	some i, key in side.figures.changed
	_paths[key] == "USE-001"
	finding := shared.text("USE-001", "committee", _pointer(name, i), key, null)
}

# METADATA
# title: Another population definition
# description: The model is meant for other people than the approved one.
# custom:
#   code: USE-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee that the model is fit for the people it is now used on.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.use.against
	some i, key in side.figures.changed
	_paths[key] == "USE-002"
	finding := shared.text("USE-002", "committee", _pointer(name, i), key, null)
}

_pointer(name, i) := shared.at(["use/against", name, "figures/changed", shared.position(i)])
