# METADATA
# scope: package
# title: Evaluation
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.evaluation

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.evaluation)
	every side in input.evaluation.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_string(side.figures.slice.to)
	is_array(side.figures.changed)
}

cleared if {
	proven
	shared.unchanged(input.evaluation)
	count(findings) == 0
}

# METADATA
# title: Another evaluation set
# description: The metrics were made on other rows than those of the baseline, so they compare only in part.
# custom:
#   code: EVA-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show both versions on both evaluation sets.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.evaluation.against
	change := side.figures.slice
	change.from != change.to
	pointer := shared.at(["evaluation/against", name, "figures/slice/to"])
	finding := shared.text("EVA-001", "reviewer", pointer, change.to, change.from)
}

# METADATA
# title: Another way of evaluating
# description: The method, the label or the list of metrics differs from that of the baseline.
# custom:
#   code: EVA-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the candidate is judged in another way.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.evaluation.against
	some i, key in side.figures.changed
	key != "slice"
	pointer := shared.at(["evaluation/against", name, "figures/changed", shared.position(i)])
	finding := shared.text("EVA-002", "reviewer", pointer, key, null)
}
