# Numbers belong in data, where model risk changes them without reading code.
package checks.numbers

import data.checks.ast

_allowed := {0, 1}

violations contains ast.violation("number-in-code", module.file, ast.row(node), message) if {
	some module in input.modules
	not ast.is_test(module)
	bases := _bases(module.ast.rules)
	walk(module.ast.rules, [path, node])
	node.type == "number"
	not node.value in _allowed
	not path in bases
	message := sprintf("%v belongs in policies/data; code may hold 0 and 1", [node.value])
}

# The base that format_int writes in is no figure.
_bases(tree) := {array.concat(path, [2]) |
	walk(tree, [path, parts])
	parts[0].value[0].value == "format_int"
}

# --- limits in data ---------------------------------------------------------------------------------------------------

# Every integer below the organisation's `limits` is a limit; what layers say of them is held against these.
_limits contains path if {
	walk(input.data, [path, value])
	is_number(value)
	path[0] == "limits"
}

_thresholds := {split(annotation.annotations.custom.threshold, ".") | some annotation in input.annotations}

# `*` is any key, and `lines.minRows` names that key of every line: a name may leave out the keys of a register.
_names(threshold, path) if _begins(threshold, path)

_names(threshold, path) if {
	count(threshold) > 1
	_begins(array.concat([threshold[0], "*"], array.slice(threshold, 1, count(threshold))), path)
}

_begins(threshold, path) if {
	count(threshold) <= count(path)
	every i, part in threshold {
		part in {"*", path[i]}
	}
}

violations contains ast.violation("limit-without-rule", "data", 0, message) if {
	some path in _limits
	every threshold in _thresholds {
		not _names(threshold, path)
	}
	message := sprintf("%s: no rule names this limit as its threshold, so nothing is judged by it", [_pointer(path)])
}

_data_paths contains path if walk(input.data, [path, _])

violations contains ast.violation("threshold-without-limit", location.file, location.row, message) if {
	some annotation in input.annotations
	location := annotation.location
	threshold := annotation.annotations.custom.threshold
	every path in _data_paths {
		not _names(split(threshold, "."), path)
	}
	message := sprintf("threshold %s is not in policies/data", [threshold])
}

_pointer(path) := concat("/", array.concat([""], [sprintf("%v", [part]) | some part in path]))
