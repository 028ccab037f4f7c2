# METADATA
# scope: package
# title: The layers of the data
# description: What holds for this line today. The organisation's data, then the line's tier, then the line itself.
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.layers

# Dimensions read their numbers here and never from the data itself: there they would be the organisation's alone.
_line := data.lines[input.line]

# Each may only raise what stands above it. That is checked when a pack is built and again when it is loaded, so the last word
# is the tightest. Lists are joined: a layer can add to them and take nothing away.
_below := array.concat([layer | layer := data.tiers[_line.tier]], [layer | layer := data.models[input.line]])

_each(key) := [layer[key] | some layer in _below]

# The organisation's own share of what is layered is there. Without it nobody knows what was raised, so nothing is decided.
complete if {
	is_array(data.committees)
	is_object(data.min_paths)
	is_array(data.waivers)
	is_array(data.paths.automated.on_call_ack)
}

limits := object.union_n(array.concat([data.limits], array.concat(_each("limits"), _waived_limits)))

paths := object.union_n(array.concat([data.paths], _each("paths")))

_stated_paths := array.concat([data.paths], _each("paths"))

artefacts contains [path, artefact] if {
	some stated in _stated_paths
	some path, needs in stated
	some artefact in needs.artefacts
}

# Who is shown what nobody answered in time, as role@committee.
escalations contains [path, who] if {
	some stated in _stated_paths
	some path, needs in stated
	some who in needs.escalate_to
}

# Of whom one person must acknowledge what goes automatically.
on_call contains who if {
	some stated in _stated_paths
	some who in stated.automated.on_call_ack
}

second_reviewer_min := max(array.concat([data.second_reviewer_min], _each("second_reviewer_min")))

required_gates := array.concat(data.gates.required, [kind |
	some gates in _each("gates")
	some kind in gates.required
])

regime_breaks := array.concat(data.calendar.regime_breaks, [regime_break |
	some calendar in _each("calendar")
	some regime_break in calendar.regime_breaks
])

# --- who decides ----------------------------------------------------------------------------------------------------

_named := array.concat(_line.committees, array.concat(data.committees, [member |
	some members in _each("committees")
	some member in members
]))

# Named by two layers: one seat group, with the larger number of people.
committees := [group |
	some i, member in _named
	same := {k: other.min | some k, other in _named; _seat(other) == _seat(member)}
	i == min(object.keys(same))
	group := object.union(member, {"min": max([people | some people in same])})
]

_seat(member) := [member.path, member.committee, member.role]

# --- which path a rule asks for -------------------------------------------------------------------------------------

# From light to heavy: the place in this list is the weight.
ranks := ["automated", "reviewer", "committee"]

_weights := {path: weight | some weight, path in ranks}

# A path nobody knows is the heaviest.
weight(path) := object.get(_weights, path, _weights.committee)

_raised := object.union_n(array.concat([data.min_paths], _each("min_paths")))

# A rule's own path, raised by its code or with every rule that asks for a reviewer. Without these data nobody knows: heaviest.
path_of(finding) := ranks[max(weights)] if {
	own := finding.minPath
	weights := [weight(path) | some path in [own, object.get(_raised, finding.code, own), object.get(_raised, own, own)]]
} else := "committee"

# --- waivers --------------------------------------------------------------------------------------------------------

# In force from the first to the last of its days, both included. Only these can lower anything.
_active := [waiver |
	some waiver in data.waivers
	waiver.line == input.line
	is_number(waiver.from_day)
	is_number(waiver.expires_day)
	waiver.from_day <= input.evaluatedAtDay
	input.evaluatedAtDay <= waiver.expires_day
]

# Those that say other limits, in the shape of the limits themselves.
limit_waivers := [waiver | some waiver in _active; is_object(waiver.limits)]

_waived_limits := [waiver.limits | some waiver in limit_waivers]

# The waiver that lets this finding ask for less than it does here, if there is one.
waiver_of(finding) := waiver if {
	some waiver in _active
	waiver.code == finding.code
	weight(waiver.min_path) < weight(path_of(finding))
}

# What it asks for after waivers.
asked(finding) := waiver.min_path if {
	waiver := waiver_of(finding)
} else := path_of(finding)
