# METADATA
# scope: package
# title: Population
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.population

import data.promotion.layers
import data.promotion.shared

default cleared := false

default proven := false

_limits := layers.limits.population

_limit_names := [
	"score_recorded_ppm",
	"score_reviewer_ppm",
	"score_committee_ppm",
	"since_people_recorded_ppm",
	"since_people_committee_ppm",
	"feature_reviewer_ppm",
	"null99_ppm",
]

proven if {
	shared.compared(input.population)
	shared.limits_known(_limits, _limit_names)
	every name in ["incumbent", "lastHumanApproved"] {
		_known(name)
	}
}

_known(name) if shared.no_baseline(input.population.against[name])

# Every feature that existed at the baseline has a figure: a list that lost one is no proof.
_known(name) if {
	figures := input.population.against[name].figures
	is_number(figures.score.psi_ppm)
	is_number(figures.score.null99_ppm)
	is_array(figures.features)
	every feature in figures.features {
		is_number(feature.psi_ppm)
	}
	is_string(figures.filters.from)
	is_string(figures.filters.to)
	is_boolean(figures.scored.sameRows)
	is_number(figures.scored.fromDay)
	is_number(figures.scored.toDay)
	is_number(input.features.figures.count)
	count(figures.features) + count(input.features.against[name].figures.added) >= input.features.figures.count
}

cleared if {
	proven
	shared.nothing_raised(findings)
}

_score(name) := shared.at(["population/against", name, "figures/score/psi_ppm"])

# Limits rise with the path, and each is measured on its own: the nearest that did not fire is the headroom.
_score_limits := [
	["incumbent", "POP-002", _limits.score_reviewer_ppm],
	["incumbent", "POP-003", _limits.score_committee_ppm],
	["lastHumanApproved", "POP-005", _limits.since_people_committee_ppm],
]

# METADATA
# title: The score distribution moved a little
# description: The scores of today's applicants differ visibly from those at the last promotion, inside what was agreed.
# custom:
#   code: POP-001
#   min_path: automated
#   severity: info
#   owner: model-risk
#   controls: [SS1-23]
#   remedy: None. Watch the next retrains.
#   since: 0.1.0
#   threshold: limits.population.score_recorded_ppm
findings contains finding if {
	observed := input.population.against.incumbent.figures.score.psi_ppm
	is_number(observed)
	observed >= _limits.score_recorded_ppm
	observed <= _limits.score_reviewer_ppm
	finding := shared.figure("POP-001", "automated", _score("incumbent"), observed, _limits.score_recorded_ppm, "ppm")
}

# METADATA
# title: The score distribution moved
# description: The scores of today's applicants differ from those at the last promotion by more than what was agreed.
# custom:
#   code: POP-002
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say where the population moved and why the model still fits.
#   since: 0.1.0
#   threshold: limits.population.score_reviewer_ppm
findings contains finding if {
	observed := input.population.against.incumbent.figures.score.psi_ppm
	is_number(observed)
	observed > _limits.score_reviewer_ppm
	observed <= _limits.score_committee_ppm
	finding := shared.figure("POP-002", "reviewer", _score("incumbent"), observed, _limits.score_reviewer_ppm, "ppm")
}

# METADATA
# title: The score distribution is another one
# description: The scores of today's applicants come from a population that the approved model was not approved for.
# custom:
#   code: POP-003
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee that the model fits the population of today.
#   since: 0.1.0
#   threshold: limits.population.score_committee_ppm
findings contains finding if {
	observed := input.population.against.incumbent.figures.score.psi_ppm
	is_number(observed)
	observed > _limits.score_committee_ppm
	finding := shared.figure("POP-003", "committee", _score("incumbent"), observed, _limits.score_committee_ppm, "ppm")
}

# METADATA
# title: The population moved since people last approved
# description: Small steps have begun to add up since the last version that people approved.
# custom:
#   code: POP-004
#   min_path: automated
#   severity: info
#   owner: model-risk
#   controls: [SS1-23]
#   remedy: None. Watch the next retrains.
#   since: 0.1.0
#   threshold: limits.population.since_people_recorded_ppm
findings contains finding if {
	observed := input.population.against.lastHumanApproved.figures.score.psi_ppm
	is_number(observed)
	observed >= _limits.since_people_recorded_ppm
	observed <= _limits.since_people_committee_ppm
	pointer := _score("lastHumanApproved")
	finding := shared.figure("POP-004", "automated", pointer, observed, _limits.since_people_recorded_ppm, "ppm")
}

# METADATA
# title: Many small steps have added up
# description: Each promotion moved little, but the population is another one than people last approved for.
# custom:
#   code: POP-005
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Show the committee that the model fits the population of today.
#   since: 0.1.0
#   threshold: limits.population.since_people_committee_ppm
findings contains finding if {
	observed := input.population.against.lastHumanApproved.figures.score.psi_ppm
	is_number(observed)
	observed > _limits.since_people_committee_ppm
	pointer := _score("lastHumanApproved")
	finding := shared.figure("POP-005", "committee", pointer, observed, _limits.since_people_committee_ppm, "ppm")
}

# METADATA
# title: A feature's distribution moved
# description: One input has values that differ from those at the baseline by more than what was agreed.
# custom:
#   code: POP-006
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say why this input moved and whether its source is sound.
#   since: 0.1.0
#   threshold: limits.population.feature_reviewer_ppm
findings contains finding if {
	some name, side in input.population.against
	some i, feature in side.figures.features
	is_number(feature.psi_ppm)
	feature.psi_ppm > _limits.feature_reviewer_ppm
	pointer := _feature(name, i)
	finding := shared.figure("POP-006", "reviewer", pointer, feature.psi_ppm, _limits.feature_reviewer_ppm, "ppm")
}

# METADATA
# title: Too few rows to tell whether the population moved
# description: Even without any change a sample this small could show a figure above the limit.
# custom:
#   code: POP-007
#   min_path: committee
#   severity: high
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Profile more rows, or let the committee decide without this figure.
#   since: 0.1.0
#   threshold: limits.population.null99_ppm
findings contains finding if {
	some name, side in input.population.against
	observed := side.figures.score.null99_ppm
	is_number(observed)
	observed > _limits.null99_ppm
	pointer := shared.at(["population/against", name, "figures/score/null99_ppm"])
	finding := shared.figure("POP-007", "committee", pointer, observed, _limits.null99_ppm, "ppm")
}

# METADATA
# title: Another population is scored
# description: The rows to score were chosen by other filters than at the baseline, so who the model decides on was defined anew.
# custom:
#   code: POP-008
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Say who is in and who is out now, and why the model fits them.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.population.against
	change := side.figures.filters
	change.from != change.to
	pointer := shared.at(["population/against", name, "figures/filters/to"])
	finding := shared.text("POP-008", "reviewer", pointer, change.to, change.from)
}

# METADATA
# title: A stale population
# description: The scored rows are no newer than those of the baseline, so they cannot show whether anybody moved since.
# custom:
#   code: POP-009
#   min_path: reviewer
#   severity: medium
#   owner: model-risk
#   controls: [SR26-2, SS1-23]
#   remedy: Profile the applicants of today and send a new request.
#   since: 0.1.0
findings contains finding if {
	some name, side in input.population.against
	scored := side.figures.scored
	_stale(scored)
	pointer := shared.at(["population/against", name, "figures/scored/toDay"])
	finding := shared.figure("POP-009", "reviewer", pointer, scored.toDay, scored.fromDay, "days")
}

_stale(scored) if scored.sameRows != false

_stale(scored) if scored.toDay <= scored.fromDay

_feature(name, i) := shared.at(["population/against", name, "figures/features", shared.position(i), "psi_ppm"])

headroom contains room if {
	some [name, code, limit] in _score_limits
	observed := input.population.against[name].figures.score.psi_ppm
	is_number(observed)
	observed <= limit
	room := shared.room(code, _score(name), observed, limit, "ppm")
}

# Of two thousand features the one nearest to its limit says it all.
headroom contains room if {
	some name, side in input.population.against
	figures := [feature.psi_ppm | some feature in side.figures.features]
	observed := max(figures)
	observed <= _limits.feature_reviewer_ppm
	nearest := min([i | some i, figure in figures; figure == observed])
	room := shared.room("POP-006", _feature(name, nearest), observed, _limits.feature_reviewer_ppm, "ppm")
}

headroom contains room if {
	some name, side in input.population.against
	observed := side.figures.score.null99_ppm
	is_number(observed)
	observed <= _limits.null99_ppm
	pointer := shared.at(["population/against", name, "figures/score/null99_ppm"])
	room := shared.room("POP-007", pointer, observed, _limits.null99_ppm, "ppm")
}
