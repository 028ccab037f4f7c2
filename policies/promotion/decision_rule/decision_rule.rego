# METADATA
# scope: package
# title: Decision rule
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.decision_rule

import data.promotion.layers
import data.promotion.shared

default cleared := false

default proven := false

_limits := layers.limits.decision_rule

proven if {
	shared.compared(input.decisionRule)
	shared.limits_known(_limits, ["flips_with_change_ppm", "flips_same_rule_ppm"])
	every side in input.decisionRule.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_object(side.figures.thresholds)
	is_boolean(side.figures.actionsChanged)
	is_boolean(side.figures.scoreChanged)
	is_boolean(side.figures.adverseActionChanged)
	_flips_known(side)
}

# A helper, because `not is_number(…)` of something absent is undefined, not true.
_flips_known(side) if is_number(side.figures.flips.rate_ppm)

cleared if {
	proven
	count(findings) == 0
}

_pointer(name, key) := shared.at(["decisionRule/against", name, "figures", key])

# Which parts of the rule differ, so that a flip can be told from a moved rule.
_changed contains [name, "thresholds"] if {
	some name, side in input.decisionRule.against
	side.figures.thresholds.from != side.figures.thresholds.to
}

_changed contains [name, "actionsChanged"] if {
	some name, side in input.decisionRule.against
	side.figures.actionsChanged == true
}

_changed contains [name, "scoreChanged"] if {
	some name, side in input.decisionRule.against
	side.figures.scoreChanged == true
}

_changed contains [name, "adverseActionChanged"] if {
	some name, side in input.decisionRule.against
	side.figures.adverseActionChanged == true
}

_rule_changed(name) if {
	some [at, _] in _changed
	at == name
}

# The first threshold that moved, or the two counts when one was added or taken out.
_threshold_shift(name, thresholds) := shared.text("DEC-001", "reviewer", pointer, thresholds.to[i], thresholds.from[i]) if {
	count(thresholds.from) == count(thresholds.to)
	i := min([k | some k, to in thresholds.to; to != thresholds.from[k]])
	pointer := shared.at(["decisionRule/against", name, "figures/thresholds/to", shared.position(i)])
}

_threshold_shift(name, thresholds) := shared.figure("DEC-001", "reviewer", pointer, after, before, "count") if {
	after := count(thresholds.to)
	before := count(thresholds.from)
	after != before
	pointer := _pointer(name, "thresholds")
}

# METADATA
# title: A decision threshold moved
# description: Applicants with the same score may now get another decision.
# custom:
#   code: DEC-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, ECOA-RegB]
#   remedy: Say why the threshold moved and whom it moves.
#   since: 0.1.0
findings contains finding if {
	some [name, "thresholds"] in _changed
	finding := _threshold_shift(name, input.decisionRule.against[name].figures.thresholds)
}

# METADATA
# title: The actions of a score range changed
# description: The thresholds are the same, yet a score range leads to another action than at the baseline.
# custom:
#   code: DEC-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, ECOA-RegB]
#   remedy: Say which action follows which score now and why.
#   since: 0.1.0
findings contains finding if {
	some [name, "actionsChanged"] in _changed
	not [name, "thresholds"] in _changed
	finding := shared.text("DEC-002", "reviewer", _pointer(name, "actionsChanged"), null, null)
}

# METADATA
# title: Another score is decided on
# description: The decision reads another score column than at the baseline.
# custom:
#   code: DEC-003
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say how the new score relates to the old one.
#   since: 0.1.0
findings contains finding if {
	some [name, "scoreChanged"] in _changed
	finding := shared.text("DEC-003", "reviewer", _pointer(name, "scoreChanged"), null, null)
}

# METADATA
# title: What counts as adverse action changed
# description: Other decisions than before must be explained to the customer.
# custom:
#   code: DEC-004
#   min_path: reviewer
#   severity: high
#   owner: model-risk
#   controls: [ECOA-RegB]
#   remedy: Have a second reviewer confirm which customers are told reasons.
#   since: 0.1.0
findings contains finding if {
	some [name, "adverseActionChanged"] in _changed
	finding := shared.text("DEC-004", "reviewer", _pointer(name, "adverseActionChanged"), null, null)
}

# METADATA
# title: A moved rule gives many applicants another decision
# description: The rule changed and more decisions of the evaluation set flip than was agreed.
# custom:
#   code: DEC-005
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, ECOA-RegB]
#   remedy: Show the committee who gets another decision.
#   since: 0.1.0
#   threshold: limits.decision_rule.flips_with_change_ppm
findings contains finding if {
	some name, side in input.decisionRule.against
	_rule_changed(name)
	observed := side.figures.flips.rate_ppm
	is_number(observed)
	observed > _limits.flips_with_change_ppm
	finding := shared.figure("DEC-005", "committee", _flips(name), observed, _limits.flips_with_change_ppm, "ppm")
}

# METADATA
# title: Many applicants get another decision under the same rule
# description: The rule is the same, yet more decisions of the evaluation set flip than was agreed.
# custom:
#   code: DEC-006
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the new model decides so many cases in another way.
#   since: 0.1.0
#   threshold: limits.decision_rule.flips_same_rule_ppm
findings contains finding if {
	some name, side in input.decisionRule.against
	not _rule_changed(name)
	observed := side.figures.flips.rate_ppm
	is_number(observed)
	observed > _limits.flips_same_rule_ppm
	finding := shared.figure("DEC-006", "reviewer", _flips(name), observed, _limits.flips_same_rule_ppm, "ppm")
}

# METADATA
# title: Nobody can tell whose decision flips
# description: There is a baseline, but no figure of how many decisions differ from it.
# custom:
#   code: DEC-007
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Send predictions with the scores of candidate and baseline on the evaluation set.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.decisionRule.against
	not shared.no_baseline(side)
	not _flips_known(side)
	finding := shared.figure("DEC-007", "committee", _pointer(name, "flips"), null, null, "ppm")
}

_flips(name) := shared.at(["decisionRule/against", name, "figures/flips/rate_ppm"])

headroom contains room if {
	some name, side in input.decisionRule.against
	observed := side.figures.flips.rate_ppm
	is_number(observed)
	observed <= _limits.flips_same_rule_ppm
	room := shared.room("DEC-006", _flips(name), observed, _limits.flips_same_rule_ppm, "ppm")
}
