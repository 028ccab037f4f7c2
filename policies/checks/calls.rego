# What a rule may call: only what capabilities.json allows, so that a decision is pure and both engines know every call.
package checks.calls

import data.checks.ast

# Never, even if somebody adds it to capabilities.json: clock, chance, network, text building, output.
_banned := {"sprintf", "print", "trace", "walk", "numbers.range", "internal.template_string", "internal.print"}

_banned_families := {"time", "rand", "http", "uuid", "crypto", "io", "net", "opa", "rego", "regex", "glob", "yaml", "json"}

_is_banned(name) if name in _banned

_is_banned(name) if split(name, ".")[0] in _banned_families

violations contains ast.violation("banned-call", module.file, call.row, message) if {
	some module in input.modules
	not ast.is_test(module)
	some call in ast.calls(module.ast)
	call.name in input.builtins
	not call.name in input.capabilities
	message := sprintf("%s is not in capabilities.json: a rule computes from input and data only", [call.name])
}

violations contains ast.violation("banned-capability", "capabilities.json", 1, message) if {
	some name in input.capabilities
	_is_banned(name)
	message := sprintf("%s may never be allowed", [name])
}

# Interpolation compiles to a built-in that Wasm does not have.
violations contains ast.violation("string-interpolation", module.file, ast.row(node), message) if {
	some module in input.modules
	not ast.is_test(module)
	walk(module.ast.rules, [_, node])
	node.type == "templatestring"
	message := "text is written in TypeScript from codes and figures, never in a rule"
}

# `with` replaces what was sealed, and Wasm does it wrongly for other than objects (opa issue 6304).
violations contains ast.violation("with-outside-tests", module.file, ast.row(node), message) if {
	some module in input.modules
	not ast.is_test(module)
	walk(module.ast.rules, [_, node])
	node["with"]
	message := "`with` is for tests: a rule judges the input it was given"
}
