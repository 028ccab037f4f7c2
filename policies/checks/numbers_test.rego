package checks.numbers_test

import data.checks.ast_test as t
import data.checks.numbers

_found(source) := found if {
	found := t.names(numbers.violations) with input as t.given({"modules": [t.module("promotion/a/a.rego", source)]})
}

_cases := {
	"nought and one": {"source": "package promotion.a\np if input.x > 0\nq := 1", "rules": set()},
	"a limit in code": {"source": "package promotion.a\np if input.x > 250000", "rules": {"number-in-code"}},
	"a negative one": {"source": "package promotion.a\np if input.x > -5", "rules": {"number-in-code"}},
	"deep in a literal": {"source": "package promotion.a\np := {\"a\": [{\"b\": 12}]}", "rules": {"number-in-code"}},
	"the base that a position is written in": {"source": "package promotion.a\nf(i) := format_int(i, 10)", "rules": set()},
	"the number that is written": {"source": "package promotion.a\np := format_int(7, 10)", "rules": {"number-in-code"}},
}

test_numbers[note] if {
	some note, case in _cases
	_found(case.source) == case.rules
}

test_a_test_may_hold_numbers if {
	found := numbers.violations with input as t.given({"modules": [t.module("promotion/a/a_test.rego", "package promotion.a_test\np := 7")]})
	count(found) == 0
}

_thresholds(names, figures) := found if {
	found := t.names(numbers.violations) with input as t.given({
		"data": figures,
		"annotations": [{"annotations": {"custom": {"threshold": name}}, "location": {"file": "a.rego", "row": 1}} | some name in names],
	})
}

test_each_limit_has_a_rule_and_each_threshold_a_limit if {
	figures := {"limits": {"a": {"b": 5}}, "lines": {"x": {"minRows": 3}}}
	_thresholds(["limits.a.b"], figures) == set()
	_thresholds(["limits.a"], figures) == set()
	_thresholds(["limits.*.b", "lines.minRows", "lines.*.minRows"], figures) == set()
	_thresholds([], figures) == {"limit-without-rule"}
	_thresholds(["limits.a.b", "limits.a.c"], figures) == {"threshold-without-limit"}
}
