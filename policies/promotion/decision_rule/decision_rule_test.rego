package promotion.decision_rule_test

import data.promotion.decision_rule
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"thresholds is null": {
		"do": [t.put(t.at("decisionRule", "thresholds"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"thresholds is absent": {
		"do": [t.gone(t.at("decisionRule", "thresholds"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"actionsChanged is null": {
		"do": [t.put(t.at("decisionRule", "actionsChanged"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"actionsChanged is absent": {
		"do": [t.gone(t.at("decisionRule", "actionsChanged"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"scoreChanged is null": {
		"do": [t.put(t.at("decisionRule", "scoreChanged"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"scoreChanged is absent": {
		"do": [t.gone(t.at("decisionRule", "scoreChanged"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"adverseActionChanged is null": {
		"do": [t.put(t.at("decisionRule", "adverseActionChanged"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"adverseActionChanged is absent": {
		"do": [t.gone(t.at("decisionRule", "adverseActionChanged"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("decisionRule")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("decisionRule"), t.put("/decisionRule/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"a threshold moved": {
		"do": [t.side_state("decisionRule", "differs"), t.put(t.at("decisionRule", "thresholds/to"), ["0.45"])],
		"codes": {"DEC-001"},
		"proven": true,
		"cleared": false,
	},
	"a threshold was added": {
		"do": [t.side_state("decisionRule", "differs"), t.put(t.at("decisionRule", "thresholds/to"), ["0.45", "0.5"])],
		"codes": {"DEC-001"},
		"proven": true,
		"cleared": false,
	},
	"actionsChanged": {
		"do": [t.side_state("decisionRule", "differs"), t.put(t.at("decisionRule", "actionsChanged"), true)],
		"codes": {"DEC-002"},
		"proven": true,
		"cleared": false,
	},
	"a threshold moved, and its ranges with it": {
		"do": [
			t.side_state("decisionRule", "differs"),
			t.put(t.at("decisionRule", "thresholds/to"), ["0.45"]),
			t.put(t.at("decisionRule", "actionsChanged"), true),
		],
		"codes": {"DEC-001"},
		"proven": true,
		"cleared": false,
	},
	"scoreChanged": {
		"do": [t.side_state("decisionRule", "differs"), t.put(t.at("decisionRule", "scoreChanged"), true)],
		"codes": {"DEC-003"},
		"proven": true,
		"cleared": false,
	},
	"adverseActionChanged": {
		"do": [t.side_state("decisionRule", "differs"), t.put(t.at("decisionRule", "adverseActionChanged"), true)],
		"codes": {"DEC-004"},
		"proven": true,
		"cleared": false,
	},
	"rule changed, flips at 99999": {
		"do": [t.put(t.at("decisionRule", "scoreChanged"), true), t.put(t.at("decisionRule", "flips/rate_ppm"), 99999)],
		"codes": {"DEC-003"},
		"proven": true,
		"cleared": false,
	},
	"rule changed, flips at 100000": {
		"do": [t.put(t.at("decisionRule", "scoreChanged"), true), t.put(t.at("decisionRule", "flips/rate_ppm"), 100000)],
		"codes": {"DEC-003"},
		"proven": true,
		"cleared": false,
	},
	"rule changed, flips at 100001": {
		"do": [t.put(t.at("decisionRule", "scoreChanged"), true), t.put(t.at("decisionRule", "flips/rate_ppm"), 100001)],
		"codes": {"DEC-003", "DEC-005"},
		"proven": true,
		"cleared": false,
	},
	"same rule, flips at 149999": {
		"do": [t.put(t.at("decisionRule", "flips/rate_ppm"), 149999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"same rule, flips at 150000": {
		"do": [t.put(t.at("decisionRule", "flips/rate_ppm"), 150000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"same rule, flips at 150001": {
		"do": [t.put(t.at("decisionRule", "flips/rate_ppm"), 150001)],
		"codes": {"DEC-006"},
		"proven": true,
		"cleared": false,
	},
	"flips unknown": {
		"do": [t.put(t.at("decisionRule", "flips"), null)],
		"codes": {"DEC-007"},
		"proven": false,
		"cleared": false,
	},
	"flips since people unknown": {
		"do": [t.own_side("decisionRule"), t.put(t.since("decisionRule", "flips"), null)],
		"codes": {"DEC-007"},
		"proven": false,
		"cleared": false,
	},
	"flip rate is a text": {
		"do": [t.put(t.at("decisionRule", "flips/rate_ppm"), "0")],
		"codes": {"DEC-007"},
		"proven": false,
		"cleared": false,
	},
	"the rule changed since people, not since the incumbent": {
		"do": [t.own_side("decisionRule"), t.put(t.since("decisionRule", "scoreChanged"), true), t.put(t.at("decisionRule", "flips/rate_ppm"), 120000)],
		"codes": {"DEC-003"},
		"proven": true,
		"cleared": false,
	},
	"rule changed, flip rate of another type": {
		"do": [t.put(t.at("decisionRule", "scoreChanged"), true), t.put(t.at("decisionRule", "flips/rate_ppm"), {"x": 1})],
		"codes": {"DEC-003", "DEC-007"},
		"proven": false,
		"cleared": false,
	},
	"rule changed, flips at 150001": {
		"do": [t.put(t.at("decisionRule", "scoreChanged"), true), t.put(t.at("decisionRule", "flips/rate_ppm"), 150001)],
		"codes": {"DEC-003", "DEC-005"},
		"proven": true,
		"cleared": false,
	},
	"flip rate is null": {
		"do": [t.put(t.at("decisionRule", "flips/rate_ppm"), null)],
		"codes": {"DEC-007"},
		"proven": false,
		"cleared": false,
	},
}

test_decision_rule[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in decision_rule.findings} with input as changed
	codes == case.codes
	proven := decision_rule.proven with input as changed
	proven == case.proven
	cleared := decision_rule.cleared with input as changed
	cleared == case.cleared
}

test_decision_rule_headroom_is_below_its_limit if {
	rooms := decision_rule.headroom with input as data.fixtures.clear
	count(rooms) > 0
	every room in rooms {
		room.observed <= room.limit
	}
}

# The path of each rule, as it was agreed.
_paths := {
	"DEC-001": "reviewer",
	"DEC-002": "reviewer",
	"DEC-003": "reviewer",
	"DEC-004": "reviewer",
	"DEC-005": "committee",
	"DEC-006": "reviewer",
	"DEC-007": "committee",
}

test_decision_rule_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := decision_rule.findings with input as changed
	headroom := decision_rule.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

test_without_its_numbers_nothing_is_proven if {
	not decision_rule.proven with input as data.fixtures.clear with data.promotion.layers.limits as {"decision_rule": {}}
}

# How near each figure may come to its limit without firing.
_nearest := {"DEC-006": 0}

test_decision_rule_headroom_reaches_the_limit[code] if {
	some code, left in _nearest
	rooms := {room | some case in _cases; some room in _rooms(case)}
	left == min([near | some room in rooms; room.code == code; near := room.limit - room.observed])
}

_rooms(case) := rooms if {
	changed := t.changed(case.do)
	rooms := decision_rule.headroom with input as changed
}

test_the_first_threshold_that_moved_is_shown if {
	changed := t.changed([t.put(t.at("decisionRule", "thresholds"), {"from": ["0.3", "0.5", "0.7"], "to": ["0.3", "0.4", "0.6"]})])
	found := {[finding.pointer, finding.observed, finding.limit] | some finding in decision_rule.findings} with input as changed
	found == {["/decisionRule/against/incumbent/figures/thresholds/to/1", "0.4", "0.5"]}
}
