#!/bin/sh
# The demo page and examples/form.html in Chromium: demo.js has the cases.
# Screenshots are left in test-output/ (SCREENSHOTS=directory for another).
. "$(dirname "$0")/lib.sh"

fetch_modules tests/browser
start_site
: "${SCREENSHOTS:=$SRC/test-output}"
mkdir -p "$SCREENSHOTS"
export SCREENSHOTS
node "$SRC/tests/browser/demo.js"
code=$?
[ $code -eq 0 ] || sed 's/^/# /' "$T"/*.log
exit $code
