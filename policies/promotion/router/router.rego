# METADATA
# scope: package
# title: Router
# description: The only entrypoint. The path with its findings, and what it brings with it, in one document.
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.router

import data.promotion.layers
import data.promotion.metrics
import data.promotion.obligations
import data.promotion.path

decision := object.union(_judged, obligations.duties)

_judged := {
	"schema": "decision/v0",
	"path": path.heaviest,
	"findings": [finding | some finding in path.found],
	"cleared": path.cleared,
	"notJudged": [object.union(entry, {"dimension": "metrics"}) | some entry in metrics.not_judged],
	"holds": [hold | some hold in obligations.waiting],
	"groups": obligations.groups,
	"separation": {"excludeRequester": true, "distinctPersons": true, "excludeReleaser": true},
	"obligations": [{"code": code} | some code in obligations.owed],
	"expiresAfterDays": layers.paths[path.heaviest].expires_after_days,
} if {
	layers.complete
}
