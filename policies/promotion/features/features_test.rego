package promotion.features_test

import data.promotion.features
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"added is null": {
		"do": [t.put(t.at("features", "added"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"added is absent": {
		"do": [t.gone(t.at("features", "added"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"removed is null": {
		"do": [t.put(t.at("features", "removed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"removed is absent": {
		"do": [t.gone(t.at("features", "removed"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"retyped is null": {
		"do": [t.put(t.at("features", "retyped"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"retyped is absent": {
		"do": [t.gone(t.at("features", "retyped"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"relabelled is null": {
		"do": [t.put(t.at("features", "relabelled"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"relabelled is absent": {
		"do": [t.gone(t.at("features", "relabelled"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"reordered is null": {
		"do": [t.put(t.at("features", "reordered"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"reordered is absent": {
		"do": [t.gone(t.at("features", "reordered"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("features")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("features"), t.put("/features/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"added, family and source known": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "added"), [{"name": "f", "family": "x", "source": "y", "familyKnown": true, "sourceKnown": true}])],
		"codes": {"FEA-001"},
		"proven": true,
		"cleared": false,
	},
	"added, family unknown": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "added"), [{"name": "f", "family": "x", "source": "y", "familyKnown": false, "sourceKnown": true}])],
		"codes": {"FEA-002"},
		"proven": true,
		"cleared": false,
	},
	"added, source unknown": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "added"), [{"name": "f", "family": "x", "source": "y", "familyKnown": true, "sourceKnown": false}])],
		"codes": {"FEA-003"},
		"proven": true,
		"cleared": false,
	},
	"added, nothing known": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "added"), [{"name": "f", "family": "x", "source": "y", "familyKnown": false, "sourceKnown": false}])],
		"codes": {"FEA-003"},
		"proven": true,
		"cleared": false,
	},
	"added, nobody says whether it is known": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "added"), [{"name": "f", "family": "x", "source": "y", "familyKnown": null, "sourceKnown": null}])],
		"codes": {"FEA-003"},
		"proven": true,
		"cleared": false,
	},
	"added, a protected attribute": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "added"), [{"name": "f", "family": "x", "source": "y", "familyKnown": true, "sourceKnown": true}]), t.put("/protected/figures/attributes", ["f"])],
		"codes": {"FEA-004"},
		"proven": true,
		"cleared": false,
	},
	"added, a proxy": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "added"), [{"name": "f", "family": "x", "source": "y", "familyKnown": true, "sourceKnown": true}]), t.put("/protected/figures/proxies", ["f"])],
		"codes": {"FEA-004"},
		"proven": true,
		"cleared": false,
	},
	"removed": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "removed"), [{"name": "f", "family": "x", "source": "y"}])],
		"codes": {"FEA-005"},
		"proven": true,
		"cleared": false,
	},
	"retyped": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "retyped"), [{"name": "f", "from": "long", "to": "double"}])],
		"codes": {"FEA-006"},
		"proven": true,
		"cleared": false,
	},
	"reordered": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "reordered"), true)],
		"codes": {"FEA-007"},
		"proven": true,
		"cleared": false,
	},
	"another family": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "relabelled"), [{"name": "f", "field": "family", "from": "a", "to": "b"}])],
		"codes": {"FEA-008"},
		"proven": true,
		"cleared": false,
	},
	"another required": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "relabelled"), [{"name": "f", "field": "required", "from": "a", "to": "b"}])],
		"codes": {"FEA-008"},
		"proven": true,
		"cleared": false,
	},
	"another source": {
		"do": [t.side_state("features", "differs"), t.put(t.at("features", "relabelled"), [{"name": "f", "field": "source", "from": "a", "to": "b"}])],
		"codes": {"FEA-009"},
		"proven": true,
		"cleared": false,
	},
	"count is null": {
		"do": [t.put("/features/figures/count", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("features", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"differs although its state says the same": {
		"do": [t.put(t.at("features", "reordered"), true)],
		"codes": {"FEA-007"},
		"proven": true,
		"cleared": false,
	},
}

test_features[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in features.findings} with input as changed
	codes == case.codes
	proven := features.proven with input as changed
	proven == case.proven
	cleared := features.cleared with input as changed
	cleared == case.cleared
}

test_features_has_no_figure_with_headroom if count(features.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"FEA-001": "reviewer",
	"FEA-002": "committee",
	"FEA-003": "committee",
	"FEA-004": "committee",
	"FEA-005": "reviewer",
	"FEA-006": "reviewer",
	"FEA-007": "reviewer",
	"FEA-008": "reviewer",
	"FEA-009": "committee",
}

test_features_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := features.findings with input as changed
	headroom := features.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
