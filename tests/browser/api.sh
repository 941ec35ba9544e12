#!/bin/sh
# api.js in its three flavours, and its frames, in Chromium, in pages of another
# origin than that of the service: api.js has the cases. Screenshots are left in
# test-output/ (SCREENSHOTS=directory for another). PART: looks or test-keys, in
# place of the usual cases.
. "$(dirname "$0")/lib.sh"

fetch_modules tests/browser
# with such a life challenges have no reserve, and the newest is the one shown
SITE_SECRET=the-secret-of-the-page
# the port that start_site will find
embedder_port=$(T=${TMPDIR:-/tmp} && port='' && free_port && echo "$port")
test_keys=no
[ "${PART-}" != test-keys ] || test_keys=yes
start_site 'ttl_s = 29' "test_keys = $test_keys" \
	'[profile slow]' 'ttl_s = 300' \
	'[site page]' 'sitekey = page-key' 'hostnames = localhost' \
	"secret = $SITE_SECRET" \
	'[site slow]' 'sitekey = slow-key' 'profile = slow' \
	'hostnames = localhost' 'secret = the-secret-of-the-slow-site' \
	'[site nested]' 'sitekey = nested-key' 'hostnames = localhost' \
	"embedders = http://127.0.0.1:$embedder_port" \
	'secret = the-secret-of-the-nested-site' \
	'[site elsewhere]' 'sitekey = elsewhere-key' 'hostnames = other.example' \
	'secret = the-secret-of-another-site'
: >"$T/htdocs/favicon.ico"
echo '<!DOCTYPE html><title>Sent</title>' >"$T/htdocs/sent.html"
: "${SCREENSHOTS:=$SRC/test-output}"
mkdir -p "$SCREENSHOTS"
mkdir "$T/htdocs/t"
HTDOCS=$T/htdocs/t
export SCREENSHOTS HTDOCS
AXE=$modules/node_modules/axe-core/axe.min.js
export AXE
node "$SRC/tests/browser/api.js"
code=$?
[ $code -eq 0 ] || sed 's/^/# /' "$T"/*.log
exit $code
