# Where a rule is found: promotion/<name>/<name>.rego is package promotion.<name>, with its tests beside it.
package checks.places

import data.checks.ast

_expected(file) := parts if {
	folders := split(trim_suffix(file, ".rego"), "/")
	base := trim_suffix(folders[count(folders) - 1], "_test")
	folders[count(folders) - 2] == base
	parts := array.concat(array.slice(folders, 0, count(folders) - 2), [folders[count(folders) - 1]])
}

violations contains ast.violation("wrong-folder", module.file, 1, message) if {
	some module in input.modules
	not _expected(module.file)
	message := "the file must be named like its folder: promotion/<name>/<name>.rego or <name>_test.rego"
}

violations contains ast.violation("wrong-package", module.file, row, message) if {
	some module in input.modules
	expected := _expected(module.file)
	path := [part.value | some part in module.ast["package"].path]
	path != array.concat(["data"], expected)
	row := ast.row(module.ast["package"])
	message := sprintf("must be package %s", [concat(".", expected)])
}

violations contains ast.violation("no-tests", module.file, 1, message) if {
	files := {module.file | some module in input.modules}
	some module in input.modules
	not ast.is_test(module)
	beside := concat("", [trim_suffix(module.file, ".rego"), "_test.rego"])
	not beside in files
	message := sprintf("%s is missing", [beside])
}
