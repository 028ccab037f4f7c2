package checks.calls_test

import data.checks.ast_test as t
import data.checks.calls

_found(source) := found if {
	found := t.names(calls.violations) with input as t.given({
		"modules": [t.module("promotion/a/a.rego", source)],
		"builtins": ["gt", "count", "time.now_ns", "rand.intn", "http.send", "sprintf", "print", "walk"],
		"capabilities": ["gt", "count"],
	})
}

_cases := {
	"allowed calls": {"source": "package promotion.a\np if count(input.x) > 0", "rules": set()},
	"an own function": {"source": "package promotion.a\nf(x) := x\np if f(1)", "rules": set()},
	"the clock": {"source": "package promotion.a\np := time.now_ns()", "rules": {"banned-call"}},
	"chance": {"source": "package promotion.a\np := rand.intn(\"x\", 2)", "rules": {"banned-call"}},
	"the network": {"source": "package promotion.a\np := http.send({})", "rules": {"banned-call"}},
	"text building": {"source": "package promotion.a\np := sprintf(\"%v\", [1])", "rules": {"banned-call"}},
	"output": {"source": "package promotion.a\np if print(1)", "rules": {"banned-call"}},
	"in a comprehension": {"source": "package promotion.a\np := [x | walk(input, x)]", "rules": {"banned-call"}},
	"interpolated text": {"source": "package promotion.a\np := $\"{input.x} rows\"", "rules": {"string-interpolation"}},
	"with": {"source": "package promotion.a\np if data.q with input as {}", "rules": {"with-outside-tests"}},
}

test_calls[note] if {
	some note, case in _cases
	_found(case.source) == case.rules
}

test_a_test_may_call_more if {
	source := "package promotion.a_test\np if sprintf(\"%v\", [1]) == \"1\" with input as {}"
	found := calls.violations with input as t.given({
		"modules": [t.module("promotion/a/a_test.rego", source)],
		"builtins": ["sprintf"],
	})
	count(found) == 0
}

test_capabilities_never_hold_what_is_banned if {
	found := t.names(calls.violations) with input as t.given({"capabilities": ["count", "time.now_ns"]})
	found == {"banned-capability"}
	range := t.names(calls.violations) with input as t.given({"capabilities": ["numbers.range"]})
	range == {"banned-capability"}
	none := calls.violations with input as t.given({"capabilities": ["count", "concat"]})
	count(none) == 0
}
