# One code is one rule for ever, explained in plain words, and the words say what the rule does.
package checks.metadata

import data.checks.ast

_keys := ["code", "min_path", "severity", "owner", "controls", "remedy", "since"]

_paths := {"automated", "reviewer", "committee"}

_rules contains [module, rule] if {
	some module in input.modules
	not ast.is_test(module)
	some rule in ast.named(module, {"findings", "holds"})
	not rule["default"]
}

# Where the dimensions come together only the rules that write a code of their own; the others collect what dimensions found.
_rules contains [module, rule] if {
	some module in input.modules
	not ast.is_test(module)
	some rule in ast.named(module, {"found", "owed", "waiting"})
	_writes_code(rule)
}

_writes_code(rule) if count(ast.written(rule)) > 0

_writes_code(rule) if {
	walk(rule.head, [_, node])
	node.type == "string"
	regex.match(`^[A-Z]{3}-[0-9]{3}$`, node.value)
}

violations contains ast.violation("no-metadata", module.file, ast.row(rule), message) if {
	some [module, rule] in _rules
	not ast.metadata(module, rule)
	message := "a rule that finds something needs METADATA above it: code, title, description and the other keys"
}

_described contains {"file": entry.location.file, "row": entry.location.row, "words": entry.annotations} if {
	some entry in input.annotations
	entry.annotations.custom
}

violations contains ast.violation("missing-key", entry.file, entry.row, message) if {
	some entry in _described
	some key in _keys
	not entry.words.custom[key]
	message := sprintf("METADATA lacks custom.%s", [key])
}

violations contains ast.violation("missing-key", entry.file, entry.row, message) if {
	some entry in _described
	some key in ["title", "description"]
	not entry.words[key]
	message := sprintf("METADATA lacks %s", [key])
}

violations contains ast.violation("duplicate-code", entry.file, entry.row, message) if {
	some entry in _described
	some other in _described
	other.words.custom.code == entry.words.custom.code
	[other.file, other.row] < [entry.file, entry.row]
	message := sprintf("%s is already the code of %s:%d", [entry.words.custom.code, other.file, other.row])
}

# --- the registry -------------------------------------------------------------------------------------------------------

_active := {entry.code | some entry in input.codes; not entry.retired}

violations contains ast.violation("unregistered-code", entry.file, entry.row, message) if {
	some entry in _described
	code := entry.words.custom.code
	not code in _active
	message := sprintf("%s is not in codes.json, or is retired there: take a new code", [code])
}

violations contains ast.violation("unused-code", "codes.json", 1, message) if {
	some code in _active
	every entry in _described {
		entry.words.custom.code != code
	}
	not code in input.adapter_codes
	message := sprintf("no rule carries %s: mark it as retired", [code])
}

violations contains ast.violation("duplicate-code", "codes.json", 1, message) if {
	some i, entry in input.codes
	some k, other in input.codes
	i < k
	entry.code == other.code
	message := sprintf("%s stands twice", [entry.code])
}

# --- what the words say and what the rule does --------------------------------------------------------------------------

_said(module, code) := {annotation.custom.min_path |
	some annotation in module.ast.annotations
	annotation.custom.code == code
}

violations contains ast.violation("other-path", module.file, finding.row, message) if {
	some module in input.modules
	not ast.is_test(module)
	some finding in ast.written(module.ast.rules)
	said := _said(module, finding.code)
	said != {finding.path}
	message := sprintf("%s: the rule says %s, METADATA in this file says %v", [finding.code, finding.path, said])
}

violations contains ast.violation("other-code", module.file, finding.row, message) if {
	some [module, rule] in _rules
	some finding in ast.written(rule)
	custom := ast.metadata(module, rule)
	finding.code != custom.code
	message := sprintf("the rule writes %s, its METADATA is that of %s", [finding.code, custom.code])
}

violations contains ast.violation("never-written", module.file, ast.row(annotation), message) if {
	some module in input.modules
	some annotation in module.ast.annotations
	annotation.custom.min_path in _paths
	every finding in ast.written(module.ast.rules) {
		finding.code != annotation.custom.code
	}
	message := sprintf("no rule of this file writes %s by shared.text or shared.figure", [annotation.custom.code])
}

_kinds := {"holds": "hold", "waiting": "hold", "owed": "obligation"}

violations contains ast.violation("other-path", module.file, ast.row(rule), message) if {
	some [module, rule] in _rules
	kind := _kinds[rule.head.ref[0].value]
	custom := ast.metadata(module, rule)
	custom.min_path != kind
	message := sprintf("%s adds a %s, its METADATA says %s", [custom.code, kind, custom.min_path])
}
