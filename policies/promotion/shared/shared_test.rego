package promotion.shared_test

import data.promotion.shared

# One change to the clear input, against the incumbent or of the candidate alone.
at(dimension, figure) := concat("/", ["", dimension, "against/incumbent/figures", figure])

since(dimension, figure) := concat("/", ["", dimension, "against/lastHumanApproved/figures", figure])

put(path, value) := {"op": "add", "path": path, "value": value}

gone(path) := {"op": "remove", "path": path}

# Gives the dimension a last human-approved version of its own, as like as the incumbent.
own_side(dimension) := {
	"op": "copy",
	"from": concat("/", ["", dimension, "against/incumbent"]),
	"path": concat("/", ["", dimension, "against/lastHumanApproved"]),
}

side_state(dimension, state) := put(concat("/", ["", dimension, "against/incumbent/state"]), state)

doubt(dimension, why) := [
	put(concat("/", ["", dimension, "state"]), "unknown"),
	put(concat("/", ["", dimension, "why"]), [why]),
	put(concat("/", ["", dimension, "against/incumbent/state"]), "unknown"),
	put(concat("/", ["", dimension, "against/incumbent/why"]), [why]),
]

changed(operations) := json.patch(data.fixtures.clear, operations)

# What holds of every case: a finding has the path that people agreed on, and headroom is of rules that were measured and did
# not fire.
lawful(findings, headroom, paths) if {
	every finding in findings {
		paths[finding.code] == finding.minPath
	}
	every room in headroom {
		is_number(room.observed)
		is_number(room.limit)
		not [room.code, room.pointer] in {[finding.code, finding.pointer] | some finding in findings}
	}
}

test_only_no_incumbent if {
	shared.only_no_incumbent(["no-incumbent"])
	not shared.only_no_incumbent([])
	not shared.only_no_incumbent(["no-incumbent", "profile-missing"])
}

test_no_baseline_is_not_an_unknown_one if {
	shared.no_baseline({"state": "none", "why": []})
	shared.no_baseline({"state": "unknown", "why": ["no-incumbent"]})
	not shared.no_baseline({"state": "unknown", "why": ["profile-missing"]})
	not shared.no_baseline({"state": "same", "why": []})
}

test_a_doubt_of_any_side_is_no_proof if {
	clear := data.fixtures.clear.loss
	shared.compared(clear)
	not shared.compared(json.patch(clear, [put("/state", "unknown")]))
	not shared.compared(json.patch(clear, [put("/why", ["line-unknown"])]))
	not shared.compared(json.patch(clear, [put("/against/incumbent/state", "none")]))
	not shared.compared(json.patch(clear, [put("/against/incumbent/state", "asIncumbent")]))
	not shared.compared(json.patch(clear, [put("/against/lastHumanApproved/state", "none")]))
	not shared.compared(json.patch(clear, [put("/against/lastHumanApproved/state", "unknown")]))
}

test_a_known_side_has_a_baseline_whatever_reasons_it_names if {
	not shared.no_baseline({"state": "same", "why": ["no-incumbent"]})
}

test_limits_are_known_when_each_is_a_number if {
	shared.limits_known({"a": 1, "b": 2}, ["a", "b"])
	not shared.limits_known({"a": 1, "b": null}, ["a", "b"])
	not shared.limits_known({"a": 1}, ["a", "b"])
}

test_what_is_in_doubt_is_not_unchanged if {
	shared.unchanged(data.fixtures.clear.loss)
	not shared.unchanged(json.patch(data.fixtures.clear.loss, [put("/why", ["line-unknown"])]))
}
