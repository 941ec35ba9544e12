#!/bin/sh
# Packages of npm that show captchas in React, Vue, Angular and Svelte, in
# Chromium: wrappers.js has the cases. Service and pages are behind nginx, on
# hosts of their own. ONLY=pattern for some of the cases.
. "$(dirname "$0")/lib.sh"

: "${SCREENSHOTS:=$SRC/test-output}" "${CHROMIUM:=/usr/bin/chromium}"
[ -x "$CHROMIUM" ] || skip_all "no $CHROMIUM"
enclose tests/browser tests/clients tests/clients/wrappers
paths=
for wanted in tests/browser tests/clients tests/clients/wrappers; do
	fetch_modules "$wanted"
	paths=$NODE_PATH${paths:+:$paths}
done
export NODE_PATH="$paths"

pages='forum.example.org other.example.org'
prepare_site forum.example.org
HTDOCS=$T/htdocs
start_listening --workers 2
ship deploy/nginx/captcha-vhost.conf
cat >>"$shipped" <<END
server {
	listen 127.0.0.1:$port ssl;
	server_name $pages;
	ssl_certificate     $T/tls/fullchain.pem;
	ssl_certificate_key $T/tls/privkey.pem;
	root $HTDOCS;
	include /etc/nginx/mime.types;
}
END
start_nginx "$shipped"
write_newest_code
mkdir -p "$SCREENSHOTS"
export CHROMIUM HTDOCS SCREENSHOTS HOME="$T" TMPDIR="$T"
export URL="$url" SECRET="$secret"
node "$clients/wrappers.js"
code=$?
[ $code -eq 0 ] || sed 's/^/# /' "$T/service.log" "$T/server.log"
exit $code
