#!/bin/sh
# Streams that no web server sends, to the socket itself: no worker dies, each
# connection ends, and other requests are answered.
. "$(dirname "$0")/lib.sh"

workers() {
	cat "/proc/$service/task/$service/children"
}
both_live() {
	[ "$(workers | wc -w)" -eq 2 ]
}

prepare
start_listening --workers 2
wait_for both_live || bail 'the master starts no workers'
before=$(workers)
PYTHONDONTWRITEBYTECODE=1 python3 "$SRC/tests/servers/raw_streams.py" \
	"$T/run/captcha.sock" >"$T/verdicts" 2>"$T/raw-streams.log"
is 'all 40 streams were sent' 40 "$(wc -l <"$T/verdicts")"
tab=$(printf '\t')
while IFS=$tab read -r verdict name; do
	is "$name" ok "$verdict"
done <"$T/verdicts"
is 'both workers live' "$before" "$(workers)"
is 'and none was replaced' '' "$(grep event=worker-died "$T/service.log")"
finish
