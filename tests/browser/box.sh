#!/bin/sh
# The element <captcha-box> in Chromium, in a page of a web server, the demo page
# and the page without scripts: box.js has the cases. Screenshots are left in
# test-output/ (SCREENSHOTS=directory for another).
. "$(dirname "$0")/lib.sh"

fetch_modules tests/browser
SITE_SECRET=the-secret-of-the-first-site
# with such a life challenges have no reserve, and the newest is the one shown
start_site 'ttl_s = 29' \
	'[profile slow]' 'ttl_s = 300' \
	'[profile sum]' 'ttl_s = 29' 'kind = arithmetic' 'width = 200' 'scale = 2' \
	'[site default]' 'sitekey = default' \
	"secret = $SITE_SECRET" 'hostnames = same' \
	'[site slow]' 'sitekey = slow' 'profile = slow' \
	'secret = the-secret-of-the-slow-site' 'hostnames = any' \
	'[site sum]' 'sitekey = sum' 'profile = sum' \
	'secret = the-secret-of-the-sum-site' \
	'[site ears]' 'sitekey = ears' 'modes = audio' 'hostnames = same' \
	'secret = the-secret-of-the-site-for-ears' \
	'[site elsewhere]' 'sitekey = elsewhere' 'hostnames = other.example' \
	'secret = the-secret-of-another-site'
for key in default slow sum ears elsewhere nobody; do
	sed "s/SITEKEY/$key/g" "$SRC/tests/browser/box.html" \
		>"$T/htdocs/$key.html"
done
cat >"$T/htdocs/frame.html" <<END
<!DOCTYPE html><html lang="en"><title>A form</title><h1>A form</h1>
<link rel="icon" href="data:,">
<iframe title="captcha" width="302" height="422"
	src="/captcha/recaptcha/api/fallback?k=default"></iframe>
END
cat >"$T/htdocs/silent.html" <<END
<!DOCTYPE html><html lang="en"><title>A form</title>
<link rel="icon" href="data:,">
<iframe title="captcha" width="302" height="422" referrerpolicy="no-referrer"
	src="$SITE/captcha/recaptcha/api/fallback?k=slow"></iframe>
END
# for a browser, "localhost" is another origin
cat >"$T/htdocs/other.html" <<END
<!DOCTYPE html><html lang="en"><title>A form</title>
<script src="$SITE/captcha/widget.js" defer></script>
<captcha-box sitekey="slow" src="$SITE/captcha"></captcha-box>
END
echo '<!DOCTYPE html><title>Sent</title>' >"$T/htdocs/sent.html"
: >"$T/htdocs/favicon.ico"
: "${SCREENSHOTS:=$SRC/test-output}"
mkdir -p "$SCREENSHOTS"
export SCREENSHOTS
AXE=$modules/node_modules/axe-core/axe.min.js
TREE=$SRC/tests/browser/box.tree
export AXE TREE
node "$SRC/tests/browser/${CASES:-box.js}"
code=$?
[ $code -eq 0 ] || sed 's/^/# /' "$T"/*.log
exit $code
