package promotion.metrics_test

import data.promotion.metrics
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"as before": {
		"do": [],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"overall is null": {
		"do": [t.put(t.at("metrics", "overall"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"overall is of another type": {
		"do": [t.put(t.at("metrics", "overall"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"overall is absent": {
		"do": [t.gone(t.at("metrics", "overall"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"segments is null": {
		"do": [t.put(t.at("metrics", "segments"), null)],
		"codes": {"MET-004"},
		"proven": false,
		"cleared": false,
	},
	"segments is of another type": {
		"do": [t.put(t.at("metrics", "segments"), {"x": 1})],
		"codes": {"MET-004"},
		"proven": false,
		"cleared": false,
	},
	"segments is absent": {
		"do": [t.gone(t.at("metrics", "segments"))],
		"codes": {"MET-004"},
		"proven": false,
		"cleared": false,
	},
	"notJudged is null": {
		"do": [t.put(t.at("metrics", "notJudged"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"notJudged is of another type": {
		"do": [t.put(t.at("metrics", "notJudged"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"notJudged is absent": {
		"do": [t.gone(t.at("metrics", "notJudged"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"overall/0/worse_ppm is null": {
		"do": [t.put(t.at("metrics", "overall/0/worse_ppm"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"overall/0/worse_ppm is of another type": {
		"do": [t.put(t.at("metrics", "overall/0/worse_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"overall/0/worse_ppm is absent": {
		"do": [t.gone(t.at("metrics", "overall/0/worse_ppm"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"segments/0/metrics is null": {
		"do": [t.put(t.at("metrics", "segments/0/metrics"), null)],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"segments/0/metrics is of another type": {
		"do": [t.put(t.at("metrics", "segments/0/metrics"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"segments/0/metrics is absent": {
		"do": [t.gone(t.at("metrics", "segments/0/metrics"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"compared with a last human-approved version of its own": {
		"do": [t.own_side("metrics")],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"not compared with it": {
		"do": [t.own_side("metrics"), t.put("/metrics/against/lastHumanApproved/state", "unknown")],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"approval rate moved by 100000": {
		"do": [t.put(t.at("metrics", "overall/2/worse_ppm"), 100000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"approval rate moved by 100001": {
		"do": [t.put(t.at("metrics", "overall/2/worse_ppm"), 100001)],
		"codes": {"MET-001"},
		"proven": true,
		"cleared": false,
	},
	"the tighter of sealed and shipped counts": {
		"do": [t.put(t.at("metrics", "overall/0/limit_ppm"), 900000), t.put(t.at("metrics", "overall/0/worse_ppm"), 20001)],
		"codes": {"MET-001"},
		"proven": true,
		"cleared": false,
	},
	"a limited metric is missing": {
		"do": [t.gone(t.at("metrics", "overall/0"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"nobody says whether it is protected": {
		"do": [t.put(t.at("metrics", "segments/5/protected"), null), t.put(t.at("metrics", "segments/5/metrics/0/worse_ppm"), 30001)],
		"codes": {"MET-002"},
		"proven": false,
		"cleared": false,
	},
	"a segment without its limited metric": {
		"do": [t.gone(t.at("metrics", "segments/0/metrics/0"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"a judged segment is missing": {
		"do": [t.gone(t.at("metrics", "segments/0"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"a pooled segment stands nowhere, the pool is judged": {
		"do": [t.gone(t.at("metrics", "notJudged/0"))],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"the pool is not judged": {
		"do": [t.gone(t.at("metrics", "segments/6"))],
		"codes": {"MET-004"},
		"proven": true,
		"cleared": false,
	},
	"a pooled segment stands nowhere, nor is the pool judged": {
		"do": [t.gone(t.at("metrics", "segments/6")), t.gone(t.at("metrics", "notJudged/0"))],
		"codes": {"MET-004"},
		"proven": false,
		"cleared": false,
	},
	"a judged segment has too few rows": {
		"do": [t.gone(t.at("metrics", "segments/5")), t.put(t.at("metrics", "notJudged/-"), {"what": "housing=own", "n": 79, "minimum": 80, "null99_ppm": null, "pooled": false})],
		"codes": {"MET-004"},
		"proven": true,
		"cleared": false,
	},
	"the pool itself has too few rows": {
		"do": [t.put(t.at("metrics", "notJudged/-"), {"what": "pooled", "n": 79, "minimum": 80, "null99_ppm": null, "pooled": true})],
		"codes": {"MET-004"},
		"proven": true,
		"cleared": false,
	},
	"a segment metric is of another type": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/0/worse_ppm"), {"x": 1})],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"a sealed band of a segment tighter than the shipped one": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/0/limit_ppm"), 10000), t.put(t.at("metrics", "segments/0/metrics/0/worse_ppm"), 10001)],
		"codes": {"MET-002"},
		"proven": true,
		"cleared": false,
	},
	"a sealed band of a segment wider than the shipped one": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/0/limit_ppm"), 50000), t.put(t.at("metrics", "segments/0/metrics/0/worse_ppm"), 30001)],
		"codes": {"MET-002"},
		"proven": true,
		"cleared": false,
	},
	"a pooled segment is judged alone, and there is no pool": {
		"do": [t.gone(t.at("metrics", "notJudged")), t.put(t.at("metrics", "notJudged"), [{"what": "age_band=51+", "n": 27, "minimum": 80, "null99_ppm": null, "pooled": true}, {"what": "foreign_worker=no", "n": 11, "minimum": 80, "null99_ppm": null, "pooled": true}]), t.put(t.at("metrics", "segments/6/segment"), "age_band=18-25")],
		"codes": {"MET-004"},
		"proven": false,
		"cleared": false,
	},
	"no ks": {
		"do": [t.gone(t.at("metrics", "overall/1"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"no brier beside a log loss": {
		"do": [t.gone(t.at("metrics", "overall/3"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"no log loss beside a brier": {
		"do": [t.gone(t.at("metrics", "overall/4"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"scores that are no probabilities, and no ks": {
		"do": [t.gone(t.at("metrics", "overall/4")), t.gone(t.at("metrics", "overall/3")), t.gone(t.at("metrics", "overall/1"))],
		"codes": set(),
		"proven": false,
		"cleared": false,
	},
	"scores that are no probabilities": {
		"do": [t.gone(t.at("metrics", "overall/4")), t.gone(t.at("metrics", "overall/3"))],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
}

test_metrics[note] if {
	some note, case in _cases
	told(case) == object.remove(case, ["do"])
}

# What the rules say of a case.
told(case) := seen if {
	seen := {
		"codes": {finding.code | some finding in metrics.findings},
		"proven": metrics.proven,
		"cleared": metrics.cleared,
	} with input as t.changed(case.do)
}

test_metrics_headroom_is_below_its_limit if {
	rooms := metrics.headroom with input as data.fixtures.clear
	count(rooms) > 0
	every room in rooms {
		room.observed <= room.limit
	}
}

test_what_was_not_judged_is_listed if {
	listed := metrics.not_judged with input as data.fixtures.clear
	count(listed) == 5
}

# The path of each rule, as it was agreed.
_paths := {
	"MET-001": "reviewer",
	"MET-002": "committee",
	"MET-003": "reviewer",
	"MET-004": "committee",
}

test_metrics_paths_and_headroom[note] if {
	some note, case in _cases
	lawful(case)
}

lawful(case) if {
	seen := {"findings": metrics.findings, "headroom": metrics.headroom} with input as t.changed(case.do)
	t.lawful(seen.findings, seen.headroom, _paths)
}
