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
	is_array(input.evaluation.figures.leaks)
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
# description: The method, the label, the list of metrics or the choice of rows differs from that of the baseline.
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

# METADATA
# title: Learned in the time it is judged on
# description: The window of a training slice reaches into that of the evaluation slice, so the figures may show memory.
# custom:
#   code: EVA-003
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Evaluate on rows later than those learned from, or show that no row is in both.
#   since: 0.1.0
findings contains finding if {
	some i, leak in input.evaluation.figures.leaks
	leak.how == "window-overlaps"
	pointer := shared.at(["evaluation/figures/leaks", shared.position(i), "how"])
	finding := shared.text("EVA-003", "reviewer", pointer, leak.slice, leak.of)
}

# METADATA
# title: Judged on rows it learned from
# description: The request says itself that a slice to judge by and a training slice are cut from one another.
# custom:
#   code: EVA-004
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Evaluate on rows that were not learned from.
#   since: 0.1.0
findings contains finding if {
	some i, leak in input.evaluation.figures.leaks
	leak.how != "window-overlaps"
	pointer := shared.at(["evaluation/figures/leaks", shared.position(i), "how"])
	finding := shared.text("EVA-004", "committee", pointer, leak.slice, leak.of)
}
