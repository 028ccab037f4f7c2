# Where a rule is found: promotion/<name>/<name>.rego is package promotion.<name>, with its tests beside it. Where they are long,
# more of them stand in <name>_<what>_test.rego.
package checks.places

import data.checks.ast

_expected(file) := parts if {
	folders := split(trim_suffix(file, ".rego"), "/")
	_named_like(folders[count(folders) - 2], folders[count(folders) - 1])
	parts := array.concat(array.slice(folders, 0, count(folders) - 2), [folders[count(folders) - 1]])
}

_named_like(folder, base) if base == folder

_named_like(folder, base) if {
	startswith(base, concat("", [folder, "_"]))
	endswith(base, "_test")
}

violations contains ast.violation("wrong-folder", module.file, 1, message) if {
	some module in input.modules
	not _expected(module.file)
	message := "the file must be named like its folder: promotion/<name>/<name>.rego, <name>_test.rego or <name>_<what>_test.rego"
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
