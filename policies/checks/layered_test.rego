package checks.layered_test

import data.checks.ast_test as t
import data.checks.layered

_found(file, source) := found if {
	found := t.names(layered.violations) with input as t.given({"modules": [t.module(file, source)]})
}

test_numbers_are_read_through_the_layers if {
	reads := "package promotion.a\n_limit := data.limits.a.b"
	_found("promotion/a/a.rego", reads) == {"past-the-layers"}
	_found("promotion/layers/layers.rego", reads) == set()
	_found("promotion/a/a_test.rego", reads) == set()
	_found("promotion/a/a.rego", "package promotion.a\n_limit := data.promotion.layers.limits.a") == set()
	_found("promotion/a/a.rego", "package promotion.a\np if data.lines[input.line]") == set()
	_found("promotion/a/a.rego", "package promotion.a\np if some x in data.tiers") == {"past-the-layers"}
}
