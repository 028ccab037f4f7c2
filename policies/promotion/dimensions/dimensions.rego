# METADATA
# scope: package
# title: Dimensions
# description: Each dimension of the closed list, by the name it has in the diff. A module that is not listed here is in no decision.
# schemas:
#   - input: schema["routing-input.v0.schema"]
package promotion.dimensions

import data.promotion.artefact
import data.promotion.calibration
import data.promotion.decision_rule
import data.promotion.evaluation
import data.promotion.evidence
import data.promotion.fairness
import data.promotion.features
import data.promotion.gates
import data.promotion.history
import data.promotion.hyperparameters
import data.promotion.loss
import data.promotion.metrics
import data.promotion.model_class
import data.promotion.population
import data.promotion.protected
import data.promotion.segments
import data.promotion.terms
import data.promotion.training_window
import data.promotion.transforms
import data.promotion.use

all := {
	"modelClass": {
		"cleared": model_class.cleared,
		"proven": model_class.proven,
		"findings": model_class.findings,
		"headroom": model_class.headroom,
	},
	"hyperparameters": {
		"cleared": hyperparameters.cleared,
		"proven": hyperparameters.proven,
		"findings": hyperparameters.findings,
		"headroom": hyperparameters.headroom,
	},
	"loss": {
		"cleared": loss.cleared,
		"proven": loss.proven,
		"findings": loss.findings,
		"headroom": loss.headroom,
	},
	"features": {
		"cleared": features.cleared,
		"proven": features.proven,
		"findings": features.findings,
		"headroom": features.headroom,
	},
	"protected": {
		"cleared": protected.cleared,
		"proven": protected.proven,
		"findings": protected.findings,
		"headroom": protected.headroom,
	},
	"transforms": {
		"cleared": transforms.cleared,
		"proven": transforms.proven,
		"findings": transforms.findings,
		"headroom": transforms.headroom,
	},
	"population": {
		"cleared": population.cleared,
		"proven": population.proven,
		"findings": population.findings,
		"headroom": population.headroom,
	},
	"segments": {
		"cleared": segments.cleared,
		"proven": segments.proven,
		"findings": segments.findings,
		"headroom": segments.headroom,
	},
	"decisionRule": {
		"cleared": decision_rule.cleared,
		"proven": decision_rule.proven,
		"findings": decision_rule.findings,
		"headroom": decision_rule.headroom,
	},
	"calibration": {
		"cleared": calibration.cleared,
		"proven": calibration.proven,
		"findings": calibration.findings,
		"headroom": calibration.headroom,
	},
	"metrics": {
		"cleared": metrics.cleared,
		"proven": metrics.proven,
		"findings": metrics.findings,
		"headroom": metrics.headroom,
	},
	"evaluation": {
		"cleared": evaluation.cleared,
		"proven": evaluation.proven,
		"findings": evaluation.findings,
		"headroom": evaluation.headroom,
	},
	"fairness": {
		"cleared": fairness.cleared,
		"proven": fairness.proven,
		"findings": fairness.findings,
		"headroom": fairness.headroom,
	},
	"trainingWindow": {
		"cleared": training_window.cleared,
		"proven": training_window.proven,
		"findings": training_window.findings,
		"headroom": training_window.headroom,
	},
	"use": {
		"cleared": use.cleared,
		"proven": use.proven,
		"findings": use.findings,
		"headroom": use.headroom,
	},
	"terms": {
		"cleared": terms.cleared,
		"proven": terms.proven,
		"findings": terms.findings,
		"headroom": terms.headroom,
	},
	"gates": {
		"cleared": gates.cleared,
		"proven": gates.proven,
		"findings": gates.findings,
		"headroom": gates.headroom,
	},
	"evidence": {
		"cleared": evidence.cleared,
		"proven": evidence.proven,
		"findings": evidence.findings,
		"headroom": evidence.headroom,
	},
	"history": {
		"cleared": history.cleared,
		"proven": history.proven,
		"findings": history.findings,
		"headroom": history.headroom,
	},
	"artefact": {
		"cleared": artefact.cleared,
		"proven": artefact.proven,
		"findings": artefact.findings,
		"headroom": artefact.headroom,
	},
}
