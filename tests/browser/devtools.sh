#!/bin/sh
# Chrome's DevTools open and compare two of our heap snapshots, from a hunt for
# the old leak (tests/load/leakhunt.sh). A screenshot is left in test-output/
# (SCREENSHOTS=directory for another).
. "$(dirname "$0")/lib.sh"

fetch_modules tests/browser
T=$(mktemp -d "${TMPDIR:-/tmp}/captcha-devtools-XXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
: "${SCREENSHOTS:=$SRC/test-output}"
mkdir -p "$SCREENSHOTS"
make -C "$builddir" bench/hammer tests/load/old-leak.fcgi >"$T/make.log" 2>&1 ||
	{ cat "$T/make.log"; exit 1; }
KEEP=$T/snapshots LEAK_ONLY=1 sh "$SRC/tests/load/leakhunt.sh" >"$T/hunt.log" ||
	{ cat "$T/hunt.log"; exit 1; }
export SCREENSHOTS SNAPSHOTS="$T/snapshots" HOME="$T" TMPDIR="$T"
export NODE_NO_WARNINGS=1
node "$SRC/tests/browser/devtools.js"
