# METADATA
# scope: package
# title: Training window
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.training_window

import data.promotion.layers
import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

_own := input.trainingWindow.figures

proven if {
	shared.compared(input.trainingWindow)
	is_array(layers.regime_breaks)
	_is_window(_own)
	every side in input.trainingWindow.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	_is_window(side.figures)
	is_string(side.figures.filters.from)
	is_string(side.figures.filters.to)
}

_is_window(figures) if {
	is_number(figures.fromDay)
	is_number(figures.toDay)
	figures.fromDay <= figures.toDay
}

cleared if {
	proven
	count(findings) == 0
}

_crosses(window, day) if {
	_is_window(window)
	window.fromDay < day
	day <= window.toDay
}

# METADATA
# title: The training window newly crosses a regime break
# description: The model learned from before and after a day on which the world changed, and the baseline did not.
# custom:
#   code: TRW-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why rows from both sides of the break may train one model.
#   since: 0.1.0
#   threshold: calendar.regime_breaks
findings contains finding if {
	some name, side in input.trainingWindow.against
	some regime_break in layers.regime_breaks
	_crosses(_own, regime_break.day)
	_is_window(side.figures)
	not _crosses(side.figures, regime_break.day)
	finding := shared.figure("TRW-001", "reviewer", "/trainingWindow/figures/fromDay", _own.fromDay, regime_break.day, "days")
}

# METADATA
# title: Learned from another choice of rows
# description: The rows to learn from or to tune by were chosen by other filters than at the baseline.
# custom:
#   code: TRW-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say whom the model no longer learned from, or learned from now, and why.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.trainingWindow.against
	change := side.figures.filters
	change.from != change.to
	pointer := shared.at(["trainingWindow/against", name, "figures/filters/to"])
	finding := shared.text("TRW-002", "reviewer", pointer, change.to, change.from)
}
