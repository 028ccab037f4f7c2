# METADATA
# scope: package
# title: Validation gates
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.gates

import data.promotion.layers
import data.promotion.shared

default cleared := false

default proven := false

headroom := set()

proven if {
	shared.undoubted(input.gates)
	is_array(layers.required_gates)
	is_array(input.gates.figures.results)
}

cleared if {
	proven
	count(findings) == 0
}

# METADATA
# title: A required gate was not run
# description: Performance, fairness and security must each have been checked before anybody decides.
# custom:
#   code: GAT-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, AI-Act-Art-9]
#   remedy: Run the missing gate and send a new request.
#   since: 0.1.0
#   threshold: gates.required
findings contains finding if {
	some kind in layers.required_gates
	every gate in input.gates.figures.results {
		gate.kind != kind
	}
	finding := shared.text("GAT-001", "committee", "/gates/figures/results", null, kind)
}

# METADATA
# title: A gate failed
# description: A validation gate says no; such a request is refused before it comes here.
# custom:
#   code: GAT-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, AI-Act-Art-9]
#   remedy: Mend the model and send a new request.
#   since: 0.1.0
findings contains finding if {
	some i, gate in input.gates.figures.results
	gate.result != "pass"
	pointer := shared.at(["gates/figures/results", shared.position(i), "result"])
	finding := shared.text("GAT-002", "committee", pointer, gate.result, "pass")
}
