# Reading what `opa parse -f json --json-include locations` prints of a module.
package checks.ast

# Every call, infix ones by their built-in name: `a > b` is gt(a, b).
calls(tree) := {{"name": _dotted(parts[0]), "arguments": array.slice(parts, 1, count(parts)), "row": row(parts[0])} |
	walk(tree, [_, node])
	parts := _call(node)
	parts[0].type == "ref"
}

_call(node) := node.terms if is_array(node.terms)

_call(node) := node.value if node.type == "call"

_dotted(ref) := concat(".", [part.value | some part in ref.value])

# 0 where the parser gave no place, as for modules parsed inside a test.
row(node) := object.get(node, ["location", "row"], 0)

# The literal of a term, or undefined.
literal(term) := term.value if term.type in {"string", "number"}

is_test(module) if endswith(module.file, "_test.rego")

# Rules that add to the set of this name.
named(module, names) := {rule |
	some rule in module.ast.rules
	rule.head.ref[0].value in names
}

# The METADATA block that stands right above a rule.
metadata(module, rule) := custom if {
	some annotation in module.ast.annotations
	annotation.scope == "rule"
	lines := split(base64.decode(annotation.location.text), "\n")
	annotation.location.row + count(lines) == rule.location.row
	custom := annotation.custom
}

# Findings are only ever written by shared.text and shared.figure, code first and path second.
written(tree) := {{"code": literal(call.arguments[0]), "path": literal(call.arguments[1]), "row": call.row} |
	some call in calls(tree)
	call.name in {"shared.text", "shared.figure"}
}

violation(rule, file, row, message) := {"rule": rule, "file": file, "row": row, "message": message}
