# METADATA
# scope: package
# title: Protected attributes
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.protected

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.protected)
	is_array(input.protected.figures.attributes)
	is_array(input.protected.figures.proxies)
	every side in input.protected.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if is_array(side.figures.changed)

cleared if {
	proven
	shared.unchanged(input.protected)
	count(findings) == 0
}

# METADATA
# title: What counts as protected changed
# description: An input was marked as protected, as a stand-in for something protected, or no longer so.
# custom:
#   code: PRO-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, ECOA-RegB]
#   remedy: Have a second reviewer confirm the new label and its legal ground.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.protected.against
	some i, change in side.figures.changed
	pointer := shared.at(["protected/against", name, "figures/changed", shared.position(i), "to"])
	finding := shared.text("PRO-001", "committee", pointer, change.to, change.from)
}
