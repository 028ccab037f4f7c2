package checks.ast_test

import data.checks.ast

# A module as `opa parse` prints it, but without rows: the parser inside a test gives none.
module(file, source) := {"file": file, "ast": rego.parse_module(file, source)}

# The same with METADATA right above its rules: by the place of the rule in the file.
described(file, source, customs) := json.patch(module(file, source), array.concat(
	[{"op": "add", "path": "/ast/annotations", "value": [_annotation(i, custom) | some i, custom in customs]}],
	[{"op": "add", "path": concat("/", ["/ast/rules", i, "location"]), "value": {"row": _row(i)}} | some i, _ in customs],
))

_row(i) := 10 + (to_number(i) * 10)

_annotation(i, custom) := {
	"scope": "rule",
	"custom": custom,
	"location": {"row": _row(i) - 2, "text": base64.encode("# METADATA\n# title: A rule")},
}

names(violations) := {violation.rule | some violation in violations}

# Each input with what is not spoken of left empty.
given(part) := object.union(
	{
		"modules": [],
		"annotations": [],
		"builtins": [],
		"capabilities": [],
		"codes": [],
		"adapter_codes": [],
		"data": {},
	},
	part,
)

test_calls_are_found_infix_nested_and_qualified if {
	parsed := rego.parse_module("a.rego", "package a\np if { count(input.x) > 1; object.get(input, \"a\", 0) }")
	{call.name | some call in ast.calls(parsed)} == {"gt", "count", "object.get"}
}

test_a_place_is_zero_where_there_is_none if {
	ast.row({"location": {"row": 7}}) == 7
	ast.row({}) == 0
}

test_metadata_is_that_of_the_next_rule_only if {
	source := "package a\nfindings contains 1 if true\nfindings contains 2 if true"
	given_one := described("a.rego", source, {"1": {"code": "AAA-001"}})
	ast.metadata(given_one, given_one.ast.rules[1]).code == "AAA-001"
	not ast.metadata(given_one, given_one.ast.rules[0])
}
