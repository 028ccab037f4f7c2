# METADATA
# scope: package
# title: Metrics
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.metrics

import data.promotion.layers
import data.promotion.shared

default cleared := false

default proven := false

_limits := layers.limits.metrics

_line_segments := data.lines[input.line].segments

proven if {
	shared.compared(input.metrics)
	every side in input.metrics.against {
		_known(side)
	}
}

_known(side) if shared.no_baseline(side)

# Every metric with a limit has a figure, overall and in each registered segment: a list that lost one is no proof.
_known(side) if {
	_has_each(side.figures.overall, _limits.overall_ppm)
	is_array(side.figures.segments)
	is_array(side.figures.notJudged)
	every segment in side.figures.segments {
		is_boolean(segment.protected)
		_has_each(segment.metrics, _limits.segment_ppm)
	}
	every segment in _line_segments {
		_accounted(side.figures, segment)
	}
}

_has_each(metrics, limited) if {
	is_array(metrics)
	every metric in metrics {
		is_number(metric.worse_ppm)
	}
	names := {metric.name | some metric in metrics}
	every name, _ in limited {
		_has(names, name)
	}
}

_has(names, name) if name in names

# Points of a scorecard are no probabilities: neither metric exists for them. One of the two alone was left out by somebody.
_has(names, name) if {
	name in _of_probabilities
	count(names & _of_probabilities) == 0
}

_of_probabilities := {"brier", "log_loss"}

# Diffs name a segment by its filter.
_name(segment) := concat("=", [segment.filter.column, segment.filter.value])

_accounted(figures, segment) if {
	segment.state == "judged"
	some judged in figures.segments
	judged.segment == _name(segment)
}

_accounted(figures, segment) if {
	some left_out in figures.notJudged
	left_out.what == _name(segment)
}

_accounted(figures, segment) if {
	segment.state == "pooled"
	_pool_judged(figures)
}

_pool_judged(figures) if {
	some segment in figures.segments
	segment.segment == "pooled"
}

cleared if {
	proven
	count(findings) == 0
}

# The tighter of what people sealed at the baseline and what the organisation allows.
_overall_limit(metric) := min(_sealed(metric) | {limit | limit := _limits.overall_ppm[metric.name]})

_segment_limit(metric) := min(_sealed(metric) | {limit | limit := _limits.segment_ppm[metric.name]})

_sealed(metric) := {limit |
	limit := metric.limit_ppm
	is_number(limit)
}

_overall contains {"pointer": pointer, "observed": metric.worse_ppm, "limit": _overall_limit(metric)} if {
	some name, side in input.metrics.against
	some i, metric in side.figures.overall
	is_number(metric.worse_ppm)
	pointer := shared.at(["metrics/against", name, "figures/overall", shared.position(i), "worse_ppm"])
}

_in_segments contains figure if {
	some name, side in input.metrics.against
	some i, segment in side.figures.segments
	some k, metric in segment.metrics
	is_number(metric.worse_ppm)
	parts := ["metrics/against", name, "figures/segments", shared.position(i), "metrics", shared.position(k), "worse_ppm"]
	figure := {
		"pointer": shared.at(parts),
		"observed": metric.worse_ppm,
		"limit": _segment_limit(metric),
		"open": segment.protected == false,
	}
}

# METADATA
# title: A metric is worse than its band
# description: The candidate does worse on the evaluation set than was agreed at the last promotion.
# custom:
#   code: MET-001
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why the model may be worse and for how long.
#   since: 0.1.0
#   threshold: limits.metrics.overall_ppm
findings contains finding if {
	some m in _overall
	m.observed > m.limit
	finding := shared.figure("MET-001", "reviewer", m.pointer, m.observed, m.limit, "ppm")
}

# METADATA
# title: Worse for a protected segment
# description: The candidate does worse for people of a protected segment than was agreed, whatever it does overall.
# custom:
#   code: MET-002
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, ECOA-RegB]
#   remedy: Show the committee why people of this segment are served worse.
#   since: 0.1.0
#   threshold: limits.metrics.segment_ppm
findings contains finding if {
	some m in _in_segments
	not m.open
	m.observed > m.limit
	finding := shared.figure("MET-002", "committee", m.pointer, m.observed, m.limit, "ppm")
}

# METADATA
# title: Worse for a segment
# description: The candidate does worse for a registered segment than was agreed, whatever it does overall.
# custom:
#   code: MET-003
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why this segment is served worse.
#   since: 0.1.0
#   threshold: limits.metrics.segment_ppm
findings contains finding if {
	some m in _in_segments
	m.open
	m.observed > m.limit
	finding := shared.figure("MET-003", "reviewer", m.pointer, m.observed, m.limit, "ppm")
}

# METADATA
# title: A segment has too few rows to be judged
# description: It is neither judged alone nor covered by a judged pool.
# custom:
#   code: MET-004
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Evaluate on more rows, or have model risk register the segment as pooled.
#   since: 0.1.0
#   threshold: lines.*.minRows
findings contains finding if {
	some name, side in input.metrics.against
	some i, left_out in side.figures.notJudged
	not _covered(side.figures, left_out)
	pointer := shared.at(["metrics/against", name, "figures/notJudged", shared.position(i), "n"])
	finding := shared.figure("MET-004", "committee", pointer, left_out.n, left_out.minimum, "count")
}

_covered(figures, left_out) if {
	left_out.pooled == true
	left_out.what != "pooled"
	_pool_judged(figures)
}

headroom contains room if {
	some m in _overall
	m.observed <= m.limit
	room := shared.room("MET-001", m.pointer, m.observed, m.limit, "ppm")
}

headroom contains room if {
	some m in _in_segments
	m.observed <= m.limit
	room := shared.room(_segment_code[m.open], m.pointer, m.observed, m.limit, "ppm")
}

_segment_code[true] := "MET-003"

_segment_code[false] := "MET-002"

# What could not be judged, for the record whatever the path.
not_judged contains {"what": left_out.what, "n": left_out.n, "minimum": left_out.minimum} if {
	some side in input.metrics.against
	some left_out in side.figures.notJudged
}
