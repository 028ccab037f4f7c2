# METADATA
# scope: package
# title: Input features
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.features

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.features)
	is_number(input.features.figures.count)
	every side in input.features.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_array(side.figures.added)
	is_array(side.figures.removed)
	is_array(side.figures.retyped)
	is_array(side.figures.relabelled)
	is_boolean(side.figures.reordered)
}

cleared if {
	proven
	shared.unchanged(input.features)
	count(findings) == 0
}

_protected := {name | some name in input.protected.figures.attributes} | {name | some name in input.protected.figures.proxies}

_pointer(name, list, i) := shared.at(["features/against", name, "figures", list, shared.position(i), "name"])

# METADATA
# title: A feature of a known family was added
# description: The model reads one more input, of a family and from a source that are already in use.
# custom:
#   code: FEA-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say what the feature adds and how its quality is watched.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	some i, feature in side.figures.added
	feature.familyKnown == true
	feature.sourceKnown == true
	not feature.name in _protected
	finding := shared.text("FEA-001", "reviewer", _pointer(name, "added", i), feature.name, null)
}

# METADATA
# title: A feature of an unknown family was added
# description: From a source in use, the model reads a kind of information that no approved version read.
# custom:
#   code: FEA-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee why this kind of information may be used.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	some i, feature in side.figures.added
	feature.sourceKnown == true
	not feature.familyKnown == true
	finding := shared.text("FEA-002", "committee", _pointer(name, "added", i), feature.name, null)
}

# METADATA
# title: A feature from a new source was added
# description: The model reads data from a place that no approved version read.
# custom:
#   code: FEA-003
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee where the data comes from and who answers for it.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	some i, feature in side.figures.added
	not feature.sourceKnown == true
	finding := shared.text("FEA-003", "committee", _pointer(name, "added", i), feature.name, null)
}

# METADATA
# title: A protected feature was added
# description: The model reads a protected attribute or a stand-in for one.
# custom:
#   code: FEA-004
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, ECOA-RegB]
#   remedy: Show the committee the legal ground for reading it, or take it out.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	some i, feature in side.figures.added
	feature.name in _protected
	finding := shared.text("FEA-004", "committee", _pointer(name, "added", i), feature.name, null)
}

# METADATA
# title: A feature was removed
# description: The model no longer reads an input that the approved one read.
# custom:
#   code: FEA-005
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why it was taken out and what carries its information now.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	some i, feature in side.figures.removed
	finding := shared.text("FEA-005", "reviewer", _pointer(name, "removed", i), feature.name, null)
}

# METADATA
# title: A feature has another type
# description: An input carries another type of value under the same name.
# custom:
#   code: FEA-006
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the type moved and how old and new rows compare.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	some i, feature in side.figures.retyped
	finding := shared.text("FEA-006", "reviewer", _pointer(name, "retyped", i), feature.to, feature.from)
}

# METADATA
# title: The order of the features changed
# description: A caller that sends inputs by position would feed the wrong ones.
# custom:
#   code: FEA-007
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show that every caller sends the new order.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	side.figures.reordered == true
	pointer := shared.at(["features/against", name, "figures/reordered"])
	finding := shared.text("FEA-007", "reviewer", pointer, null, null)
}

# METADATA
# title: A feature has another family or became optional or required
# description: What was sealed about an input was restated.
# custom:
#   code: FEA-008
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the label was wrong before.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	some i, feature in side.figures.relabelled
	feature.field != "source"
	finding := shared.text("FEA-008", "reviewer", _pointer(name, "relabelled", i), feature.to, feature.from)
}

# METADATA
# title: A feature comes from another source
# description: An input of the same name is now read from another place.
# custom:
#   code: FEA-009
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee where the data comes from and who answers for it.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.features.against
	some i, feature in side.figures.relabelled
	feature.field == "source"
	finding := shared.text("FEA-009", "committee", _pointer(name, "relabelled", i), feature.to, feature.from)
}
