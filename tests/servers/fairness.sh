#!/bin/sh
# With two workers, 64 unfinished requests and 8 clients that never pause, 100
# visitors are answered.
. "$(dirname "$0")/lib.sh"

# said NAME: a number of fairness.py
said() {
	sed -n "s/^$1 //p" "$T/said"
}

prepare
start_listening --workers 2
PYTHONDONTWRITEBYTECODE=1 python3 "$SRC/tests/servers/fairness.py" \
	"$T/run/captcha.sock" >"$T/said" 2>"$T/fairness.log"
is '100 visitors get a challenge' 100 "$(said visitors)"
is 'while 64 requests are unfinished' 64 "$(said unfinished)"
is 'and 8 clients on kept connections are answered all along' 8 "$(said busy)"
echo "# the slowest visitor waited $(said slowest_ms) ms"
echo "# each busy client had $(said busy_least) to $(said busy_most) answers"
echo "# $(said replaced) unfinished requests were ended, and begun again"
finish
