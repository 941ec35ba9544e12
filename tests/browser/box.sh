#!/bin/sh
# The element <captcha-box> in Chromium, in a page of lighttpd, and the page
# without scripts: box.js has the cases. Screenshots are left in test-output/
# (SCREENSHOTS=directory for another).
. "$(dirname "$0")/lib.sh"

fetch_modules tests/browser
start_site
cp "$SRC/tests/browser/box.html" "$T/htdocs"
: "${SCREENSHOTS:=$SRC/test-output}"
mkdir -p "$SCREENSHOTS"
export SCREENSHOTS
node "$SRC/tests/browser/${CASES:-box.js}"
code=$?
[ $code -eq 0 ] || sed 's/^/# /' "$T"/*.log
exit $code
