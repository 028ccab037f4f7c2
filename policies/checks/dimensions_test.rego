package checks.dimensions_test

import data.checks.ast_test as t
import data.checks.dimensions

_dimension := "package promotion.a\ndefault cleared := false\ndefault proven := false\nfindings contains 1 if input.x"

_register(source) := t.module("promotion/dimensions/dimensions.rego", source)

_with_schema(module) := json.patch(module, [{
	"op": "add",
	"path": "/ast/annotations",
	"value": [{"scope": "package", "schemas": [{}]}],
}])

_found(source, register) := found if {
	found := t.names(dimensions.violations) with input as t.given({"modules": [
		_with_schema(t.module("promotion/a/a.rego", source)),
		_with_schema(_register(register)),
	]})
}

_imports := "package promotion.dimensions\nimport data.promotion.a\np := a.findings"

test_a_dimension_as_it_should_be if _found(_dimension, _imports) == set()

test_cleared_and_proven_are_false_until_shown if {
	_found("package promotion.a\nfindings contains 1 if input.x", _imports) == {"no-default-false"}
	_found(replace(_dimension, "cleared := false", "cleared := true"), _imports) == {"no-default-false"}
	_found(replace(_dimension, "default proven := false\n", ""), _imports) == {"no-default-false"}
}

test_every_dimension_is_registered if _found(_dimension, "package promotion.dimensions\np := 1") == {"not-routed"}

test_what_finds_nothing_is_no_dimension if {
	_found("package promotion.a\nhelp(x) := x", "package promotion.dimensions\np := 1") == set()
}

test_a_package_names_the_schema_of_its_input if {
	found := t.names(dimensions.violations) with input as t.given({"modules": [_register("package promotion.dimensions\np := 1")]})
	found == {"no-schema"}
}
