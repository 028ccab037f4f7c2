# What the layers of the data decide is read through promotion.layers: a rule that read the organisation's number itself would
# not see that a tier or a line has a tighter one.
package checks.layered

import data.checks.ast

_through := {
	"calendar": "regime_breaks",
	"committees": "committees",
	"floors": "limits",
	"gates": "required_gates",
	"limits": "limits",
	"min_paths": "asked",
	"models": "limits",
	"paths": "paths",
	"second_reviewer_min": "second_reviewer_min",
	"tiers": "limits",
	"waivers": "limit_waivers",
}

violations contains ast.violation("past-the-layers", module.file, ast.row(node), message) if {
	some module in input.modules
	not ast.is_test(module)
	module.file != "promotion/layers/layers.rego"
	walk(module.ast.rules, [_, node])
	node.type == "ref"
	node.value[0].value == "data"
	name := node.value[1].value
	instead := _through[name]
	message := sprintf("data.%s is the organisation's alone: read layers.%s, where tiers and lines have their say", [name, instead])
}
