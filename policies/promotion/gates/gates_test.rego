package promotion.gates_test

import data.promotion.gates
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"no performance gate": {
		"do": [t.gone("/gates/figures/results/0")],
		"codes": {"GAT-001"},
		"proven": true,
		"cleared": false,
	},
	"no fairness gate": {
		"do": [t.gone("/gates/figures/results/1")],
		"codes": {"GAT-001"},
		"proven": true,
		"cleared": false,
	},
	"no security gate": {
		"do": [t.gone("/gates/figures/results/2")],
		"codes": {"GAT-001"},
		"proven": true,
		"cleared": false,
	},
	"one failed": {
		"do": [t.put("/gates/figures/results/0/result", "fail")],
		"codes": {"GAT-002"},
		"proven": true,
		"cleared": false,
	},
	"results is null": {
		"do": [t.put("/gates/figures/results", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"in doubt": {
		"do": [t.put("/gates/why", ["line-unknown"])],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_gates[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in gates.findings} with input as changed
	codes == case.codes
	proven := gates.proven with input as changed
	proven == case.proven
	cleared := gates.cleared with input as changed
	cleared == case.cleared
}

test_gates_has_no_figure_with_headroom if count(gates.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"GAT-001": "committee",
	"GAT-002": "committee",
}

test_gates_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := gates.findings with input as changed
	headroom := gates.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not gates.proven with input as data.fixtures.clear with data.gates as {"required": {}}
}
