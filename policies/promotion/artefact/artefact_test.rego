package promotion.artefact_test

import data.promotion.artefact
import data.promotion.shared_test as t

_differs := t.side_state("artefact", "differs")

_config := [_differs, t.put(t.at("artefact", "changed"), [{"path": "config.json", "role": "config"}])]

_class := [t.side_state("modelClass", "differs"), t.put(t.at("modelClass", "class"), {"from": "a", "to": "b"})]

_threshold := [t.side_state("decisionRule", "differs"), t.put(t.at("decisionRule", "thresholds/to"), ["0.45"])]

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"refitted weights and preprocessor": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"the same files": {
		"do": [t.side_state("artefact", "same"), t.put(t.at("artefact", "changed"), [])],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"files that no score depends on changed": {
		"do": [t.put(t.at("artefact", "changed"), [{"path": "README.md", "role": "other"}])],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"never compared": {
		"do": [t.gone("/artefact")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"the list of changed files is null": {
		"do": [t.put(t.at("artefact", "changed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"the list of added files is null": {
		"do": [t.put(t.at("artefact", "added"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"the list of removed files is null": {
		"do": [t.put(t.at("artefact", "removed"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"the list of roles is null": {
		"do": [t.put(t.at("artefact", "roles"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"the name is null": {
		"do": [t.put(t.at("artefact", "name"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"the library is null": {
		"do": [t.put(t.at("artefact", "library"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"not compared with what people approved": {
		"do": [t.own_side("artefact"), t.put("/artefact/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"differs and no rule says why": {
		"do": [_differs],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"another library": {
		"do": [_differs, t.put(t.at("artefact", "library"), {"from": "a 1", "to": "a 2"})],
		"codes": {"ART-001"},
		"proven": true,
		"cleared": false,
	},
	"another library than people approved": {
		"do": [t.own_side("artefact"), t.put(t.since("artefact", "library"), {"from": "a 1", "to": "a 2"})],
		"codes": {"ART-001"},
		"proven": true,
		"cleared": false,
	},
	"another name": {
		"do": [_differs, t.put(t.at("artefact", "name"), {"from": "a", "to": "b"})],
		"codes": {"ART-002"},
		"proven": true,
		"cleared": false,
	},
	"a file added": {
		"do": [_differs, t.put(t.at("artefact", "added"), [{"path": "hook", "role": "other"}])],
		"codes": {"ART-003"},
		"proven": true,
		"cleared": false,
	},
	"a file removed": {
		"do": [_differs, t.put(t.at("artefact", "removed"), [{"path": "notes", "role": "other"}])],
		"codes": {"ART-004"},
		"proven": true,
		"cleared": false,
	},
	"a file in another role": {
		"do": [_differs, t.put(t.at("artefact", "roles"), [{"path": "config.json", "from": "config", "to": "other"}])],
		"codes": {"ART-005"},
		"proven": true,
		"cleared": false,
	},
	"another config, and nothing stated": {
		"do": _config,
		"codes": {"ART-006"},
		"proven": true,
		"cleared": false,
	},
	"another config, and a threshold that people are asked about": {
		"do": array.concat(_config, _threshold),
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"another config, and more flips under the same rule": {
		"do": array.concat(_config, [t.put(t.at("decisionRule", "flips/rate_ppm"), 900000)]),
		"codes": {"ART-006"},
		"proven": true,
		"cleared": false,
	},
	"another config, and a statement that no finding speaks of": {
		"do": array.concat(_config, [t.side_state("loss", "differs")]),
		"codes": {"ART-006"},
		"proven": true,
		"cleared": false,
	},
	"another config than people approved, and a threshold moved since the incumbent only": {
		"do": array.concat(
			[
				t.own_side("artefact"),
				t.put("/artefact/against/lastHumanApproved/state", "differs"),
				t.put(t.since("artefact", "changed"), [{"path": "config.json", "role": "config"}]),
			],
			_threshold,
		),
		"codes": {"ART-006"},
		"proven": true,
		"cleared": false,
	},
	"another program": {
		"do": [_differs, t.put(t.at("artefact", "changed"), [{"path": "serve.py", "role": "executable"}])],
		"codes": {"ART-007"},
		"proven": true,
		"cleared": false,
	},
	"another program, and a threshold that people are asked about": {
		"do": array.concat(
			[_differs, t.put(t.at("artefact", "changed"), [{"path": "serve.py", "role": "executable"}])],
			_threshold,
		),
		"codes": {"ART-007"},
		"proven": true,
		"cleared": false,
	},
	"files and library of another model class": {
		"do": array.concat(_class, array.concat(_config, [
			t.put(t.at("artefact", "library"), {"from": "a 1", "to": "b 1"}),
			t.put(t.at("artefact", "added"), [{"path": "trees", "role": "weights"}]),
			t.put(t.at("artefact", "removed"), [{"path": "weights.json", "role": "weights"}]),
		])),
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"name and roles of another model class": {
		"do": array.concat(_class, [
			_differs,
			t.put(t.at("artefact", "name"), {"from": "a", "to": "b"}),
			t.put(t.at("artefact", "roles"), [{"path": "config.json", "from": "config", "to": "other"}]),
		]),
		"codes": {"ART-002", "ART-005"},
		"proven": true,
		"cleared": false,
	},
	"a threshold does not speak for files and library": {
		"do": array.concat(_threshold, [
			_differs,
			t.put(t.at("artefact", "library"), {"from": "a 1", "to": "b 1"}),
			t.put(t.at("artefact", "added"), [{"path": "hook", "role": "other"}]),
			t.put(t.at("artefact", "removed"), [{"path": "notes", "role": "other"}]),
		]),
		"codes": {"ART-001", "ART-003", "ART-004"},
		"proven": true,
		"cleared": false,
	},
}

test_artefact[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	codes := {finding.code | some finding in artefact.findings} with input as changed
	codes == case.codes
	proven := artefact.proven with input as changed
	proven == case.proven
	cleared := artefact.cleared with input as changed
	cleared == case.cleared
}

# One statement at a time, each of which a config file makes as well.
_statements := {
	"class": _class,
	"hyperparameters": [
		t.side_state("hyperparameters", "differs"),
		t.put(t.at("hyperparameters", "changed"), [{"name": "C", "from": "1", "to": "2"}]),
	],
	"loss": [t.side_state("loss", "differs"), t.put(t.at("loss", "loss/to"), "hinge")],
	"features": [t.side_state("features", "differs"), t.put(t.at("features", "reordered"), true)],
	"protected": [
		t.side_state("protected", "differs"),
		t.put(t.at("protected", "changed"), [{"name": "f", "from": "no", "to": "proxy"}]),
	],
	"transforms": [t.side_state("transforms", "differs"), t.put(t.at("transforms", "changed"), ["f"])],
	"calibration": [t.side_state("calibration", "differs"), t.put(t.at("calibration", "calibration/to"), "platt")],
}

test_a_statement_speaks_for_the_config[note] if {
	some note, statement in _statements
	codes := {finding.code | some finding in artefact.findings} with input as t.changed(array.concat(_config, statement))
	codes == set()
}

# What the layers make of the one and the other is asked, not what METADATA says.
_by_hyperparameters := t.changed(array.concat(_config, _statements.hyperparameters))

test_a_layer_that_raises_the_file_is_not_talked_out_of_it if {
	codes := {finding.code | some finding in artefact.findings} with input as _by_hyperparameters
		with data.min_paths as {"ART-006": "committee"}
	codes == {"ART-006"}
}

test_a_statement_raised_with_the_file_speaks_for_it if {
	codes := {finding.code | some finding in artefact.findings} with input as _by_hyperparameters
		with data.min_paths as {"reviewer": "committee"}
	codes == set()
}

_waived(code, path) := [{
	"line": _by_hyperparameters.line,
	"code": code,
	"min_path": path,
	"from_day": _by_hyperparameters.evaluatedAtDay,
	"expires_day": _by_hyperparameters.evaluatedAtDay,
}]

test_a_statement_that_is_waived_does_not_speak_for_the_file if {
	codes := {finding.code | some finding in artefact.findings} with input as _by_hyperparameters
		with data.waivers as _waived("HYP-001", "automated")
	codes == {"ART-006"}
}

test_files_of_another_class_are_raised_by_a_layer if {
	added := t.put(t.at("artefact", "added"), [{"path": "trees", "role": "weights"}])
	codes := {finding.code | some finding in artefact.findings} with input as t.changed(array.concat(_class, [_differs, added]))
		with data.min_paths as {"ART-003": "committee"}
		with data.waivers as _waived("MOD-001", "reviewer")
	codes == {"ART-003"}
}

test_artefact_has_no_figure_with_headroom if count(artefact.headroom) == 0

# The path of each rule, as it was agreed.
_paths := {
	"ART-001": "reviewer",
	"ART-002": "reviewer",
	"ART-003": "reviewer",
	"ART-004": "reviewer",
	"ART-005": "reviewer",
	"ART-006": "reviewer",
	"ART-007": "reviewer",
}

test_artefact_paths_and_headroom[note] if {
	some note, case in _cases
	changed := t.changed(case.do)
	findings := artefact.findings with input as changed
	headroom := artefact.headroom with input as changed
	t.lawful(findings, headroom, _paths)
}

# The pointer leads to the file or the word that was seen.
test_artefact_pointers if {
	changed := t.changed([
		_differs,
		t.put(t.at("artefact", "added"), [{"path": "hook", "role": "other"}]),
		t.put(t.at("artefact", "roles"), [{"path": "config.json", "from": "config", "to": "other"}]),
	])
	found := {[finding.pointer, finding.observed, finding.limit] | some finding in artefact.findings} with input as changed
	found == {
		["/artefact/against/incumbent/figures/added/0/path", "hook", null],
		["/artefact/against/incumbent/figures/roles/0/to", "other", "config"],
	}
}
