# Just below, at and over each limit, shipped and sealed.
package promotion.metrics_limits_test

import data.promotion.metrics
import data.promotion.metrics_test as all
import data.promotion.shared_test as t

# What is changed in the clear input, which rules fire, whether all is proven, and whether the dimension is cleared.
_cases := {
	"auc worse by 19999": {
		"do": [t.put(t.at("metrics", "overall/0/worse_ppm"), 19999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"auc worse by 20000": {
		"do": [t.put(t.at("metrics", "overall/0/worse_ppm"), 20000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"auc worse by 20001": {
		"do": [t.put(t.at("metrics", "overall/0/worse_ppm"), 20001)],
		"codes": {"MET-001"},
		"proven": true,
		"cleared": false,
	},
	"a metric without a limit": {
		"do": [t.put(t.at("metrics", "overall/-"), {"name": "gini", "worse_ppm": 900000, "limit_ppm": null})],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a sealed band of 5000 and worse by 4999": {
		"do": [t.put(t.at("metrics", "overall/1/limit_ppm"), 5000), t.put(t.at("metrics", "overall/1/worse_ppm"), 4999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a sealed band of 5000 and worse by 5000": {
		"do": [t.put(t.at("metrics", "overall/1/limit_ppm"), 5000), t.put(t.at("metrics", "overall/1/worse_ppm"), 5000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"a sealed band of 5000 and worse by 5001": {
		"do": [t.put(t.at("metrics", "overall/1/limit_ppm"), 5000), t.put(t.at("metrics", "overall/1/worse_ppm"), 5001)],
		"codes": {"MET-001"},
		"proven": true,
		"cleared": false,
	},
	"protected segment worse by 29999": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/0/worse_ppm"), 29999)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"protected segment worse by 30000": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/0/worse_ppm"), 30000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"protected segment worse by 30001": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/0/worse_ppm"), 30001)],
		"codes": {"MET-002"},
		"proven": true,
		"cleared": false,
	},
	"open segment worse by 30000": {
		"do": [t.put(t.at("metrics", "segments/5/metrics/0/worse_ppm"), 30000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"open segment worse by 30001": {
		"do": [t.put(t.at("metrics", "segments/5/metrics/0/worse_ppm"), 30001)],
		"codes": {"MET-003"},
		"proven": true,
		"cleared": false,
	},
	"ks worse by 40000": {
		"do": [t.put(t.at("metrics", "overall/1/worse_ppm"), 40000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"ks worse by 40001": {
		"do": [t.put(t.at("metrics", "overall/1/worse_ppm"), 40001)],
		"codes": {"MET-001"},
		"proven": true,
		"cleared": false,
	},
	"brier worse by 10000": {
		"do": [t.put(t.at("metrics", "overall/3/worse_ppm"), 10000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"brier worse by 10001": {
		"do": [t.put(t.at("metrics", "overall/3/worse_ppm"), 10001)],
		"codes": {"MET-001"},
		"proven": true,
		"cleared": false,
	},
	"log loss worse by 20000": {
		"do": [t.put(t.at("metrics", "overall/4/worse_ppm"), 20000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"log loss worse by 20001": {
		"do": [t.put(t.at("metrics", "overall/4/worse_ppm"), 20001)],
		"codes": {"MET-001"},
		"proven": true,
		"cleared": false,
	},
	"ks of a segment worse by 100000": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/2/worse_ppm"), 100000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"ks of a segment worse by 100001": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/2/worse_ppm"), 100001)],
		"codes": {"MET-002"},
		"proven": true,
		"cleared": false,
	},
	"brier of a segment worse by 20000": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/3/worse_ppm"), 20000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"brier of a segment worse by 20001": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/3/worse_ppm"), 20001)],
		"codes": {"MET-002"},
		"proven": true,
		"cleared": false,
	},
	"log loss of a segment worse by 50000": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/4/worse_ppm"), 50000)],
		"codes": set(),
		"proven": true,
		"cleared": true,
	},
	"log loss of a segment worse by 50001": {
		"do": [t.put(t.at("metrics", "segments/0/metrics/4/worse_ppm"), 50001)],
		"codes": {"MET-002"},
		"proven": true,
		"cleared": false,
	},
}

test_metrics_limits[note] if {
	some note, case in _cases
	all.told(case) == object.remove(case, ["do"])
}

test_metrics_limits_paths_and_headroom[note] if {
	some note, case in _cases
	all.lawful(case)
}

# How near each figure may come to its limit without firing.
_nearest := {"MET-001": 0, "MET-002": 0, "MET-003": 0}

test_metrics_headroom_reaches_the_limit[code] if {
	some code, left in _nearest
	left == min([near | some room in _rooms; room.code == code; near := room.limit - room.observed])
}

_rooms contains room if {
	some case in _cases
	rooms := metrics.headroom with input as t.changed(case.do)
	some room in rooms
}
