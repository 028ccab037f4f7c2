package promotion.artefact_test

import data.promotion.artefact
import data.promotion.shared_test as t

differs := t.side_state("artefact", "differs")

config := [differs, t.put(t.at("artefact", "changed"), [{"path": "config.json", "role": "config"}])]

other_class := [t.side_state("modelClass", "differs"), t.put(t.at("modelClass", "class"), {"from": "a", "to": "b"})]

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
		"do": [differs],
		"codes": set(),
		"proven": true,
		"cleared": false,
	},
	"another library": {
		"do": [differs, t.put(t.at("artefact", "library"), {"from": "a 1", "to": "a 2"})],
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
		"do": [differs, t.put(t.at("artefact", "name"), {"from": "a", "to": "b"})],
		"codes": {"ART-002"},
		"proven": true,
		"cleared": false,
	},
	"a file added": {
		"do": [differs, t.put(t.at("artefact", "added"), [{"path": "hook", "role": "other"}])],
		"codes": {"ART-003"},
		"proven": true,
		"cleared": false,
	},
	"a file removed": {
		"do": [differs, t.put(t.at("artefact", "removed"), [{"path": "notes", "role": "other"}])],
		"codes": {"ART-004"},
		"proven": true,
		"cleared": false,
	},
	"a file in another role": {
		"do": [differs, t.put(t.at("artefact", "roles"), [{"path": "config.json", "from": "config", "to": "other"}])],
		"codes": {"ART-005"},
		"proven": true,
		"cleared": false,
	},
	"another config, and nothing stated": {
		"do": config,
		"codes": {"ART-006"},
		"proven": true,
		"cleared": false,
	},
	"another config, and a threshold that people are asked about": {
		"do": array.concat(config, _threshold),
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"another config, and more flips under the same rule": {
		"do": array.concat(config, [t.put(t.at("decisionRule", "flips/rate_ppm"), 900000)]),
		"codes": {"ART-006"},
		"proven": true,
		"cleared": false,
	},
	"another config, and a statement that no finding speaks of": {
		"do": array.concat(config, [t.side_state("loss", "differs")]),
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
		"do": [differs, t.put(t.at("artefact", "changed"), [{"path": "serve.py", "role": "executable"}])],
		"codes": {"ART-007"},
		"proven": true,
		"cleared": false,
	},
	"another program, and a threshold that people are asked about": {
		"do": array.concat(
			[differs, t.put(t.at("artefact", "changed"), [{"path": "serve.py", "role": "executable"}])],
			_threshold,
		),
		"codes": {"ART-007"},
		"proven": true,
		"cleared": false,
	},
	"files and library of another model class": {
		"do": array.concat(other_class, array.concat(config, [
			t.put(t.at("artefact", "library"), {"from": "a 1", "to": "b 1"}),
			t.put(t.at("artefact", "added"), [{"path": "trees", "role": "weights"}]),
			t.put(t.at("artefact", "removed"), [{"path": "weights.json", "role": "weights"}]),
		])),
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"name and roles of another model class": {
		"do": array.concat(other_class, [
			differs,
			t.put(t.at("artefact", "name"), {"from": "a", "to": "b"}),
			t.put(t.at("artefact", "roles"), [{"path": "config.json", "from": "config", "to": "other"}]),
		]),
		"codes": {"ART-002", "ART-005"},
		"proven": true,
		"cleared": false,
	},
	"a threshold does not speak for files and library": {
		"do": array.concat(_threshold, [
			differs,
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
		differs,
		t.put(t.at("artefact", "added"), [{"path": "hook", "role": "other"}]),
		t.put(t.at("artefact", "roles"), [{"path": "config.json", "from": "config", "to": "other"}]),
	])
	found := {[finding.pointer, finding.observed, finding.limit] | some finding in artefact.findings} with input as changed
	found == {
		["/artefact/against/incumbent/figures/added/0/path", "hook", null],
		["/artefact/against/incumbent/figures/roles/0/to", "other", "config"],
	}
}
