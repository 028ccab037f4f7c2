package checks.places_test

import data.checks.ast_test as t
import data.checks.places

_found(files) := found if {
	found := t.names(places.violations) with input as t.given({"modules": [t.module(file, source) | some file, source in files]})
}

test_folder_file_and_package_have_one_name if {
	_found({
		"promotion/a/a.rego": "package promotion.a\np := 1",
		"promotion/a/a_test.rego": "package promotion.a_test\np := 1",
	}) == set()
}

test_more_tests_in_a_second_file if {
	files := {
		"promotion/a/a.rego": "package promotion.a\np := 1",
		"promotion/a/a_test.rego": "package promotion.a_test\np := 1",
	}
	_found(object.union(files, {"promotion/a/a_limits_test.rego": "package promotion.a_limits_test\np := 1"})) == set()
	_found(object.union(files, {"promotion/a/a_limits_test.rego": "package promotion.a_test\np := 1"})) == {"wrong-package"}
	_found(object.union(files, {"promotion/a/ab_test.rego": "package promotion.ab_test\np := 1"})) == {"wrong-folder"}
	"wrong-folder" in _found(object.union(files, {"promotion/a/a_more.rego": "package promotion.a_more\np := 1"}))
}

test_another_folder if {
	_found({
		"promotion/b/a.rego": "package promotion.a\np := 1",
		"promotion/b/a_test.rego": "package promotion.a_test\np := 1",
	}) == {"wrong-folder"}
}

test_another_package if {
	_found({
		"promotion/a/a.rego": "package promotion.b\np := 1",
		"promotion/a/a_test.rego": "package promotion.a_test\np := 1",
	}) == {"wrong-package"}
}

test_no_tests_beside if _found({"promotion/a/a.rego": "package promotion.a\np := 1"}) == {"no-tests"}
