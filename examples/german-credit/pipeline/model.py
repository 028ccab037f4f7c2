"""A scorecard as data files: standardised numbers and one-hot values through a logistic curve, fitted, scored, explained and
measured with numpy alone. Newton's method is run to the optimum, and weights keep 8 decimals, so that no library's stopping rule
and no BLAS shows in the bytes."""
import numpy

from rows import TARGET

FLOOR = 1e-15


class Model:
    def __init__(self, features, types, table, numbers, threshold="0.50"):
        self.features, self.threshold = features, threshold
        self.numeric = [name for name in features if types[name] == "long"]
        self.values = {
            name: sorted({row[name] for row in table.values()}) for name in features if types[name] != "long"
        }
        rows = [table[number] for number in numbers]
        columns = {name: numpy.array([float(row[name]) for row in rows]) for name in self.numeric}
        self.median = {name: float(numpy.median(column)) for name, column in columns.items()}
        self.mean = {name: float(column.mean()) for name, column in columns.items()}
        self.scale = {name: float(column.std()) for name, column in columns.items()}
        self.names = [f"num__{name}" for name in self.numeric]
        self.names += [f"cat__{name}_{value}" for name, values in self.values.items() for value in values]
        events = numpy.array([float(row[TARGET]) for row in rows])
        self.intercept, self.weights = fitted(self.inputs(rows), events)

    def inputs(self, rows):
        numbers = [[(float(row[name]) - self.mean[name]) / self.scale[name] for row in rows] for name in self.numeric]
        flags = [[float(row[name] == value) for row in rows] for name, values in self.values.items() for value in values]
        return numpy.array(numbers + flags).T

    def odds(self, rows):
        return self.inputs(rows) @ self.weights + self.intercept

    def scores(self, rows):
        """As every file holds them: six decimals."""
        return [f"{score:.6f}" for score in 1 / (1 + numpy.exp(-self.odds(rows)))]

    def explained(self, rows, background):
        """SHAP values of a linear model with independent inputs: weight times distance from the background's mean, summed over
        the columns of an input. Answers them by input, and the base value."""
        centre = self.inputs(background).mean(0)
        by_column = (self.inputs(rows) - centre) * self.weights
        at = {f"num__{name}": name for name in self.numeric}
        at |= {f"cat__{name}_{value}": name for name, values in self.values.items() for value in values}
        found = {
            feature: by_column[:, [i for i, name in enumerate(self.names) if at[name] == feature]].sum(1)
            for feature in self.features
        }
        return found, float(centre @ self.weights + self.intercept)


def fitted(inputs, events, penalty=1.0):
    """The minimum of log loss plus half the squared weights; the intercept is not penalised. One-hot columns that sum to one leave
    the intercept free along a line only without the penalty, so the minimum is one point."""
    with_one = numpy.hstack([inputs, numpy.ones((len(inputs), 1))])
    ridge = numpy.append(numpy.full(inputs.shape[1], penalty), 0.0)
    found = numpy.zeros(with_one.shape[1])
    for _ in range(100):
        chance = 1 / (1 + numpy.exp(-(with_one @ found)))
        slope = with_one.T @ (chance - events) + ridge * found
        curve = (with_one * (chance * (1 - chance))[:, None]).T @ with_one + numpy.diag(ridge)
        step = numpy.linalg.solve(curve, slope)
        found -= step
        if numpy.abs(step).max() < 1e-12:
            break
    else:
        raise SystemExit("the fit did not converge")
    return float(numpy.round(found[-1], 8) + 0.0), numpy.round(found[:-1], 8) + 0.0


def figures(rows, scores, threshold):
    """The figures of a report, over scores as the files hold them; None where there are no two outcomes."""
    events = numpy.array([int(row[TARGET]) for row in rows])
    values = numpy.array([float(score) for score in scores])
    found = {"approval_rate": float((values < float(threshold)).mean()) if len(rows) else None}
    if not 0 < events.sum() < len(events):
        return {**found, "auc": None, "ks": None, "brier": None, "log_loss": None}
    bad, good = values[events == 1], values[events == 0]
    above = (bad[:, None] > good[None, :]).sum() + 0.5 * (bad[:, None] == good[None, :]).sum()
    cuts = numpy.unique(values)
    gaps = [abs((bad <= cut).mean() - (good <= cut).mean()) for cut in cuts]
    likely = numpy.clip(values, FLOOR, 1 - FLOOR)
    loss = -(events * numpy.log(likely) + (1 - events) * numpy.log(1 - likely)).mean()
    return {
        **found,
        "auc": float(above / (len(bad) * len(good))),
        "ks": float(max(gaps)),
        "brier": float(((values - events) ** 2).mean()),
        "log_loss": float(loss),
    }
