# METADATA
# scope: package
# title: Hyperparameters
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.hyperparameters

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.hyperparameters)
	every side in input.hyperparameters.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_array(side.figures.changed)
	is_array(side.figures.added)
	is_array(side.figures.removed)
}

cleared if {
	proven
	shared.nothing_raised(findings)
	every name, side in input.hyperparameters.against {
		_settled(name, side)
	}
}

_settled(_, side) if side.state in {"same", "asIncumbent"}

_settled(name, _) if _other_class(name)

# Of another model class the settings are other settings: MOD-001 answers for them.
_other_class(name) if {
	change := input.modelClass.against[name].figures.class
	change.from != change.to
}

# METADATA
# title: A hyperparameter has another value
# description: The model was trained with another setting than the approved one.
# custom:
#   code: HYP-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the value was moved and what it does to the model.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.hyperparameters.against
	not _other_class(name)
	some i, change in side.figures.changed
	pointer := shared.at(["hyperparameters/against", name, "figures/changed", shared.position(i)])
	finding := shared.text("HYP-001", "reviewer", pointer, change.to, change.from)
}

# METADATA
# title: The set of hyperparameters changed
# description: A hyperparameter was added or removed, so the model is trained in another way.
# custom:
#   code: HYP-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee what the new set of hyperparameters does.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.hyperparameters.against
	not _other_class(name)
	lists := {"added": side.figures.added, "removed": side.figures.removed}
	some list, entries in lists
	some i, entry in entries
	pointer := shared.at(["hyperparameters/against", name, "figures", list, shared.position(i)])
	finding := shared.text("HYP-002", "committee", pointer, entry, null)
}

# METADATA
# title: Hyperparameters of another model class
# description: The model class changed, so its settings are not compared with those of the old class one by one.
# custom:
#   code: HYP-003
#   min_path: automated
#   severity: info
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Explain the settings with the new model class.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.hyperparameters.against
	_other_class(name)
	side.state == "differs"
	pointer := shared.at(["hyperparameters/against", name, "state"])
	finding := shared.text("HYP-003", "automated", pointer, null, null)
}
