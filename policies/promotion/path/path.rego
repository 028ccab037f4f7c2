# METADATA
# scope: package
# title: Path
# description: The heaviest path that any finding asks for. What is not proven asks for the committee.
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.path

import data.promotion.dimensions
import data.promotion.history
import data.promotion.layers
import data.promotion.shared

heaviest := layers.ranks[max({0} | {layers.weight(finding.minPath) | some finding in found})]

_readable if input.schema == "routing-input/v0"

found contains object.union(finding, {"dimension": name}) if {
	_readable
	some name, findings in _asked
	some finding in findings
}

# What each dimension found, with the path that it asks for on this line today.
_asked := {name: findings |
	some name, dimension in dimensions.all
	findings := {object.union(finding, {"minPath": layers.asked(finding)}) | some finding in dimension.findings}
}

# METADATA
# title: The input has another schema
# description: The policy does not know what it was given, so it decides nothing but who must look.
# custom:
#   code: POL-001
#   min_path: committee
#   severity: high
#   owner: platform
#   controls: [SR26-2]
#   remedy: Update the policy pack and the service together.
#   since: 0.1.0
found contains object.union(finding, {"dimension": "engine"}) if {
	not _readable
	finding := shared.text("POL-001", "committee", "", null, null)
}

# METADATA
# title: Not proven
# description: Something needed to judge this dimension is missing or doubtful, and unknown never means unchanged.
# custom:
#   code: POL-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Supply what the reason names, or let the committee decide without it.
#   since: 0.1.0
found contains object.union(finding, {"dimension": name}) if {
	_readable
	some name, _ in dimensions.all
	_unexplained(name)
	some [pointer, why] in _reasons(name)
	finding := shared.text("POL-002", "committee", pointer, why, null)
}

# Unproven: a finding for people does not explain it, since what is missing may be worse. A finding for the committee does.
_unexplained(name) if {
	dimension := dimensions.all[name]
	not dimension.proven
	not _first(name)
	every finding in _asked[name] {
		finding.minPath != "committee"
	}
}

# Proven and yet neither cleared nor raised: a difference that no rule speaks of.
_unexplained(name) if {
	dimension := dimensions.all[name]
	dimension.proven
	not dimension.cleared
	shared.nothing_raised(dimension.findings)
}

_first(name) if {
	history.first
	shared.only_no_incumbent(input[name].why)
}

_reasons(name) := {[pointer, why] |
	some i, why in input[name].why
	pointer := shared.at([name, "why", shared.position(i)])
} if {
	count(input[name].why) > 0
}

else := {[shared.at([name]), null]} if input[name]

# Inputs that were sealed before the dimension was: there is nothing to point at but the whole.
else := {["", null]}

# METADATA
# title: The line is not registered
# description: Model risk never registered this model in this use, so nobody knows who may approve it.
# custom:
#   code: LIN-001
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2]
#   remedy: Have model risk register the line.
#   since: 0.1.0
found contains object.union(finding, {"dimension": "engine"}) if {
	_readable
	not data.lines[input.line]
	finding := shared.text("LIN-001", "committee", "/line", input.line, null)
}

# METADATA
# title: The environment is not registered for the line
# description: Model risk did not register this line for use there.
# custom:
#   code: LIN-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2]
#   remedy: Have model risk register the environment.
#   since: 0.1.0
found contains object.union(finding, {"dimension": "engine"}) if {
	_readable
	not _environment_registered
	finding := shared.text("LIN-002", "committee", "/environment", input.environment, null)
}

_environment_registered if {
	some environment in data.lines[input.line].environments
	environment.name == input.environment
}

# --- waivers in use -------------------------------------------------------------------------------------------------

# METADATA
# title: A limit is waived
# description: A waiver with an owner, a reason and a last day lets this line pass a limit until then.
# custom:
#   code: WVR-001
#   min_path: automated
#   severity: info
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: None while the waiver lasts. Mend the model, or let model risk renew it before its last day.
#   since: 0.2.0
found contains object.union(finding, {"dimension": "engine"}) if {
	_readable
	some waiver in layers.limit_waivers
	finding := shared.text("WVR-001", "automated", "/line", waiver.id, waiver.expires)
}

# METADATA
# title: A rule asks for less under a waiver
# description: A waiver with an owner, a reason and a last day lets a rule that fired ask for fewer people until then.
# custom:
#   code: WVR-002
#   min_path: automated
#   severity: info
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: None while the waiver lasts. Mend the model, or let model risk renew it before its last day.
#   since: 0.2.0
found contains object.union(finding, {"dimension": name}) if {
	_readable
	some name, dimension in dimensions.all
	some waived in dimension.findings
	waiver := layers.waiver_of(waived)
	finding := shared.text("WVR-002", "automated", waived.pointer, waiver.id, waiver.expires)
}

# --- what was cleared -----------------------------------------------------------------------------------------------

cleared := [entry |
	_readable
	some name, dimension in dimensions.all
	_clear(dimension)
	shared.nothing_raised(_asked[name])
	entry := {"dimension": name, "headroom": [room | some room in dimension.headroom]}
]

_clear(dimension) if dimension.cleared

# What is proven and was raised, and by waivers raises nothing any more.
_clear(dimension) if {
	dimension.proven
	not shared.nothing_raised(dimension.findings)
}
