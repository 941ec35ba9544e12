#!/bin/sh
# examples/node/contact.js against the service.
. "$(dirname "$0")/lib.sh"
. "$SRC/tests/node-modules.sh"

fetch_modules tests/examples
run_example() {
	start "$T/example.log" \
		node "$SRC/examples/node/contact.js" "$1"
}
visit_example
