# A dimension proves itself clear, and is registered where the path is decided.
package checks.dimensions

import data.checks.ast

_dimensions contains module if {
	some module in input.modules
	not ast.is_test(module)
	count(ast.named(module, {"findings"})) > 0
}

_default_false(module, name) if {
	some rule in ast.named(module, {name})
	rule["default"]
	rule.head.value.value == false
}

violations contains ast.violation("no-default-false", module.file, 1, message) if {
	some module in _dimensions
	some name in ["cleared", "proven"]
	not _default_false(module, name)
	message := sprintf("add `default %s := false`: unknown is never unchanged", [name])
}

_registered contains path if {
	some module in input.modules
	module.file == "promotion/dimensions/dimensions.rego"
	some entry in module.ast.imports
	path := [part.value | some part in entry.path.value]
}

violations contains ast.violation("not-routed", module.file, 1, message) if {
	some module in _dimensions
	path := [part.value | some part in module.ast["package"].path]
	not path in _registered
	message := "promotion.dimensions does not import this dimension, so its findings reach nobody"
}

# The static check of input paths only looks at packages that name their schema.
violations contains ast.violation("no-schema", module.file, 1, message) if {
	some module in input.modules
	not ast.is_test(module)
	not _has_schema(module)
	message := "the METADATA of the package must name the schema of the input"
}

_has_schema(module) if {
	some annotation in module.ast.annotations
	annotation.scope == "package"
	count(annotation.schemas) > 0
}
