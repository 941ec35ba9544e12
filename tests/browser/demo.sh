#!/bin/sh
# The demo page and examples/form.html in Chromium: demo.js has the cases.
# Screenshots are left in test-output/ (SCREENSHOTS=directory for another).
. "$(dirname "$0")/lib.sh"

fetch_modules tests/browser
# with such a life challenges have no reserve, and the newest is the one shown
start_site 'ttl_s = 29'
: "${SCREENSHOTS:=$SRC/test-output}"
mkdir -p "$SCREENSHOTS"
export SCREENSHOTS
node "$SRC/tests/browser/demo.js"
code=$?
[ $code -eq 0 ] || sed 's/^/# /' "$T"/*.log
exit $code
