# METADATA
# scope: package
# title: What every dimension uses
# description: Reading both sides of a comparison, and writing findings in one shape.
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.shared

_compared_states := {"same", "differs", "measured"}

# A side without a baseline of its own holds no figures; whether it may be so is for `compared` to say.
no_baseline(side) if side.state in {"none", "asIncumbent"}

no_baseline(side) if {
	side.state == "unknown"
	only_no_incumbent(side.why)
}

# The one doubt that a first promotion may have; HIS-001 answers for it.
only_no_incumbent(why) if {
	count(why) > 0
	every reason in why {
		reason == "no-incumbent"
	}
}

# Nothing about the dimension is in doubt.
undoubted(dimension) if {
	dimension.state in _compared_states
	count(dimension.why) == 0
}

# Both baselines were compared: the positive proof that every dimension with baselines starts from.
compared(dimension) if {
	undoubted(dimension)
	dimension.against.incumbent.state in _compared_states
	dimension.against.lastHumanApproved.state in (_compared_states | {"asIncumbent"})
}

# The numbers of the policy are there: a rule without its limit could never fire.
limits_known(limits, names) if {
	every name in names {
		is_number(limits[name])
	}
}

# Every side is the same as its baseline: for dimensions where any difference must have a finding.
unchanged(dimension) if {
	compared(dimension)
	every side in dimension.against {
		side.state in {"same", "asIncumbent"}
	}
}

# Whether no finding asks for people.
nothing_raised(findings) if {
	every finding in findings {
		finding.minPath == "automated"
	}
}

# Every finding carries what was seen and what it was held against.
text(code, path, pointer, observed, limit) := {
	"code": code,
	"minPath": path,
	"pointer": pointer,
	"observed": observed,
	"limit": limit,
	"unit": "text",
}

figure(code, path, pointer, observed, limit, unit) := {
	"code": code,
	"minPath": path,
	"pointer": pointer,
	"observed": observed,
	"limit": limit,
	"unit": unit,
}

# A rule that was measured and did not fire.
room(code, pointer, observed, limit, unit) := {
	"code": code,
	"pointer": pointer,
	"observed": observed,
	"limit": limit,
	"unit": unit,
}

# RFC 6901 pointers into the routing input, from names and positions that need no escaping.
at(parts) := concat("/", array.concat([""], parts))

position(i) := format_int(i, 10)
