# Ending, dying and reading settings again. No time is measured here but
# against a generous bound: what hangs is caught, what is slow is not.
. "$CF_SRCDIR/tests/shell/lib.sh"

# gone PID: it is no longer there.
gone()
{
	! kill -0 "$1" 2>/dev/null
}

workers()
{
	pgrep -P "$SERVICE" || :
}

for mode in fcgi spawn; do
	for signal in TERM INT USR1; do
		new_world
		start $mode
		check "$mode: SIG$signal ends an idle service with 0" '
			issue && kill -$signal $SERVICE &&
			soon gone_or_zombie $SERVICE && wait $SERVICE &&
			SERVICE='
		[ -z "$SERVICE" ] || stop || :
	done
done 2>/dev/null

finish
