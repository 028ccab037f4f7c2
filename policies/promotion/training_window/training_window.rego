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

_limits := layers.limits.training_window

_own := input.trainingWindow.figures

proven if {
	shared.compared(input.trainingWindow)
	is_array(layers.regime_breaks)
	shared.limits_known(_limits, ["ahead_days", "rows_ppm", "days_ppm"])
	_is_window(_own)
	_doubts_known
	every side in input.trainingWindow.against {
		_known(side)
	}
}

# What is only there where there is something to say is then a list, or a figure.
_doubts_known if {
	is_array(object.get(_own, "empty", []))
	is_array(object.get(_own, "ahead", []))
	every slice in object.get(_own, "ahead", []) {
		is_number(slice.days)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	_is_window(side.figures)
	is_string(side.figures.filters.from)
	is_string(side.figures.filters.to)
	every share in ["rows_ppm", "days_ppm"] {
		is_number(object.get(side.figures, share, 0))
	}
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

# METADATA
# title: Rows of days that had not come
# description: A slice is said to reach past the day on which the request came in, by more than calendars and clocks explain. Nobody has seen those rows.
# custom:
#   code: TRW-003
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Name the window that the rows are really of, and send a new request.
#   since: 0.3.0
#   threshold: limits.training_window.ahead_days
findings contains finding if {
	some i, slice in _own.ahead
	slice.days > _limits.ahead_days
	pointer := shared.at(["trainingWindow/figures/ahead", shared.position(i), "days"])
	finding := shared.figure("TRW-003", "committee", pointer, slice.days, _limits.ahead_days, "days")
}

# METADATA
# title: Learned from far fewer rows
# description: The model learned from so small a share of the rows that the baseline learned from that its metrics may be luck.
# custom:
#   code: TRW-004
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say where the rows went and why the rest is enough.
#   since: 0.3.0
#   threshold: limits.training_window.rows_ppm
findings contains finding if {
	some name, side in input.trainingWindow.against
	side.figures.rows_ppm < _limits.rows_ppm
	finding := shared.figure("TRW-004", "reviewer", _share(name, "rows_ppm"), side.figures.rows_ppm, _limits.rows_ppm, "ppm")
}

# METADATA
# title: Nothing to learn from
# description: A training slice is said to have no rows, so nobody knows what the model learned from.
# custom:
#   code: TRW-005
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Name the slice that the model learned from, with its rows.
#   since: 0.3.0
findings contains finding if {
	some i, slice in _own.empty
	pointer := shared.at(["trainingWindow/figures/empty", shared.position(i)])
	finding := shared.text("TRW-005", "committee", pointer, slice, null)
}

# METADATA
# title: Learned from far fewer days
# description: The training window is so small a share of the baseline's that the model may know one season only.
# custom:
#   code: TRW-006
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why fewer days are enough.
#   since: 0.3.0
#   threshold: limits.training_window.days_ppm
findings contains finding if {
	some name, side in input.trainingWindow.against
	side.figures.days_ppm < _limits.days_ppm
	finding := shared.figure("TRW-006", "reviewer", _share(name, "days_ppm"), side.figures.days_ppm, _limits.days_ppm, "ppm")
}

_share(name, figure) := shared.at(["trainingWindow/against", name, "figures", figure])

# Shares are the heavier the less they are, so a rule that did not fire has no headroom to show but this one.
headroom contains room if {
	some i, slice in _own.ahead
	is_number(slice.days)
	slice.days <= _limits.ahead_days
	pointer := shared.at(["trainingWindow/figures/ahead", shared.position(i), "days"])
	room := shared.room("TRW-003", pointer, slice.days, _limits.ahead_days, "days")
}
