package promotion.router_test

import data.promotion.router
import data.promotion.shared_test as t

_decide(changed) := decision if {
	decision := router.decision with input as changed
}

_codes(decision) := {finding.code | some finding in decision.findings}

test_the_clear_input_is_automated if {
	decision := _decide(data.fixtures.clear)
	decision.path == "automated"
	count(decision.cleared) == 20
	decision.groups == []
	decision.obligations == []
	decision.expiresAfterDays == 7
}

test_the_first_promotion_has_one_finding if {
	decision := _decide(data.fixtures.first)
	decision.path == "committee"
	_codes(decision) == {"HIS-001"}
	{entry.dimension | some entry in decision.cleared} == {"gates", "evidence"}
}

test_another_schema_is_committee if {
	decision := _decide(t.changed([t.put("/schema", "routing-input/v9")]))
	decision.path == "committee"
	_codes(decision) == {"POL-001"}
	decision.cleared == []
	count(decision.groups) == 2
}

test_without_data_nothing_is_decided if {
	not router.decision with input as data.fixtures.clear with data.paths as {}
	not router.decision with input as data.fixtures.clear with data.waivers as null
}

test_without_limits_nothing_is_automated if {
	decision := router.decision with input as data.fixtures.clear with data.limits as {}
	decision.path == "committee"
}

test_who_decides_is_kept_apart if {
	separation := {"excludeRequester": true, "distinctPersons": true, "excludeReleaser": true}
	_decide(data.fixtures.clear).separation == separation
	_decide(data.fixtures.first).separation == separation
}

test_a_request_expires_with_its_path if {
	_decide(t.changed([t.put(t.at("population", "score/psi_ppm"), 150000)])).expiresAfterDays == 14
	_decide(t.changed([t.put(t.at("population", "score/psi_ppm"), 300000)])).expiresAfterDays == 30
}

# What the router adds to what others say: one document with all of it.
test_an_unknown_line_is_committee_and_waits if {
	decision := _decide(t.changed([t.put("/line", "nobody-registered-this")]))
	decision.path == "committee"
	{"LIN-001", "LIN-002"} - _codes(decision) == set()
	decision.holds == [{"code": "LIN-003", "artefact": "committee", "pointer": "/line"}]
	{"code": "OBL-001"} in decision.obligations
}

test_what_was_not_judged_is_of_the_metrics if {
	decision := _decide(data.fixtures.clear)
	count(decision.notJudged) == 5
	every entry in decision.notJudged {
		entry.dimension == "metrics"
	}
}

test_duties_stand_in_the_decision if {
	paths := object.union(data.paths, {"reviewer": {"step_up_minutes": 8, "respond_within_hours": 9}})
	decision := router.decision with input as t.changed([t.put(t.at("population", "score/psi_ppm"), 150000)])
		with data.paths as paths
	decision.stepUpMinutes == 8
	decision.sla.respondWithinHours == 9
	[group.role | some group in decision.groups] == ["model-risk-reviewer"]
}
