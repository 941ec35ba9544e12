#!/bin/sh
# script/soak for some seconds: no error, an SVG as chart, and a report. It
# notices a service that accepts an answer twice.
. "$(dirname "$0")/lib.sh"

# A slow disk is no error.
export CAPTCHA_STORE_TIMEOUT_MS=20000

soak() {
    builddir=$builddir RATE=0 REST_S=2 "$here/script/soak" 0.1 \
        --out "$work/soak.svg" >"$work/said" 2>"$work/complained"
}
goes_well() {
    soak || { sed 's/^/# /' "$work/said" "$work/complained" && return 1; }
}
is_svg() {
    python3 - "$work/soak.svg" <<'END'
import sys
from xml.dom.minidom import parse
svg = parse(sys.argv[1]).documentElement
assert svg.tagName == "svg"
assert len(svg.getElementsByTagName("polyline")) == 2
END
}
reports() {
    grep -q '^| right, twice at once | 200 | [1-9]' "$work/said" &&
        grep -q '^| generator | [1-9]' "$work/said" &&
        grep -q '^Process 2: resident [1-9]' "$work/said"
}
is_noticed() {
    code=0
    SERVICE="$builddir/tests/load/gullible.fcgi" soak || code=$?
    [ "$code" -ne 0 ] &&
        grep -q '^soak: FATAL: pid .* accepted' "$work/complained"
}

ok 'six seconds of all kinds of visitors' goes_well
ok 'its chart is an SVG with a line for each process' is_svg
ok 'its report has requests, classes and processes' reports
ok 'a service that accepts what it should not is noticed' is_noticed
plan
