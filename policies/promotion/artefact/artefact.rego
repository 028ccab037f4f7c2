# METADATA
# scope: package
# title: Model files
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.artefact

import data.promotion.calibration
import data.promotion.decision_rule
import data.promotion.features
import data.promotion.hyperparameters
import data.promotion.layers
import data.promotion.loss
import data.promotion.model_class
import data.promotion.protected
import data.promotion.shared
import data.promotion.transforms

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.artefact)
	every side in input.artefact.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_string(side.figures.name.to)
	is_string(side.figures.library.to)
	is_array(side.figures.added)
	is_array(side.figures.removed)
	is_array(side.figures.roles)
	is_array(side.figures.changed)
}

cleared if {
	proven
	count(findings) == 0
	every name, side in input.artefact.against {
		_settled(name, side)
	}
}

# Measured: a retrain refits weights and preprocessor, and says so in no other way.
_settled(_, side) if side.state in {"same", "measured", "asIncumbent"}

_settled(name, _) if {
	some statement, _ in _statements
	some code in ["ART-001", "ART-003", "ART-004", "ART-006"]
	_speaks(statement, name, code)
}

# What a config file says of a model is stated in the request as well. Only a statement that asks people for no less than the
# file would, on this line today, speaks for it: so neither saying more nor a layer or waiver of the one lets the other pass.
_statements := {
	"modelClass": model_class.findings,
	"hyperparameters": hyperparameters.findings,
	"loss": loss.findings,
	"features": features.findings,
	"protected": protected.findings,
	"transforms": transforms.findings,
	"decisionRule": decision_rule.findings,
	"calibration": calibration.findings,
}

_stated(name) if {
	some statement, _ in _statements
	_speaks(statement, name, "ART-006")
}

# Another class of model comes with other files and from another library: MOD-001 and MOD-002 answer for them.
_other_class(name, code) if _speaks("modelClass", name, code)

_speaks(statement, name, code) if {
	input[statement].against[name].state == "differs"
	some finding in _statements[statement]
	path := layers.asked(finding)
	path != "automated"
	layers.weight(path) >= layers.weight(layers.asked({"code": code, "minPath": "reviewer"}))
}

_pointer(name, list, i, key) := shared.at(["artefact/against", name, "figures", list, shared.position(i), key])

# METADATA
# title: Another library
# description: The model was made with another library or another version of it, which may compute the same settings in another way.
# custom:
#   code: ART-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show that the new library gives the same scores from the same weights, or say what it changes.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.artefact.against
	not _other_class(name, "ART-001")
	change := side.figures.library
	change.from != change.to
	pointer := shared.at(["artefact/against", name, "figures/library/to"])
	finding := shared.text("ART-001", "reviewer", pointer, change.to, change.from)
}

# METADATA
# title: Another model name
# description: The candidate goes by another name than the version it is compared with, so it may be another model.
# custom:
#   code: ART-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the model was renamed, and that it is the one that is registered for this line.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.artefact.against
	change := side.figures.name
	change.from != change.to
	pointer := shared.at(["artefact/against", name, "figures/name/to"])
	finding := shared.text("ART-002", "reviewer", pointer, change.to, change.from)
}

# METADATA
# title: A file was added to the model
# description: The model brings a file that the approved one did not have.
# custom:
#   code: ART-003
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say what the file is for and what reads it.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.artefact.against
	not _other_class(name, "ART-003")
	some i, file in side.figures.added
	finding := shared.text("ART-003", "reviewer", _pointer(name, "added", i, "path"), file.path, null)
}

# METADATA
# title: A file was removed from the model
# description: The model lacks a file that the approved one had.
# custom:
#   code: ART-004
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say what the file was for and why nothing needs it now.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.artefact.against
	not _other_class(name, "ART-004")
	some i, file in side.figures.removed
	finding := shared.text("ART-004", "reviewer", _pointer(name, "removed", i, "path"), file.path, null)
}

# METADATA
# title: A file has another role
# description: The same file is said to be something else now, so it would be judged by other rules.
# custom:
#   code: ART-005
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the role was wrong before.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.artefact.against
	some i, file in side.figures.roles
	finding := shared.text("ART-005", "reviewer", _pointer(name, "roles", i, "to"), file.to, file.from)
}

# METADATA
# title: A config file changed and nothing says how
# description: The bytes of a config differ, while all that is stated of the model is as before.
# custom:
#   code: ART-006
#   min_path: reviewer
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: State in the request what the config changes, or put the approved config back.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.artefact.against
	not _stated(name)
	some i, file in side.figures.changed
	file.role == "config"
	finding := shared.text("ART-006", "reviewer", _pointer(name, "changed", i, "path"), file.path, null)
}

# METADATA
# title: A program in the model changed
# description: The model runs other code than the approved one, and no statement in a request can say what code does.
# custom:
#   code: ART-007
#   min_path: reviewer
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Have a person read what changed in the program.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.artefact.against
	some i, file in side.figures.changed
	file.role == "executable"
	finding := shared.text("ART-007", "reviewer", _pointer(name, "changed", i, "path"), file.path, null)
}
