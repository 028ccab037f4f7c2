# A stated change speaks for a file that had to change with it, unless a layer or a waiver made it lighter than the file.
package promotion.artefact_statements_test

import data.promotion.artefact
import data.promotion.artefact_test as all
import data.promotion.shared_test as t

# One statement at a time, each of which a config file makes as well.
_statements := {
	"class": all.other_class,
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
	codes := {finding.code | some finding in artefact.findings} with input as t.changed(array.concat(all.config, statement))
	codes == set()
}

# What the layers make of the one and the other is asked, not what METADATA says.
_by_hyperparameters := t.changed(array.concat(all.config, _statements.hyperparameters))

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

# Waived alike, both are told: what asks for nobody explains nothing.
test_a_waived_statement_does_not_speak_for_a_waived_file if {
	waivers := array.concat(_waived("HYP-001", "automated"), _waived("ART-006", "automated"))
	codes := {finding.code | some finding in artefact.findings} with input as _by_hyperparameters with data.waivers as waivers
	codes == {"ART-006"}
}

test_files_of_another_class_are_raised_by_a_layer if {
	added := t.put(t.at("artefact", "added"), [{"path": "trees", "role": "weights"}])
	codes := {finding.code | some finding in artefact.findings} with input as t.changed(array.concat(all.other_class, [all.differs, added]))
		with data.min_paths as {"ART-003": "committee"}
		with data.waivers as _waived("MOD-001", "reviewer")
	codes == {"ART-003"}
}
