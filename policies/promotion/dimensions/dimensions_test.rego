package promotion.dimensions_test

import data.promotion.dimensions

# The names of the diff: what the input has beside the facts about itself.
test_every_dimension_of_the_input_is_registered if {
	facts := {"schema", "line", "environment", "evaluatedAtDay"}
	object.keys(dimensions.all) == object.keys(data.fixtures.clear) - facts with input as data.fixtures.clear
}

test_each_says_the_same_four_things if {
	registered := dimensions.all with input as data.fixtures.clear
	every dimension in registered {
		object.keys(dimension) == {"cleared", "proven", "findings", "headroom"}
		dimension.cleared
		dimension.proven
		count(dimension.findings) == 0
	}
}

# Nothing is proven of an input that is not there, and that is said and not left out.
test_without_an_input_each_is_unproven if {
	registered := dimensions.all with input as {}
	count(registered) == count(object.keys(data.fixtures.clear)) - 4
	every dimension in registered {
		dimension.cleared == false
		dimension.proven == false
	}
}
