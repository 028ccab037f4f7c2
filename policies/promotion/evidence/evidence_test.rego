package promotion.evidence_test

import data.promotion.evidence
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"no predictions": {
		"do": [t.put("/evidence/figures/predictions", false)],
		"codes": {"EVI-001"},
		"proven": true,
		"cleared": false,
	},
	"0 stated metrics": {
		"do": [t.put("/metrics/figures/stated", 0)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"1 stated metrics": {
		"do": [t.put("/metrics/figures/stated", 1)],
		"codes": {"EVI-002"},
		"proven": true,
		"cleared": false,
	},
	"/evidence/figures/predictions is null": {
		"do": [t.put("/evidence/figures/predictions", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"/evidence/figures/explanations is null": {
		"do": [t.put("/evidence/figures/explanations", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"/metrics/figures/stated is null": {
		"do": [t.put("/metrics/figures/stated", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"no explanation": {
		"do": [t.put("/evidence/figures/explanations", [])],
		"codes": {"EVI-004"},
		"proven": true,
		"cleared": false,
	},
	"in doubt": {
		"do": [t.put("/evidence/why", ["line-unknown"])],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"stated is of another type": {
		"do": [t.put("/metrics/figures/stated", {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
}

test_evidence[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in evidence.findings} with input as changed
	codes == case.codes
	proven := evidence.proven with input as changed
	proven == case.proven
	cleared := evidence.cleared with input as changed
	cleared == case.cleared
}

test_evidence_has_no_figure_with_headroom if count(evidence.headroom) == 0

test_no_explanation_is_a_hold if {
	holds := evidence.holds with input as t.changed([t.put("/evidence/figures/explanations", [])])
	count(holds) == 1
}

# The path of each rule, as it was agreed.
_paths := {
	"EVI-001": "reviewer",
	"EVI-002": "reviewer",
	"EVI-004": "reviewer",
}

test_evidence_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := evidence.findings with input as changed
	headroom := evidence.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

test_a_stated_metric_is_held_against_none if {
	changed := t.changed([t.put("/metrics/figures/stated", 3)])
	found := {[finding.observed, finding.limit] | some finding in evidence.findings} with input as changed
	found == {[3, 0]}
}
