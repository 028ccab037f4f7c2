# METADATA
# scope: package
# title: Model class
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.model_class

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.modelClass)
	every side in input.modelClass.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_string(side.figures.class.to)
	is_string(side.figures.family.to)
}

cleared if {
	proven
	shared.unchanged(input.modelClass)
	count(findings) == 0
}

# METADATA
# title: The model class changed
# description: Another kind of model decides, so what was known about the old one no longer holds.
# custom:
#   code: MOD-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Give the committee a full comparison of both classes.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.modelClass.against
	change := side.figures.class
	change.from != change.to
	pointer := shared.at(["modelClass", "against", name, "figures", "class", "to"])
	finding := shared.text("MOD-001", "committee", pointer, change.to, change.from)
}

# METADATA
# title: The model family changed
# description: The class has the same name, yet the model is said to come from another family of methods.
# custom:
#   code: MOD-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Give the committee a full comparison of both families.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.modelClass.against
	side.figures.class.from == side.figures.class.to
	change := side.figures.family
	change.from != change.to
	pointer := shared.at(["modelClass", "against", name, "figures", "family", "to"])
	finding := shared.text("MOD-002", "committee", pointer, change.to, change.from)
}
