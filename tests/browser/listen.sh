#!/bin/sh
# The page of `captchactl audio listen` in Chromium: listen.js has the cases.
# Screenshots are left in test-output/ (SCREENSHOTS=directory for another).
. "$(dirname "$0")/lib.sh"

fetch_modules tests/browser
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
: "${SCREENSHOTS:=$SRC/test-output}"
mkdir -p "$SCREENSHOTS"
export SCREENSHOTS PAGE="$T/listen.html" LABELS="$T/sounds/labels.tsv"
options="--config /dev/null --set cache_dir=$T/none --snr-db 60 --seed 5"
"$builddir/captchactl" audio listen $options --out "$PAGE" >"$T/said" &&
	"$builddir/captchactl" audio render $options --count 20 \
		--out "$T/sounds" || {
	echo 'Bail out! captchactl audio failed'
	exit 1
}
HOME=$T TMPDIR=$T node "$SRC/tests/browser/listen.js"
