package checks.metadata_test

import data.checks.ast_test as t
import data.checks.metadata

_custom := {
	"code": "AAA-001",
	"min_path": "reviewer",
	"severity": "medium",
	"owner": "model-risk",
	"controls": ["SR26-2"],
	"remedy": "Say why.",
	"since": "0.1.0",
}

_words(custom, row) := {
	"annotations": {"title": "A title", "description": "A sentence.", "custom": custom},
	"location": {"file": "promotion/a/a.rego", "row": row},
}

_rule := "package promotion.a\nfindings contains f if f := shared.text(\"AAA-001\", \"reviewer\", \"\", null, null)"

_good := {
	"modules": [t.described("promotion/a/a.rego", _rule, {"0": _custom})],
	"annotations": [_words(_custom, 8)],
	"codes": [{"code": "AAA-001", "since": "0.1.0", "retired": false}],
}

_found(changes) := found if {
	found := t.names(metadata.violations) with input as t.given(json.patch(_good, changes))
}

_put(path, value) := {"op": "add", "path": path, "value": value}

_module(source, custom) := _put("/modules", [t.described("promotion/a/a.rego", source, {"0": custom})])

test_a_rule_as_it_should_be if _found([]) == set()

test_a_rule_without_metadata if {
	"no-metadata" in _found([_put("/modules", [t.module("promotion/a/a.rego", _rule)])])
}

test_a_rule_that_is_of_no_dimension_without_metadata if {
	source := "package promotion.obligations\nwaiting contains {\"code\": \"AAA-001\"} if input.x"
	_found([_put("/modules", [t.module("promotion/obligations/obligations.rego", source)])]) == {"no-metadata"}
	owed := "package promotion.obligations\nowed contains \"AAA-001\" if input.x"
	_found([_put("/modules", [t.module("promotion/obligations/obligations.rego", owed)])]) == {"no-metadata"}
	written := "package promotion.path\nfound contains f if f := shared.text(\"AAA-001\", \"reviewer\", \"\", null, null)"
	"no-metadata" in _found([_put("/modules", [t.module("promotion/path/path.rego", written)])])
	collecting := "package promotion.path\nfound contains f if some f in data.promotion.a.findings"
	_found([_put("/modules", [t.module("promotion/path/path.rego", collecting)])]) == set()
}

test_an_empty_default_needs_no_words if {
	source := "package promotion.a\ndefault holds := false"
	_found([_put("/modules", [t.module("promotion/a/a.rego", source)])]) == set()
}

test_a_missing_key[key] if {
	some key, _ in object.remove(_custom, ["code"])
	_found([_put("/annotations", [_words(object.remove(_custom, [key]), 8)])]) == {"missing-key"}
}

test_missing_words[key] if {
	some key in ["title", "description"]
	words := _words(_custom, 8)
	_found([_put("/annotations", [json.patch(words, [{"op": "remove", "path": concat("/", ["/annotations", key])}])])]) == {"missing-key"}
}

test_two_rules_with_one_code if _found([_put("/annotations", [_words(_custom, 8), _words(_custom, 30)])]) == {"duplicate-code"}

test_the_registry if {
	_found([_put("/codes", [])]) == {"unregistered-code"}
	_found([_put("/codes/0/retired", true)]) == {"unregistered-code"}
	_found([_put("/codes/1", {"code": "AAA-001", "retired": false})]) == {"duplicate-code"}
	_found([_put("/codes/1", {"code": "AAA-002", "retired": false})]) == {"unused-code"}
	_found([_put("/codes/1", {"code": "AAA-002", "retired": true})]) == set()
	_found([_put("/codes/1", {"code": "POL-000", "retired": false}), _put("/adapter_codes", ["POL-000"])]) == set()
}

test_a_rule_with_another_path_than_its_words if {
	_found([_module(replace(_rule, "reviewer", "committee"), _custom)]) == {"other-path"}
	_found([_module(_rule, object.union(_custom, {"min_path": "committee"}))]) == {"other-path"}
}

test_a_rule_that_writes_another_code if {
	"other-code" in _found([_module(replace(_rule, "AAA-001", "AAA-002"), _custom)])
}

test_words_without_a_rule_that_writes_the_code if {
	_found([_module("package promotion.a\nfindings contains 1 if input.x", _custom)]) == {"never-written"}
}

test_a_hold_is_called_a_hold if {
	source := "package promotion.a\nholds contains {\"code\": \"AAA-001\"} if input.x"
	_found([_module(source, object.union(_custom, {"min_path": "hold"}))]) == set()
	"other-path" in _found([_module(source, _custom)])
	owed := "package promotion.obligations\nowed contains \"AAA-001\" if input.x"
	_found([_module(owed, object.union(_custom, {"min_path": "obligation"}))]) == set()
	"other-path" in _found([_module(owed, _custom)])
}
