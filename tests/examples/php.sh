#!/bin/sh
# examples/php/contact.php against the service.
. "$(dirname "$0")/lib.sh"

run_example() {
	start "$T/example.log" \
		php -S "127.0.0.1:$1" "$SRC/examples/php/contact.php"
}
visit_example
