#!/bin/sh
# examples/python/contact.py against the service.
. "$(dirname "$0")/lib.sh"

run_example() {
	start "$T/example.log" \
		python3 "$SRC/examples/python/contact.py" "$1"
}
visit_example
