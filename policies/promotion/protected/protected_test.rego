package promotion.protected_test

import data.promotion.protected
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"changed is null": {
		"do": [t.put(t.at("protected", "changed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"changed is absent": {
		"do": [t.gone(t.at("protected", "changed"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("protected")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("protected"), t.put("/protected/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"a label changed": {
		"do": [t.side_state("protected", "differs"), t.put(t.at("protected", "changed"), [{"name": "f", "from": "no", "to": "proxy"}])],
		"codes": {"PRO-001"},
		"proven": true,
		"cleared": false,
	},
	"attributes is null": {
		"do": [t.put("/protected/figures/attributes", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"proxies is null": {
		"do": [t.put("/protected/figures/proxies", null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [t.side_state("protected", "differs")],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"differs although its state says the same": {
		"do": [t.put(t.at("protected", "changed"), [{"name": "f", "from": "no", "to": "proxy"}])],
		"codes": {"PRO-001"},
		"proven": true,
		"cleared": false,
	},
}

test_protected[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in protected.findings} with input as changed
	codes == case.codes
	proven := protected.proven with input as changed
	proven == case.proven
	cleared := protected.cleared with input as changed
	cleared == case.cleared
}

test_protected_has_no_figure_with_headroom if count(protected.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"PRO-001": "committee",
}

test_protected_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := protected.findings with input as changed
	headroom := protected.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}
