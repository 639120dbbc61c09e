# Rules for plans: certctl plan --format json >plan.json; conftest test --policy packaging/policy plan.json
#
# certctl's own guards stop what is dangerous. These are examples of what a company may want besides.
package main

import rego.v1

# What everybody notices happens to one certificate at a time.
deny contains message if {
	noticed := [change.address | some change in input.changes; change.blast_radius == "everybody"]
	count(noticed) > 1
	message := sprintf("everybody notices %d of these changes: plan them one by one", [count(noticed)])
}

# A certificate that is removed needs a second look, whatever `policy.max_deletes` says.
warn contains message if {
	some change in input.changes
	change.change == "delete"
	message := sprintf("%s is removed", [change.address])
}

# What is created is renewed.
deny contains message if {
	some change in input.changes
	change.change == "create"
	object.get(change.after, "renew_before", null) == null
	message := sprintf("%s is created without rotation.renew_before", [change.address])
}

# A plan that names a guard was thought about; say so again.
warn contains message if {
	some option in input.options
	startswith(option, "--allow")
	message := sprintf("this plan passes a guard: %s", [option])
}
