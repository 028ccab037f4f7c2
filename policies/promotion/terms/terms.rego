# METADATA
# scope: package
# title: Terms
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.terms

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.compared(input.terms)
	every side in input.terms.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

_known(side) if {
	is_array(side.figures.loosened)
	is_array(side.figures.families)
}

# Tighter terms differ and need nobody.
cleared if {
	proven
	count(findings) == 0
}

# METADATA
# title: A band was loosened
# description: What is sealed now for the next promotion allows more than the sealed terms of the baseline.
# custom:
#   code: TER-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the next promotion may be worse than this one was allowed to be.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.terms.against
	some i, band in side.figures.loosened
	pointer := shared.at(["terms/against", name, "figures/loosened", shared.position(i), "to"])
	finding := shared.text("TER-001", "reviewer", pointer, band.to, band.from)
}

# METADATA
# title: The family of a feature was restated
# description: A family decides how the next added feature is judged, so it may not move unseen.
# custom:
#   code: TER-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the feature belongs to another family.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.terms.against
	some i, family in side.figures.families
	pointer := shared.at(["terms/against", name, "figures/families", shared.position(i), "to"])
	finding := shared.text("TER-002", "reviewer", pointer, family.to, family.from)
}
