# METADATA
# scope: package
# title: Evidence
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.evidence

import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.undoubted(input.evidence)
	is_boolean(input.evidence.figures.predictions)
	is_array(input.evidence.figures.explanations)
	is_number(input.metrics.figures.stated)
}

cleared if {
	proven
	count(findings) == 0
}

# METADATA
# title: No predictions
# description: Nobody but the pipeline can tell how the metrics came about.
# custom:
#   code: EVI-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Send the predictions on the evaluation set.
#   since: 0.1.0
findings contains finding if {
	input.evidence.figures.predictions == false
	finding := shared.text("EVI-001", "reviewer", "/evidence/figures/predictions", null, null)
}

# METADATA
# title: A metric is only stated
# description: A figure stands on the word of the pipeline and could not be made again from the predictions.
# custom:
#   code: EVI-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Send the predictions, or leave out what they cannot give.
#   since: 0.1.0
findings contains finding if {
	observed := input.metrics.figures.stated
	is_number(observed)
	observed > 0
	finding := shared.figure("EVI-002", "reviewer", "/metrics/figures/stated", observed, 0, "count")
}

# METADATA
# title: No explanation
# description: People are asked to decide and nothing shows them what drives the scores.
# custom:
#   code: EVI-003
#   min_path: hold
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Make an explanation on the evaluation set and send a new request.
#   since: 0.1.0
#   threshold: paths.*.artefacts
holds contains {"code": "EVI-003", "artefact": "explanation", "pointer": "/evidence/figures/explanations"} if {
	count(input.evidence.figures.explanations) == 0
}

# METADATA
# title: Nothing explains the candidate
# description: The fifth bound field would be empty, so nobody could later see what drove the scores.
# custom:
#   code: EVI-004
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Let the pipeline freeze an explanation on the evaluation set and send a new request.
#   since: 0.1.0
findings contains finding if {
	count(input.evidence.figures.explanations) == 0
	finding := shared.text("EVI-004", "reviewer", "/evidence/figures/explanations", null, null)
}
